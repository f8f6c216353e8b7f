/** Decisions of every kind beside the explained one: scores, several models, findings, benefit, cards alone. */
import type { Card } from 'cds-hooks-types';
import type { Feature, FeatureValue } from '../../src/features/feature.ts';
import type { Digest, Result } from '../../src/inference/model.ts';
import type {
  Decision,
  FindingRecord,
  ModelRecord,
  OutputRecord,
  ValueRecord,
} from '../../src/ledger/decision.ts';
import { decision } from './decision-fixture.ts';

const digest = `sha256:${'5a'.repeat(32)}` as Digest;
const recently = '2026-11-20T08:45:00Z';

const value = (name: string, label: string, given: FeatureValue, unit?: string): ValueRecord => {
  const reference = `Observation/${name}`;
  const feature: Feature =
    given === false
      ? { kind: 'observed', value: false, sources: [] }
      : {
          kind: 'observed',
          value: given,
          at: recently,
          sources: [{ reference, value: given, at: recently }],
        };
  const base = { name, label, group: name, groupLabel: label, role: 'input', feature } as const;
  return { ...base, ...(unit === undefined ? {} : { unit }) };
};
const points = (model: string, name: string, label: string, given: number, max: number): OutputRecord => {
  return { model, name, label, unit: '{points}', value: given, range: { min: 0, max } };
};
const card = (summary: string, indicator: Card['indicator'] = 'info'): Card => {
  return { uuid: summary, summary, indicator, source: { label: 'Source' } };
};
const modelOf = (id: string, title: string): ModelRecord => {
  const facts = { citation: `${title}.`, intendedUse: 'Informs a decision.', population: 'Adults.' };
  const status = { regulatoryTier: 'non-device-cds', license: 'Apache-2.0', reviewBy: '2027-11-20' };
  return {
    id,
    title,
    version: '1.0.0',
    digest,
    ...facts,
    validation: 'Published.',
    cautions: ['One.'],
    ...status,
  };
};
const predicted = (
  model: string,
  outputs: readonly OutputRecord[],
  labels: Record<string, string> = {},
): Result => ({
  kind: 'prediction',
  model,
  version: '1.0.0',
  digest,
  row: {},
  outputs: Object.fromEntries(outputs.map(({ name, value: given }) => [name, given])),
  labels,
});
const { explanation: _, ...unexplained } = decision;
const quiet = { ...unexplained, values: [], results: [], outputs: [], models: [], cards: [] };

const newsOutputs: readonly OutputRecord[] = [
  points('news2', 'news2', 'NEWS2 score', 11, 20),
  points('news2', 'respiratory_rate_points', 'Points for respiratory rate', 3, 3),
  points('news2', 'spo2_points', 'Points for oxygen saturation', 2, 3),
  points('news2', 'supplemental_o2_points', 'Points for supplemental oxygen', 2, 2),
  points('news2', 'systolic_bp_points', 'Points for systolic blood pressure', 2, 3),
  points('news2', 'heart_rate_points', 'Points for heart rate', 2, 3),
  points('news2', 'acvpu_points', 'Points for level of consciousness', 0, 3),
  points('news2', 'temperature_points', 'Points for temperature', 0, 3),
];

/** NEWS2: a sum with points per component and a band. */
export const news: Decision = {
  ...quiet,
  service: 'deterioration',
  package: 'deterioration',
  title: 'Deterioration',
  reason: 'high',
  outputs: newsOutputs,
  results: [predicted('news2', newsOutputs, { risk: 'high', scale: 'scale_1' })],
  models: [modelOf('news2', 'NEWS2 (Royal College of Physicians 2017)')],
  cards: [card('NEWS2 11 points, 4 points twelve hours before', 'critical')],
  values: [
    value('respiratoryRate', 'Respiratory rate', 26, '/min'),
    value('oxygenSaturation', 'Oxygen saturation', 92, '%'),
    value('oxygenSaturationScale', 'SpO2 scale', 1, '1'),
    value('supplementalOxygen', 'Supplemental oxygen', true),
    value('currentSystolicBloodPressure', 'Systolic blood pressure', 98, 'mm[Hg]'),
    value('heartRate', 'Heart rate', 118, '/min'),
    value('consciousness', 'Level of consciousness', 'alert'),
    value('bodyTemperature', 'Body temperature', 37.9, 'Cel'),
  ],
};

const laceOutputs: readonly OutputRecord[] = [
  points('lace', 'lace', 'LACE index', 15, 19),
  points('lace', 'length_points', 'Points for length of stay', 5, 7),
  points('lace', 'acute_points', 'Points for acute admission', 3, 3),
  points('lace', 'comorbidity_points', 'Points for comorbidity', 5, 5),
  points('lace', 'emergency_points', 'Points for emergency visits', 2, 4),
  {
    model: 'lace',
    name: 'expected_30d',
    label: 'Expected probability of death or unplanned readmission within 30 days',
    horizon: 'P30D',
    unit: '1',
    value: 0.267,
  },
];

/** Two models, one of which does not answer; two cards. */
export const readmission: Decision = {
  ...quiet,
  service: 'readmission',
  package: 'readmission',
  title: 'Readmission',
  hook: 'encounter-discharge',
  reason: 'high',
  outputs: laceOutputs,
  results: [
    predicted('lace', laceOutputs),
    {
      kind: 'abstention',
      model: 'hospital',
      version: '1.0.0',
      digest,
      because: [
        {
          input: 'sodium_lt_135',
          value: 'sodiumBelow135AtDischarge',
          reason: 'missing',
          detail: 'not-recorded',
        },
      ],
    },
  ],
  models: [
    modelOf('lace', 'LACE index (van Walraven 2010)'),
    modelOf('hospital', 'HOSPITAL score (Donzé 2013)'),
  ],
  cards: [
    card('LACE index 15 points: high risk of readmission', 'warning'),
    card('No visit is booked within 7 days'),
  ],
  values: [
    value('lengthOfStay', 'Length of stay', 8, 'd'),
    value('acuteAdmission', 'Acute admission', true),
    value('charlsonIndex', 'Charlson comorbidity index', 5, '{points}'),
    value('emergencyVisits', 'Emergency visits in the last 6 months', 2, '{visits}'),
    {
      ...value('sodiumBelow135AtDischarge', 'Sodium below 135 at discharge', true),
      feature: { kind: 'missing', reason: 'not-recorded', sources: [] },
    },
  ],
};

const strokeOutputs: readonly OutputRecord[] = [
  points('cha2ds2-vasc', 'cha2ds2_vasc', 'CHA2DS2-VASc', 5, 9),
  points('cha2ds2-vasc', 'cha2ds2_va', 'CHA2DS2-VA', 4, 8),
];

/** A score that gives no points per item. */
export const fibrillation: Decision = {
  ...quiet,
  service: 'atrial-fibrillation',
  package: 'atrial-fibrillation',
  title: 'Atrial fibrillation',
  reason: 'no-anticoagulant',
  outputs: strokeOutputs,
  results: [predicted('cha2ds2-vasc', strokeOutputs)],
  models: [modelOf('cha2ds2-vasc', 'CHA2DS2-VASc and CHA2DS2-VA')],
  cards: [card('Atrial fibrillation, CHA2DS2-VASc 5 points, no anticoagulant on record', 'warning')],
  values: [
    value('age', 'Age', 76, 'a'),
    value('sex', 'Sex', 'female'),
    value('hypertension', 'Hypertension', true),
    value('diabetes', 'Diabetes', true),
    value('heartFailure', 'Heart failure', false),
    value('strokeOrTia', 'Stroke or TIA', false),
    value('vascularDisease', 'Vascular disease', false),
  ],
};

export const findings: readonly FindingRecord[] = [
  {
    kind: 'interaction',
    rule: 'warfarin-nsaid',
    severity: 'critical',
    order: 'MedicationRequest/draft-1',
    words: {
      subject: 'ibuprofen',
      other: 'warfarin',
      problem: 'major bleeding',
      advice: 'Consider acetaminophen; if an NSAID must be given, add a proton-pump inhibitor and check INR',
    },
    because: ['Age 68 years raises the risk of bleeding', 'INR 2.8 three days ago'],
    unknown: ['History of gastrointestinal bleeding: the list of problems could not be read'],
    values: ['inr', 'age'],
    source: {
      label: 'Label of warfarin sodium (FDA)',
      url: 'https://ehr.example.org/fhir/label',
    },
  },
  {
    kind: 'renal-dose',
    rule: 'ibuprofen-low-egfr',
    severity: 'warning',
    order: 'MedicationRequest/draft-1',
    words: { subject: 'ibuprofen', other: '', problem: 'kidney function may get worse', advice: '' },
    because: [],
    unknown: [],
    values: [],
    source: { label: 'A guideline without an address', url: 'javascript:alert(1)' },
  },
];

/** Findings about a draft order, without a model. */
export const orders: Decision = {
  ...quiet,
  service: 'order-safety-order-select',
  package: 'order-safety',
  title: 'Order safety',
  hook: 'order-select',
  reason: 'interaction',
  findings,
  cards: [
    card('ibuprofen and warfarin: major bleeding', 'critical'),
    card('ibuprofen: kidney function may get worse', 'warning'),
  ],
  values: [value('inr', 'INR', 2.8, '{INR}'), value('age', 'Age', 68, 'a')],
};

const risk = (name: string, label: string, given: number): OutputRecord => {
  return { model: 'statin-benefit', name, label, horizon: 'P10Y', unit: '1', value: given };
};
const treated = (prefix: string, numbers: readonly [number, number, number, number]): OutputRecord[] => {
  const [under, arr, low, high] = numbers;
  const plain = (name: string, given: number): OutputRecord => {
    return { model: 'statin-benefit', name: `${prefix}_${name}`, label: name, unit: '1', value: given };
  };
  return [
    risk(`${prefix}_10yr_ascvd`, '10-year risk of atherosclerotic cardiovascular disease', under),
    plain('arr', arr),
    plain('arr_low', low),
    plain('arr_high', high),
    plain('nnt', 1 / arr),
    plain('nnt_low', 1 / high),
    plain('nnt_high', 1 / low),
  ];
};
const benefitOutputs: readonly OutputRecord[] = [
  risk('10yr_ascvd', '10-year risk of atherosclerotic cardiovascular disease', 0.124),
  ...treated('moderate_intensity', [0.098, 0.026, 0.0231, 0.0287]),
  ...treated('high_intensity', [0.084, 0.04, 0.0362, 0.0441]),
];

/** The explained risk, and beside it what treatment would change. */
export const benefit: Decision = {
  ...decision,
  outputs: [...decision.outputs, ...benefitOutputs],
  results: [...decision.results, predicted('statin-benefit', benefitOutputs)],
  models: [...decision.models, modelOf('statin-benefit', 'Statin benefit')],
  cards: [card('10-year ASCVD risk 9.9 %: what a statin would change')],
};

/** Rules alone: no model, no finding. */
export const cardsAlone: Decision = {
  ...quiet,
  service: 'heart-failure',
  package: 'heart-failure',
  title: 'Heart failure',
  reason: 'pillars',
  cards: [card('HFrEF: no MRA and no SGLT2 inhibitor on record'), card('NT-proBNP was last measured in May')],
  values: [value('lvef', 'Ejection fraction', 31, '%')],
};
