import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Feature } from '../../src/features/feature.ts';
import { answer, featureOf, lab, now, snomed } from './sample-chart.ts';
import { asked, said, smallVocabulary } from './small-vocabulary.ts';

const loinc = 'http://loinc.org';
const glucose = {
  from: {
    kind: 'observation',
    codes: [{ system: loinc, code: '2345-7', display: 'Glucose', property: 'MCnc' }],
    substance: 'glucose',
  },
  unit: 'mg/dL',
  plausible: [10, 1000],
  conflictAbove: 10,
};
const at = (day: number, value: unknown, more: object = {}): object =>
  lab('2345-7', value, 'mg/dL', `2026-06-${String(day).padStart(2, '0')}T08:00:00Z`, more);
const picked = (pick: unknown, resources: readonly object[], more: object = {}): Feature =>
  asked({ ...glucose, pick, lookback: 'P10D', ...more }, { resources });

const rows: readonly {
  readonly rule: string;
  readonly pick: unknown;
  readonly given: readonly object[];
  readonly more?: object;
  readonly expect: number | boolean | string;
}[] = [
  {
    rule: 'the least within the look-back',
    pick: 'min',
    given: [at(1, 50), at(8, 90), at(14, 110)],
    expect: 90,
  },
  {
    rule: 'the greatest within the look-back',
    pick: 'max',
    given: [at(1, 500), at(8, 200), at(14, 110)],
    expect: 200,
  },
  {
    rule: 'an unusable older one is passed over',
    pick: 'max',
    given: [at(8, 5000), at(9, 200), at(14, 110)],
    expect: 200,
  },
  {
    rule: 'an unusable newest one decides',
    pick: 'max',
    given: [at(8, 200), at(14, 5000)],
    expect: 'missing: implausible',
  },
  {
    rule: 'a newest instant that conflicts decides',
    pick: 'min',
    given: [at(14, 100), at(14, 190)],
    expect: 'missing: conflicting',
  },
  { rule: 'only old ones are stale', pick: 'min', given: [at(1, 50)], expect: 'missing: stale' },
  { rule: 'none is not recorded', pick: 'max', given: [], expect: 'missing: not-recorded' },
  {
    rule: 'a date that cannot be read leaves the worst open',
    pick: 'max',
    given: [at(14, 100), lab('2345-7', 90, 'mg/dL', undefined)],
    expect: 'missing: invalid-date',
  },
  {
    rule: 'distinct instants',
    pick: 'count',
    given: [at(1, 50), at(8, 90), at(8, 91), at(14, 'x')],
    more: { unit: '1' },
    expect: 2,
  },
  { rule: 'none is a count of 0', pick: 'count', given: [at(1, 50)], more: { unit: '1' }, expect: 0 },
  {
    rule: 'any record, readable or not',
    pick: 'any',
    given: [at(14, 'x')],
    more: { unit: undefined },
    expect: true,
  },
  {
    rule: 'none within the look-back is false',
    pick: 'any',
    given: [at(1, 50)],
    more: { unit: undefined },
    expect: false,
  },
  {
    rule: 'a cancelled one is no record',
    pick: 'any',
    given: [at(14, 90, { status: 'cancelled' }), at(14, 90, { status: 'entered-in-error' })],
    more: { unit: undefined },
    expect: false,
  },
  {
    rule: 'one that was not done is no record',
    pick: 'any',
    given: [
      at(14, 1, { valueQuantity: undefined, dataAbsentReason: { coding: [{ code: 'not-performed' }] } }),
    ],
    more: { unit: undefined },
    expect: false,
  },
  {
    rule: 'one of the future is no "no"',
    pick: 'any',
    given: [at(20, 90)],
    more: { unit: undefined },
    expect: 'missing: invalid-date',
  },
  {
    rule: 'an undated one is no "no"',
    pick: 'any',
    given: [lab('2345-7', 90, 'mg/dL', undefined)],
    more: { unit: undefined },
    expect: 'missing: invalid-date',
  },
  {
    rule: 'without a look-back the date does not matter',
    pick: 'any',
    given: [lab('2345-7', 90, 'mg/dL', undefined)],
    more: { unit: undefined, lookback: undefined },
    expect: true,
  },
  {
    rule: 'the newest at least that long before the newest of all',
    pick: { latestBefore: 'P3D' },
    given: [at(8, 90), at(10, 95), at(11, 100), at(13, 110)],
    expect: 95,
  },
  {
    rule: 'one old reading is not an earlier one as well',
    pick: { latestBefore: 'P3D' },
    given: [at(8, 110)],
    expect: 'missing: not-recorded',
  },
  {
    rule: 'nothing that long before the newest',
    pick: { latestBefore: 'P3D' },
    given: [at(12, 90), at(14, 110)],
    expect: 'missing: not-recorded',
  },
  {
    rule: 'that old, but before the look-back',
    pick: { latestBefore: 'P3D' },
    given: [at(1, 90)],
    expect: 'missing: stale',
  },
  {
    rule: 'a day counts as that long before when all of it is',
    pick: { latestBefore: 'P3D' },
    given: [at(14, 110), lab('2345-7', 90, 'mg/dL', '2026-06-10'), lab('2345-7', 80, 'mg/dL', '2026-06-09')],
    expect: 80,
  },
];

describe('picks', () => {
  for (const { rule, pick, given, more, expect } of rows)
    it(`${JSON.stringify(pick)}: ${rule}`, () => assert.equal(said(picked(pick, given, more)), expect));

  it('says what the worst was chosen among and what was left out', () => {
    const feature = picked('max', [at(8, 5000), at(9, 200), at(14, 110)]);
    assert.equal(feature.kind, 'observed');
    if (feature.kind !== 'observed') return;
    assert.deepEqual(feature.notes, [
      'highest of 2 readings within P10D',
      '1 reading was left out: implausible',
    ]);
    assert.equal(feature.at, '2026-06-09T08:00:00Z');
    assert.equal(feature.sources.length, 1);
  });

  it('converts each reading before it compares', () => {
    const molar = lab('2345-7', 5, 'mmol/L', '2026-06-13T08:00:00Z');
    const codes = [{ system: loinc, code: '2345-7', display: 'Glucose' }];
    const from = { ...glucose.from, codes };
    assert.ok(Math.abs(Number(said(picked('min', [at(14, 100), molar], { from }))) - 90.078) < 0.001);
  });

  const reading = fc.record({
    hours: fc.integer({ min: 0, max: 600 }),
    value: fc.oneof(fc.integer({ min: 0, max: 1200 }), fc.constant('x')),
    usable: fc.boolean(),
  });

  it('agrees with a plain reference on any series', () => {
    const window = 240;
    const words = smallVocabulary(
      ...['min', 'max'].map((pick) => ({
        ...glucose,
        conflictAbove: undefined,
        name: pick,
        pick,
        lookback: 'P10D',
      })),
      { ...glucose, name: 'count', pick: 'count', unit: '1', lookback: 'P10D' },
      { ...glucose, name: 'any', pick: 'any', unit: undefined, lookback: 'P10D' },
    );
    fc.assert(
      fc.property(fc.uniqueArray(reading, { maxLength: 8, selector: ({ hours }) => hours }), (series) => {
        const resources = series.map(({ hours, value, usable }) =>
          lab('2345-7', value, 'mg/dL', new Date(now.getTime() - hours * 3_600_000).toISOString(), {
            status: usable ? 'final' : 'cancelled',
          }),
        );
        const ask = (name: string): unknown => said(featureOf(name, { resources }, words));
        const valid = series.filter(({ usable }) => usable).toSorted((a, b) => a.hours - b.hours);
        const current = valid.filter(({ hours }) => hours <= window);
        const good = current.flatMap(({ value }) =>
          typeof value === 'number' && value >= 10 && value <= 1000 ? [value] : [],
        );
        const [newest] = current;
        assert.equal(ask('count'), current.length);
        assert.equal(ask('any'), current.length > 0);
        const readable = newest !== undefined && good.length > 0 && newest.value === good[0];
        assert.equal(typeof ask('min') === 'number', readable);
        if (readable) assert.deepEqual([ask('min'), ask('max')], [Math.min(...good), Math.max(...good)]);
      }),
    );
  });
});

describe('settings, words and bare numbers', () => {
  const encounter = (id: string, code: string): object => ({
    resourceType: 'Encounter',
    id,
    class: { code },
  });
  const inVisit = (id: string): object => ({ encounter: { reference: `Encounter/${id}` } });

  it('takes inpatient readings alone where the entry says so', () => {
    const given = [
      encounter('in', 'IMP'),
      encounter('out', 'AMB'),
      at(12, 150, inVisit('in')),
      at(13, 120, inVisit('out')),
      at(14, 110),
    ];
    assert.equal(said(picked('latest', given, { setting: 'inpatient' })), 150);
    assert.equal(said(picked('latest', given, { setting: 'outpatient' })), 110);
    assert.equal(said(picked('latest', given.slice(3), { setting: 'inpatient' })), 'missing: unsuitable');
  });

  const consciousness = {
    from: {
      kind: 'observation',
      codes: [{ system: loinc, code: '67775-7', display: 'Consciousness' }],
      answers: {
        word: true,
        codes: [
          { system: snomed, code: '1', display: 'Alert', meaning: 'A' },
          { system: snomed, code: '2', display: 'Voice', meaning: 'V' },
        ],
      },
    },
    pick: 'latest',
  };

  it('gives the word that an answer stands for', () => {
    const value = (code: string) =>
      said(asked(consciousness, { resources: [answer('67775-7', snomed, code, '2026-06-14')] }));
    assert.equal(value('2'), 'V');
    assert.equal(value('9'), 'missing: unsuitable');
  });

  it('finds conflicting words of one instant', () => {
    const resources = ['1', '2'].map((code) => answer('67775-7', snomed, code, '2026-06-14'));
    assert.equal(said(asked(consciousness, { resources })), 'missing: conflicting');
  });

  it('reads a bare number where the unit of the value is none', () => {
    const score = (unit: string, property: string) => ({
      from: { kind: 'observation', codes: [{ system: loinc, code: '9269-2', display: 'Score', property }] },
      unit,
      pick: 'latest',
    });
    const bare = lab('9269-2', 14, undefined, '2026-06-14');
    const integer = { ...bare, valueQuantity: undefined, valueInteger: 14 };
    const percent = lab('9269-2', 14, '%', '2026-06-14');
    for (const unit of ['1', '{score}']) {
      assert.equal(said(asked(score(unit, 'Score'), { resources: [bare] })), 14);
      assert.equal(said(asked(score(unit, 'Score'), { resources: [integer] })), 14);
      assert.equal(said(asked(score(unit, 'Score'), { resources: [percent] })), 'missing: unknown-unit');
    }
    assert.equal(said(asked(score('mg/dL', 'MCnc'), { resources: [bare] })), 'missing: unknown-unit');
  });
});
