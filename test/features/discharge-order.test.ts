import assert from 'node:assert/strict';
import { drug, prescription } from './sample-chart.ts';
import { asked, said, shipped, statin } from './small-vocabulary.ts';

const atorvastatin = drug('617310');
const stay = {
  resourceType: 'Encounter',
  id: 'stay',
  status: 'in-progress',
  class: { code: 'IMP' },
  period: { start: '2026-06-10T10:00:00Z' },
};
const category = [
  {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/medicationrequest-category', code: 'discharge' },
    ],
  },
];
const ofStay = { encounter: { reference: 'Encounter/stay' } };
/** QI-Core Medication, Discharge. */
const discharge = (more: object = {}, concept: object = atorvastatin): object =>
  prescription(concept, { status: 'completed', category, authoredOn: '2026-06-15', ...more });

const ask = (resources: readonly object[], more: object = {}, from: object = {}): unknown =>
  said(
    asked(
      { from: { kind: 'medication', valueSet: statin, includes: ['discharge'], ...from }, pick: 'any' },
      { resources, encounterId: 'stay', ...more },
    ),
  );

describe('ordered for the discharge', () => {
  const rows: readonly (readonly [rule: string, given: readonly object[], expect: boolean | string])[] = [
    ['a completed order of this stay', [stay, discharge(ofStay)], true],
    ['a plan', [stay, discharge({ ...ofStay, intent: 'plan' })], true],
    ['by an absolute reference', [discharge({ encounter: { reference: 'https://e/Encounter/stay' } })], true],
    ['named by no stay, written during it', [stay, discharge()], true],
    ['an active one', [discharge({ status: 'active' })], true],
    ['of another stay', [stay, discharge({ encounter: { reference: 'Encounter/before' } })], false],
    ['written before this stay', [stay, discharge({ authoredOn: '2026-06-08' })], false],
    ['what nothing places is no "no"', [discharge()], 'missing: invalid-date'],
    ['nor what nothing dates', [stay, discharge({ authoredOn: undefined })], 'missing: invalid-date'],
    ['another drug that nothing places', [discharge({}, drug('860975'))], false],
    ['a completed order of the ward', [stay, discharge({ ...ofStay, category: undefined })], false],
    ['a stopped one', [stay, discharge({ ...ofStay, status: 'stopped' })], false],
    ['a cancelled one', [stay, discharge({ ...ofStay, status: 'cancelled' })], false],
    ['a proposal', [stay, discharge({ ...ofStay, intent: 'proposal' })], false],
    ['an order not to give', [stay, discharge({ ...ofStay, doNotPerform: true })], false],
    ['in words alone is no "no"', [stay, discharge(ofStay, { text: 'atorvastatin' })], 'missing: unsuitable'],
  ];
  for (const [rule, given, expect] of rows) it(rule, () => assert.equal(ask(given), expect));

  it('is not looked for where the entry does not ask', () => {
    assert.equal(ask([stay, discharge(ofStay)], {}, { includes: undefined }), false);
  });

  it('takes the visit in progress where the hook names none', () => {
    assert.equal(ask([stay, discharge(ofStay)], { encounterId: undefined }), true);
  });

  it('needs the past orders', () => {
    const supply = { medicationHistory: { state: 'not-supplied' } };
    assert.equal(ask([stay], { supply }), 'missing: not-supplied');
    assert.equal(ask([stay, prescription(atorvastatin)], { supply }), true);
  });

  it('serves the drugs of a stroke', () => {
    const given = (code: string): object => ({
      resources: [stay, discharge(ofStay, drug(code))],
      encounterId: 'stay',
    });
    assert.equal(shipped('statinAtDischarge', given('617311')), true);
    assert.equal(shipped('antiplateletAtDischarge', given('243670')), true);
    assert.equal(shipped('anticoagulantOralAtDischarge', given('1364445')), true);
    assert.equal(shipped('statin', given('617311')), false);
  });
});
