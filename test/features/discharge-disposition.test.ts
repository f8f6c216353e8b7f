import assert from 'node:assert/strict';
import { snomed } from './sample-chart.ts';
import { asked, said } from './small-vocabulary.ts';

const nubc = 'https://www.nubc.org/CodeSystem/PatDischargeStatus';
const synthea = 'http://www.nubc.org/patient-discharge';
const nubcOid = 'urn:oid:2.16.840.1.113883.6.301.5';
const v2 = 'http://terminology.hl7.org/CodeSystem/v2-0112';
const hl7 = 'http://terminology.hl7.org/CodeSystem/discharge-disposition';
const oracle = 'https://fhir.cerner.com/ec2458f2-1e24-41c8-b71b-0e701af7583d/codeSet/19';

const stay = (disposition: unknown, more: object = {}): object => ({
  resourceType: 'Encounter',
  id: 'stay',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  period: { start: '2026-06-10T10:00:00Z', end: '2026-06-15T11:00:00Z' },
  hospitalization: { dischargeDisposition: disposition },
  ...more,
});
const leaves = (disposition: unknown, more: object = {}): unknown =>
  said(
    asked(
      { from: { kind: 'encounter', field: 'dischargeDisposition' }, pick: 'latest' },
      { resources: [stay(disposition, more)], encounterId: 'stay' },
    ),
  );
const coded = (...codes: readonly (readonly [system: string, code: string])[]): object => ({
  coding: codes.map(([system, code]) => ({ system, code })),
});

describe('discharge disposition', () => {
  const rows: readonly (readonly [word: string, ...codes: readonly (readonly [string, string])[]])[] = [
    ['home', [nubc, '01'], [nubc, '1'], [nubc, '06'], [nubc, '81'], [synthea, '01'], [hl7, 'home']],
    ['home', [hl7, 'alt-home'], [hl7, 'HOME'], [snomed, '306689006'], [v2, '01'], [nubcOid, '01']],
    ['hospital', [nubc, '02'], [nubc, '05'], [nubc, '66'], [nubc, '82'], [snomed, '306701001']],
    ['other-facility', [nubc, '03'], [nubc, '62'], [nubc, '63'], [nubc, '65'], [nubc, '90']],
    ['other-facility', [hl7, 'other-hcf'], [hl7, 'snf'], [hl7, 'rehab'], [hl7, 'long'], [hl7, 'psy']],
    ['other-facility', [v2, '05'], [snomed, '306694006']],
    ['hospice', [nubc, '50'], [nubc, '51'], [hl7, 'hosp']],
    ['hospice', [snomed, '428361000124107'], [snomed, '428371000124100']],
    ['against-advice', [nubc, '07'], [hl7, 'aadvice'], [snomed, '225928004']],
    ['expired', [nubc, '20'], [nubc, '41'], [synthea, '20'], [hl7, 'exp'], [snomed, '371828006']],
    ['other', [nubc, '21'], [nubc, '69'], [hl7, 'oth'], [snomed, '306705005']],
  ];
  for (const [word, ...codes] of rows)
    for (const [system, code] of codes)
      it(`${code} of ${system} is ${word}`, () => assert.equal(leaves(coded([system, code])), word));

  it('takes the code it knows beside a local one (Oracle), and the same thing said twice (Epic)', () => {
    assert.equal(leaves(coded([oracle, '638671'], [hl7, 'home'])), 'home');
    assert.equal(leaves(coded([nubc, '50'], [hl7, 'hosp'])), 'hospice');
  });

  it('is no guess', () => {
    assert.equal(leaves(undefined), 'missing: not-recorded');
    assert.equal(leaves({ coding: [] }), 'missing: not-recorded');
    assert.equal(leaves({ text: 'Home' }), 'missing: unsuitable');
    assert.equal(leaves(coded([oracle, '638671'])), 'missing: unsuitable');
    assert.equal(leaves(coded([nubc, '30'])), 'missing: unsuitable');
    assert.equal(leaves(coded([nubc, '01'], [hl7, 'exp'])), 'missing: conflicting');
    assert.equal(leaves(coded([hl7, 'home']), { status: 'planned' }), 'missing: unsuitable');
    assert.equal(leaves(coded([hl7, 'home']), { id: 'other' }), 'missing: not-recorded');
  });

  it('is a word of the shipped vocabulary, with the stay as its source', () => {
    const feature = asked(
      { from: { kind: 'encounter', field: 'dischargeDisposition' }, pick: 'latest' },
      { resources: [stay(coded([synthea, '01']))], encounterId: 'Encounter/stay' },
    );
    assert.equal(feature.kind, 'observed');
    assert.deepEqual(feature.kind === 'observed' && feature.sources, [
      { reference: 'Encounter/stay', at: '2026-06-10T10:00:00Z', display: 'Value', value: '01' },
    ]);
  });
});
