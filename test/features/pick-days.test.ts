import assert from 'node:assert/strict';
import type { Feature } from '../../src/features/feature.ts';
import { bloodPressure, lab } from './sample-chart.ts';
import { asked, said, shipped } from './small-vocabulary.ts';

const glucose = {
  from: {
    kind: 'observation',
    codes: [{ system: 'http://loinc.org', code: '2345-7', display: 'Glucose', property: 'MCnc' }],
    substance: 'glucose',
  },
  pick: { days: 'mg/dL' },
  unit: '{days}',
  lookback: 'P10D',
  plausible: [10, 1000],
};
const at = (day: number, value: unknown): object =>
  lab('2345-7', value, 'mg/dL', `2026-06-${String(day).padStart(2, '0')}T08:00:00Z`);
const picked = (resources: readonly object[]): Feature => asked(glucose, { resources });

const rows: readonly {
  readonly rule: string;
  readonly given: readonly object[];
  readonly expect: number | string;
}[] = [
  { rule: 'two readings of one visit are one', given: [at(8, 90), at(8, 95), at(9, 90)], expect: 2 },
  { rule: 'one that cannot be used is none', given: [at(8, 'x'), at(9, 5000), at(10, 90)], expect: 1 },
  { rule: 'a usable one of the same day counts', given: [at(8, 'x'), at(8, 90)], expect: 1 },
  { rule: 'none within the look-back', given: [at(1, 90)], expect: 0 },
  { rule: 'none at all', given: [], expect: 0 },
  { rule: 'the day is the writer’s own', given: dayAcrossZones(), expect: 2 },
  { rule: 'a month is no day', given: [lab('2345-7', 90, 'mg/dL', '2026-06')], expect: 0 },
  {
    rule: 'an undated one leaves it open',
    given: [at(8, 90), lab('2345-7', 90, 'mg/dL', undefined)],
    expect: 'missing: invalid-date',
  },
  { rule: 'one of the future too', given: [at(20, 90)], expect: 'missing: invalid-date' },
];

/** The same UTC day, two days where it was written. */
function dayAcrossZones(): readonly object[] {
  return ['2026-06-10T23:30:00-07:00', '2026-06-11T00:30:00-07:00'].map((when) =>
    lab('2345-7', 90, 'mg/dL', when),
  );
}

describe('days with a reading', () => {
  for (const { rule, given, expect } of rows) it(rule, () => assert.equal(said(picked(given)), expect));

  it('names the ones it counted, and how many it left out', () => {
    const feature = picked([at(8, 'x'), at(9, 90)]);
    assert.equal(feature.kind === 'observed' && feature.sources.length, 1);
    assert.deepEqual(feature.kind === 'observed' && feature.notes, [
      'on 1 day within P10D',
      '1 reading was left out',
    ]);
  });

  it('converts each reading before it is judged', () => {
    const molar = lab('2345-7', 5, 'mmol/L', '2026-06-13T08:00:00Z');
    const codes = [{ system: 'http://loinc.org', code: '2345-7', display: 'Glucose' }];
    const from = { ...glucose.from, codes };
    assert.equal(said(asked({ ...glucose, from }, { resources: [molar, at(14, 90)] })), 2);
  });

  it('tells two occasions from two readings of one: blood pressure outside hospital', () => {
    const days = (...resources: readonly object[]): unknown =>
      shipped('bloodPressureReadings', { resources });
    const once = [bloodPressure(160, '2026-06-01T09:00:00Z'), bloodPressure(150, '2026-06-01T09:05:00Z')];
    assert.equal(days(...once), 1);
    assert.equal(days(...once, bloodPressure(150, '2026-06-03T09:05:00Z')), 2);
    assert.equal(days(...once, bloodPressure(1500, '2026-06-03T09:05:00Z')), 1);
  });
});
