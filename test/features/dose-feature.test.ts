import assert from 'node:assert/strict';
import type { MedicationRequest } from '@medplum/fhirtypes';
import { doseFeature } from '../../src/features/dose-feature.ts';
import type { EntryFrom } from '../../src/features/entry.ts';
import type { Feature } from '../../src/features/feature.ts';
import { contextOf, daily, every, type InForce, order, products, tablets, take } from './dose-orders.ts';

const entry = (set: string, unit: string): EntryFrom<'dose'> => ({
  name: 'amount',
  label: 'Amount',
  group: 'doses',
  from: { kind: 'dose', valueSet: `urn:auscult:ValueSet:${set}` },
  unit,
  pick: 'latest',
});
const statins = (parts: InForce): Feature => doseFeature(entry('statin', 'mg/d'), contextOf(parts));
const told = (feature: Feature): unknown => (feature.kind === 'missing' ? feature.reason : feature.value);

const atorvastatin = (id: string, count = 1): MedicationRequest =>
  order(products.atorvastatin40, [take(tablets(count), daily)], { id });
const active = (request: MedicationRequest, more: object = {}) => ({ ...request, status: 'active', ...more });

describe('amount of a drug set a day', () => {
  const cases: readonly (readonly [string, InForce, unknown])[] = [
    ['nothing prescribed', {}, 0],
    ['one active', { active: [active(atorvastatin('a'))] }, 40],
    ['a draft', { drafts: [atorvastatin('a', 2)] }, 80],
    ['active and draft together', { active: [active(atorvastatin('a'))], drafts: [atorvastatin('b')] }, 80],
    ['a draft of the same id', { active: [active(atorvastatin('a'))], drafts: [atorvastatin('a', 2)] }, 80],
    [
      'a draft that names what it replaces',
      {
        active: [active(atorvastatin('a'))],
        drafts: [{ ...atorvastatin('b', 2), priorPrescription: { reference: 'MedicationRequest/a' } }],
      },
      80,
    ],
    [
      'another drug',
      { active: [active(order(products.apixaban5, [take(tablets(1), every(2, 1, 'd'))]))] },
      0,
    ],
    ['one that ended', { active: [{ ...atorvastatin('a'), status: 'stopped' }] }, 0],
    ['a proposal on record', { active: [active(atorvastatin('a'), { intent: 'proposal' })] }, 0],
    ['an order not to give it', { active: [active(atorvastatin('a'), { doNotPerform: true })] }, 0],
    ['a draft not to give it', { drafts: [{ ...atorvastatin('a'), doNotPerform: true }] }, 0],
    [
      'a dose in words',
      { active: [active(order(products.atorvastatin40, [{ text: 'one daily' }]))] },
      'unsuitable',
    ],
    [
      'a drug in words',
      { active: [active({ ...atorvastatin('a'), medicationCodeableConcept: { text: 'Lipitor 40' } })] },
      'unsuitable',
    ],
    [
      'a drug without a word',
      { active: [active({ ...atorvastatin('a'), medicationCodeableConcept: {} })] },
      'unsuitable',
    ],
    [
      'a drug described elsewhere',
      {
        active: [
          active({
            ...atorvastatin('a'),
            medicationCodeableConcept: undefined,
            medicationReference: { reference: 'Medication/9' },
          } as never),
        ],
      },
      'fetch-failed',
    ],
    ['no list', { list: false }, 'not-supplied'],
  ];
  for (const [what, parts, expected] of cases)
    it(`${what}: ${expected}`, () => assert.equal(told(statins(parts)), expected));

  it('names what it added up', () => {
    const feature = statins({ active: [active(atorvastatin('a'))] });
    assert.ok(feature.kind === 'observed');
    assert.deepEqual(feature.notes, ['atorvastatin 40 mg/d']);
    assert.deepEqual(feature.sources, [{ reference: 'MedicationRequest/a', display: 'atorvastatin' }]);
  });

  it('counts a rate only where the value is a rate', () => {
    const patch = order(products.fentanylPatch25, [take({ value: 1, unit: 'patch' }, every(1, 72, 'h'))]);
    const as = (unit: string) => told(doseFeature(entry('opioid', unit), contextOf({ drafts: [patch] })));
    assert.equal(as('ug/h'), 25);
    assert.equal(as('[iU]/d'), 'unsuitable');
    assert.equal(as('mg/d'), 'unsuitable');
    const lozenge = order('310295', [take({ value: 1, unit: 'lozenge' }, every(4, 1, 'd'))]);
    const rate = doseFeature(entry('opioid', 'ug/h'), contextOf({ drafts: [lozenge] }));
    assert.equal(told(rate), 'unsuitable');
  });
});
