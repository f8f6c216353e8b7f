import assert from 'node:assert/strict';
import { snomed } from './sample-chart.ts';
import { shipped } from './small-vocabulary.ts';

const visit = (more: object): object => ({
  resourceType: 'Encounter',
  id: 'visit',
  status: 'finished',
  class: { code: 'IMP' },
  period: { start: '2026-03-01', end: '2026-03-09' },
  ...more,
});
const typed = (code: string, more: object = {}): object =>
  visit({ type: [{ coding: [{ system: snomed, code }] }], ...more });
const left = (code: string): object =>
  visit({ hospitalization: { dischargeDisposition: { coding: [{ system: snomed, code }] } } });

describe('hospice, by a visit', () => {
  const rows: readonly (readonly [rule: string, given: readonly object[], expect: boolean | string])[] = [
    ['none on record', [], false],
    ['an admission to hospice (quality measures)', [typed('305336008')], true],
    ['care by a hospice, under way', [typed('385763009', { status: 'in-progress' })], true],
    [
      'under way since long ago',
      [typed('385763009', { status: 'in-progress', period: { start: '2024-01-01' } })],
      true,
    ],
    ['long over', [typed('305336008', { period: { start: '2022-01-01', end: '2022-01-09' } })], false],
    ['planned or cancelled', [typed('305336008', { status: 'cancelled' })], false],
    ['the patient left to a hospice', [left('428361000124107')], true],
    ['the patient left home', [left('306689006')], false],
    ['a visit of another type', [typed('185349003')], false],
    ['only words call it so', [visit({ type: [{ text: 'Hospice - routine' }] })], 'missing: unsuitable'],
  ];
  for (const [rule, resources, expect] of rows) {
    it(rule, () => assert.equal(shipped('hospiceVisit', { resources }), expect));
  }
});

describe('leaves elsewhere', () => {
  const rows: readonly (readonly [rule: string, given: readonly object[], expect: boolean])[] = [
    ['to a hospice', [left('428361000124107')], true],
    ['to another hospital', [left('306701001')], true],
    ['home', [left('306689006')], false],
    ['nothing on record', [visit({})], false],
    ['no visit on record', [], false],
  ];
  for (const [rule, resources, expect] of rows) {
    it(rule, () => assert.equal(shipped('leavesElsewhere', { resources, encounterId: 'visit' }), expect));
  }
});
