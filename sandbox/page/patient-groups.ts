/** The patient list by what the charts show. A chart that is not named here stands under "More". */
export interface PatientGroup {
  readonly title: string;
  readonly patients: readonly string[];
}

export const patientGroups: readonly PatientGroup[] = [
  {
    title: 'Cardiovascular risk',
    patients: [
      'high-risk-untreated',
      'intermediate-risk',
      'borderline',
      'low-risk',
      'diabetes-ckd',
      'known-ascvd',
      'treated',
      'statin-allergy',
      'pregnant',
      'age-80',
    ],
  },
  {
    title: 'Values not to be guessed',
    patients: [
      'missing-cholesterol',
      'stale-labs',
      'unit-less-lab',
      'wrong-unit',
      'molar-units',
      'implausible-value',
      'conflicting-readings',
    ],
  },
  { title: 'Atrial fibrillation', patients: ['af-no-anticoagulant', 'af-mechanical-valve', 'af-treated'] },
  {
    title: 'Pressure, kidney, diabetes',
    patients: ['stage-2-hypertension', 'ckd-diabetes-no-sglt2', 'ckd-progressing', 'type2-ascvd-no-glp1'],
  },
  { title: 'Heart failure', patients: ['hfref-missing-pillars', 'hfref-treated'] },
  { title: 'Liver and prevention', patients: ['fibrosis-risk', 'prevention-gaps'] },
  {
    title: 'In hospital',
    patients: [
      'inpatient-deteriorating',
      'inpatient-stable',
      'discharge-readmission',
      'stroke-discharge-no-antithrombotic',
    ],
  },
  {
    title: 'Orders to sign',
    patients: [
      'warfarin-new-nsaid',
      'penicillin-allergy',
      'metformin-low-egfr',
      'pregnant-ace-inhibitor',
      'opioid-benzodiazepine',
      'opioid-cancer',
      'older-adult-benzodiazepine',
    ],
  },
];

/** The groups with those of `listed` that belong to them, in the order of `listed`; empty groups are left out. */
export function grouped<Listed extends { readonly id: string }>(
  listed: readonly Listed[],
): readonly { readonly title: string; readonly patients: readonly Listed[] }[] {
  const named = new Set(patientGroups.flatMap(({ patients }) => patients));
  const groups = patientGroups.map(({ title, patients }) => ({
    title,
    patients: listed.filter(({ id }) => patients.includes(id)),
  }));
  const others = { title: 'More', patients: listed.filter(({ id }) => !named.has(id)) };
  return [...groups, others].filter(({ patients }) => patients.length > 0);
}
