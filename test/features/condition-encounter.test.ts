import assert from 'node:assert/strict';
import { clinically, condition, icd10cm, snomed, verified } from './sample-chart.ts';
import { asked, said, scan, shipped } from './small-vocabulary.ts';

const ofStay = { encounter: { reference: 'Encounter/stay' } };
const stay = (more: object = {}): object => ({
  resourceType: 'Encounter',
  id: 'stay',
  status: 'in-progress',
  class: { code: 'IMP' },
  period: { start: '2026-06-10' },
  ...more,
});
const diagnosing = (reference: string): object => stay({ diagnosis: [{ condition: { reference } }] });
const member = (more: object = {}): object => condition(snomed, 'scan1', more);

const ask = (resources: readonly object[], parts: object = {}, more: object = {}): unknown =>
  said(
    asked(
      { from: { kind: 'condition', valueSet: scan, encounter: 'current' }, pick: 'any', ...more },
      { resources, encounterId: 'stay', ...parts },
    ),
  );

describe('a diagnosis of this encounter', () => {
  const rows: readonly (readonly [rule: string, given: readonly object[], expect: boolean | string])[] = [
    ['names it (US Core encounter diagnosis)', [stay(), member(ofStay)], true],
    ['names it, though the encounter did not come', [member(ofStay)], true],
    [
      'is among its diagnoses (Encounter.diagnosis)',
      [diagnosing('Condition/c1'), member({ id: 'c1' })],
      true,
    ],
    [
      'by an absolute reference (Epic)',
      [diagnosing('https://e/api/FHIR/R4/Condition/c1'), member({ id: 'c1' })],
      true,
    ],
    ['of another encounter', [stay(), member({ encounter: { reference: 'Encounter/before' } })], false],
    ['of the problem list', [stay(), member()], false],
    ['another diagnosis of it', [stay(), condition(snomed, 'other', ofStay)], false],
    ['one that was refuted', [stay(), member({ ...ofStay, ...verified('refuted') })], false],
    ['one that nothing describes may be it', [stay(), condition(snomed, '', ofStay)], 'missing: unsuitable'],
    ['one that nothing describes elsewhere', [stay(), condition(snomed, '')], false],
    ['an encounter that did not come leaves it open', [member()], 'missing: not-recorded'],
  ];
  for (const [rule, given, expect] of rows) it(rule, () => assert.equal(ask(given), expect));

  it('is not known where the hook names no encounter, whatever is in progress', () => {
    assert.equal(ask([stay(), member(ofStay)], { encounterId: undefined }), 'missing: not-supplied');
  });

  it('is not known where the encounters did not come', () => {
    const supply = { encounters: { state: 'fetch-failed', reason: 'timeout' } };
    assert.equal(ask([member()], { supply }), 'missing: fetch-failed');
    assert.equal(ask([member(ofStay)], { supply }), true);
  });

  it('counts whether over or old only where the entry says so', () => {
    const resolved = member({ ...ofStay, ...clinically('resolved'), onsetDateTime: '2026-04-01' });
    assert.equal(ask([stay(), resolved]), false);
    assert.equal(ask([stay(), resolved], {}, { history: true }), true);
    assert.equal(ask([stay(), resolved], {}, { history: true, lookback: 'P30D' }), false);
  });
});

describe('a stroke of this stay', () => {
  const stroke = (more: object): object => condition(icd10cm, 'I63.9', more);
  const thisStay = (given: readonly object[], encounterId: string | undefined = 'stay'): unknown =>
    shipped('strokeIschemicThisStay', { resources: given, ...(encounterId && { encounterId }) });

  it('is a diagnosis of it, or began within 30 days', () => {
    const long = stay({ period: { start: '2026-04-20' } });
    assert.equal(thisStay([long, stroke({ ...ofStay, onsetDateTime: '2026-04-20' })]), true);
    assert.equal(thisStay([stay(), stroke({ onsetDateTime: '2026-06-10' })]), true);
    assert.equal(thisStay([stay(), stroke({ onsetDateTime: '2024-06-10' })]), false);
  });

  it('is recent whatever is known of the encounter, and open where neither tells', () => {
    assert.equal(thisStay([stroke({ onsetDateTime: '2026-06-10' })], ''), true);
    assert.equal(thisStay([stroke({ onsetDateTime: '2024-06-10' })], ''), 'missing: not-supplied');
  });
});
