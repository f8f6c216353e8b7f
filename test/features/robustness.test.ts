import assert from 'node:assert/strict';
import fc from 'fast-check';
import { extract } from '../../src/features/extract.ts';
import {
  allergy,
  answer,
  bloodPressure,
  chartOf,
  condition,
  drug,
  icd10cm,
  lab,
  prescription,
  snomed,
  vocabulary,
} from './sample-chart.ts';

const all = [...vocabulary.entries.keys()];
/** One value of each way to read a chart: kind, field or formula, pick, setting. */
const names = [
  ...new Map(
    [...vocabulary.entries.values()].map((entry) => {
      const { from, pick, setting, lookback } = entry;
      const rest = 'codes' in from || 'valueSet' in from ? Object.keys(from) : from;
      return [JSON.stringify([from.kind, rest, pick, setting, lookback === undefined]), entry.name] as const;
    }),
  ).values(),
];
const whole = [
  lab('2093-3', 190, 'mg/dL', '2026-01-01'),
  lab('2160-0', 1, 'mg/dL', '2026-01-01'),
  bloodPressure(130, '2026-01-01', { encounter: { reference: 'Encounter/e1' } }),
  answer('72166-2', snomed, '8517006', '2026-01-01'),
  condition(icd10cm, 'N17.9', {
    clinicalStatus: { coding: [{ code: 'active' }] },
    onsetDateTime: '2026-01-01',
    abatementPeriod: { end: '2026-02-01' },
    encounter: { reference: 'Encounter/e1' },
  }),
  prescription(drug('617310'), {
    status: 'completed',
    category: [{ coding: [{ code: 'discharge' }] }],
    encounter: { reference: 'Encounter/e1' },
    authoredOn: '2026-06-11',
  }),
  prescription(drug('617310')),
  prescription(
    {},
    {
      medicationReference: { reference: '#m' },
      contained: [{ resourceType: 'Medication', id: 'm', code: drug('617310') }],
    },
  ),
  allergy(drug('617310'), { reaction: [{ substance: drug('83367') }] }),
  {
    resourceType: 'Encounter',
    id: 'e1',
    status: 'in-progress',
    class: { code: 'IMP' },
    classHistory: [{ class: { code: 'EMER' } }],
    type: [{ coding: [{ system: snomed, code: '183452005' }] }],
    priority: { coding: [{ code: 'EM' }] },
    hospitalization: {
      admitSource: { coding: [{ code: 'emd' }] },
      dischargeDisposition: { coding: [{ system: snomed, code: '306689006' }] },
    },
    diagnosis: [{ condition: { reference: 'Condition/c1' } }],
    period: { start: '2026-06-10', end: '2026-06-14' },
    partOf: { reference: 'Encounter/e0' },
  },
  prescription(drug('617310'), {
    status: 'stopped',
    statusReason: { text: 'myalgia' },
    dispenseRequest: { validityPeriod: { end: '2026-05-01' } },
    dosageInstruction: [{ timing: { repeat: { boundsPeriod: { end: '2026-05-01' } } } }],
  }),
  {
    resourceType: 'MedicationStatement',
    id: 's1',
    status: 'not-taken',
    effectivePeriod: { start: '2026-01-01', end: '2026-02-01' },
    medicationCodeableConcept: {
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/cqf-notDoneValueSet',
          valueCanonical: 'urn:auscult:ValueSet:statin|1',
        },
      ],
    },
  },
  {
    resourceType: 'MedicationAdministration',
    id: 'a1',
    status: 'completed',
    medicationCodeableConcept: drug('617310'),
  },
  {
    resourceType: 'Procedure',
    id: 'pr1',
    status: 'not-done',
    code: { coding: [{ system: snomed, code: '73761001' }] },
    performedPeriod: { start: '2026-01-01', end: '2026-01-02' },
    extension: [
      {
        url: 'http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-recorded',
        valueDateTime: '2026-01-01',
      },
    ],
  },
  {
    resourceType: 'ServiceRequest',
    id: 'sr1',
    status: 'active',
    intent: 'order',
    doNotPerform: true,
    code: { coding: [{ system: snomed, code: '73761001' }] },
    authoredOn: '2026-01-01',
  },
  {
    resourceType: 'Communication',
    id: 'co1',
    status: 'not-done',
    topic: { text: 'advice' },
    sent: '2026-01-01',
  },
  {
    resourceType: 'Medication',
    id: 'm2',
    code: drug('617310'),
    ingredient: [{ itemCodeableConcept: drug('83367') }],
  },
];
const person = {
  birthDate: '1966-01-01',
  gender: 'female',
  extension: [
    { url: 'urn:auscult:StructureDefinition:sdi-decile', valueInteger: 3 },
    {
      url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race',
      extension: [{ url: 'ombCategory', valueCoding: { code: '2054-5' } }],
    },
  ],
};

/** All paths into a JSON value. */
function paths(
  value: unknown,
  at: readonly (string | number)[] = [],
): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inner = Object.entries(value).flatMap(([key, each]) =>
    paths(each, [...at, Array.isArray(value) ? Number(key) : key]),
  );
  return [at, ...inner];
}

/** The value with what stands at a path replaced (`undefined`: removed). */
function withChange(value: unknown, path: readonly (string | number)[], change: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return change;
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? ([...value] as never)
    : { ...(value as object) };
  const inner = withChange(copy[head], rest, change);
  if (inner === undefined && !Array.isArray(value)) delete copy[head];
  else copy[head] = inner;
  return copy;
}

describe('extract, on odd resources', () => {
  it('gives an answer for every value whatever element is missing or of another kind', () => {
    const odd = [
      undefined,
      null,
      0,
      '',
      'x',
      true,
      [],
      {},
      [null],
      [{}],
      { coding: null },
      { coding: [null] },
    ];
    for (const [position, resource] of whole.entries()) {
      for (const path of paths(resource)) {
        for (const change of odd) {
          const changed = withChange(resource, path, change);
          const resources = whole.map((each, at) => (at === position ? (changed as object) : each));
          assert.equal(
            extract(chartOf({ resources }), vocabulary, names).size,
            names.length,
            `${path.join('.')}`,
          );
        }
      }
    }
    for (const path of paths(person)) {
      for (const change of odd) {
        const patient = withChange(person, path, change);
        if (typeof patient !== 'object' || Array.isArray(patient)) continue;
        assert.equal(
          extract(chartOf({ patient }), vocabulary, names).size,
          names.length,
          `${path.join('.')}`,
        );
      }
    }
  });

  it('gives an answer for every value whatever JSON the resources hold', () => {
    const types = [
      'Observation',
      'Condition',
      'MedicationRequest',
      'Medication',
      'AllergyIntolerance',
      'Encounter',
      'MedicationStatement',
      'MedicationAdministration',
      'Procedure',
      'ServiceRequest',
      'Communication',
    ];
    const resource = fc.tuple(
      fc.constantFrom(...types),
      fc.dictionary(
        fc.constantFrom(
          'code',
          'component',
          'status',
          'valueQuantity',
          'effectiveDateTime',
          'clinicalStatus',
          'id',
          'contained',
          'reaction',
          'class',
          'period',
          'priority',
          'partOf',
          'type',
          'hospitalization',
          'performedPeriod',
          'doNotPerform',
          'statusReason',
          'medicationCodeableConcept',
          'dosageInstruction',
          'topic',
          'extension',
        ),
        fc.jsonValue(),
      ),
    );
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 4 }), (parts) => {
        const resources = parts.map(([resourceType, rest]) => ({ ...rest, resourceType }));
        assert.equal(extract(chartOf({ resources }), vocabulary, all).size, all.length);
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on the order of the resources', () => {
    const reversed = whole.toReversed();
    const one = extract(chartOf({ resources: whole }), vocabulary, all);
    const other = extract(chartOf({ resources: reversed }), vocabulary, all);
    for (const name of all) {
      const [a, b] = [one.get(name), other.get(name)];
      assert.deepEqual(
        [a?.kind, a?.kind === 'observed' && a.value],
        [b?.kind, b?.kind === 'observed' && b.value],
        name,
      );
    }
  });
});
