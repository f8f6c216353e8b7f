import assert from 'node:assert/strict';
import { icd10cm, snomed } from './sample-chart.ts';
import { shipped } from './small-vocabulary.ts';

const told = (code: object, more: object = {}): object => ({
  resourceType: 'Condition',
  id: 'told',
  clinicalStatus: { coding: [{ code: 'active' }] },
  code,
  recordedDate: '2026-05-01',
  ...more,
});
const local = 'urn:oid:1.2.3.4';

describe('a condition in words', () => {
  const rows: readonly (readonly [
    rule: string,
    name: string,
    given: readonly object[],
    expect: boolean | string,
  ])[] = [
    ['that name a member', 'cirrhosis', [told({ text: 'Cirrhosis of  liver' })], 'missing: unsuitable'],
    [
      'beside a code of the site',
      'cirrhosis',
      [told({ coding: [{ system: local, code: '7', display: 'Cirrhosis of liver' }] })],
      'missing: unsuitable',
    ],
    ['that name another', 'cirrhosis', [told({ text: 'Back pain' })], false],
    ['that only hold the name', 'cirrhosis', [told({ text: 'No cirrhosis of liver' })], false],
    [
      'beside a code of ICD that says something else',
      'cirrhosis',
      [told({ coding: [{ system: icd10cm, code: 'Q99.9' }], text: 'Cirrhosis of liver' })],
      false,
    ],
    [
      'that hold a word of the entry, whatever the code',
      'palliativeCare',
      [told({ coding: [{ system: snomed, code: '170935008' }], text: 'Full care by hospice' })],
      'missing: unsuitable',
    ],
    [
      'taken back',
      'palliativeCare',
      [told({ text: 'Hospice care' }, { verificationStatus: { coding: [{ code: 'entered-in-error' }] } })],
      false,
    ],
    [
      'beside a member',
      'cirrhosis',
      [
        told({ text: 'Cirrhosis of liver' }),
        told({ coding: [{ system: icd10cm, code: 'K74.60' }] }, { id: 'x' }),
      ],
      true,
    ],
  ];
  for (const [rule, name, resources, expect] of rows) {
    it(rule, () => assert.equal(shipped(name, { resources }), expect));
  }
});
