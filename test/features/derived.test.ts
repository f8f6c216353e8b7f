import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cockcroftGault } from '../../src/features/formulas.ts';
import { answer, featureOf, lab, snomed } from './sample-chart.ts';
import { said, smallVocabulary } from './small-vocabulary.ts';

const loinc = 'http://loinc.org';
const number = (name: string, unit = '1'): object => ({
  name,
  from: { kind: 'observation', codes: [{ system: loinc, code: name, display: name }] },
  unit,
  pick: 'latest',
});
const presence = (name: string): object => ({
  name,
  from: {
    kind: 'observation',
    codes: [{ system: loinc, code: name, display: name }],
    answers: {
      present: ['yes'],
      absent: ['no'],
      codes: ['yes', 'no'].map((code) => ({ system: snomed, code, display: code, meaning: code })),
    },
  },
  pick: 'latest',
});
const demographic = (field: string, more: object): object => ({
  name: field,
  from: { kind: 'demographic', field },
  pick: 'latest',
  ...more,
});

const words = (formula: string, inputs: unknown, constants: object | undefined, shape: object) =>
  smallVocabulary(
    ...['a', 'b', 'c'].map((name) => number(name)),
    ...['p', 'q', 'r'].map(presence),
    number('weight', 'kg'),
    number('creatinine', 'mg/dL'),
    demographic('age', { unit: 'a' }),
    demographic('sex', {}),
    {
      name: 'x',
      from: { kind: 'derived', formula, inputs, ...(constants && { with: constants }) },
      ...shape,
    },
  );
const yesNo = { pick: 'any' };
const measured = { pick: 'latest', unit: '1' };

type Facts = Readonly<Record<string, number | 'yes' | 'no'>>;
const chart = (facts: Facts): readonly object[] =>
  Object.entries(facts).map(([name, value]) =>
    typeof value === 'number'
      ? lab(name, value, { weight: 'kg', creatinine: 'mg/dL' }[name], '2026-06-01')
      : answer(name, snomed, value, '2026-06-01'),
  );

type Row = readonly [
  formula: string,
  inputs: unknown,
  constants: object | undefined,
  facts: Facts,
  expect: unknown,
];
const rows: readonly Row[] = [
  ['all-of', ['p', 'q'], undefined, { p: 'yes', q: 'yes' }, true],
  ['all-of', ['p', 'q'], undefined, { p: 'no' }, false],
  ['all-of', ['p', 'q'], undefined, { p: 'yes' }, 'missing: not-recorded'],
  ['any-of', ['p', 'q'], undefined, { p: 'yes' }, true],
  ['any-of', ['p', 'q'], undefined, { p: 'no' }, 'missing: not-recorded'],
  ['any-of', ['p', 'q'], undefined, { p: 'no', q: 'no' }, false],
  ['any-of', ['p', 'a'], undefined, { p: 'no', a: 1 }, 'missing: unsuitable'],
  ['not', { value: 'p' }, undefined, { p: 'yes' }, false],
  ['not', { value: 'p' }, undefined, { p: 'no' }, true],
  ['not', { value: 'p' }, undefined, {}, 'missing: not-recorded'],
  ['not', { value: 'a' }, undefined, { a: 1 }, 'missing: unsuitable'],
  ['is', { value: 'sex' }, { is: 'female' }, {}, true],
  ['is', { value: 'sex' }, { is: 'male' }, {}, false],
  ['is', { value: 'a' }, { is: 'x' }, { a: 1 }, 'missing: unsuitable'],
  ['at-least', { value: 'a' }, { limit: 5 }, { a: 5 }, true],
  ['above', { value: 'a' }, { limit: 5 }, { a: 5 }, false],
  ['below', { value: 'a' }, { limit: 5 }, { a: 4.999 }, true],
  ['below', { value: 'a' }, { limit: 5 }, {}, 'missing: not-recorded'],
  ['scale', { value: 'a' }, { factor: 2.5 }, { a: 4 }, 10],
  ['ratio', { numerator: 'a', denominator: 'b' }, undefined, { a: 3, b: 4 }, 0.75],
  ['ratio', { numerator: 'a', denominator: 'b' }, undefined, { a: 3, b: 0 }, 'missing: unsuitable'],
  ['ratio', { numerator: 'a', denominator: 'b' }, undefined, { a: 3 }, 'missing: not-recorded'],
  ['sum', ['a', 'b', 'c'], undefined, { a: 1, b: 2, c: 3 }, 6],
  ['sum', ['a', 'b'], undefined, { a: 1 }, 'missing: not-recorded'],
  ['first-of', ['a', 'b'], undefined, { b: 2 }, 2],
  ['first-of', ['a', 'b'], undefined, { a: 1, b: 2 }, 1],
  ['first-of', ['a', 'b'], undefined, {}, 'missing: not-recorded'],
  ['points', ['p', 'q', 'r'], { p: 1, q: 2, r: 4 }, { p: 'yes', q: 'no', r: 'yes' }, 5],
  ['points', ['p', 'q'], { p: 1, q: 2 }, { p: 'no', q: 'no' }, 0],
  ['points', ['p', 'q'], { p: 1, q: 2 }, { p: 'yes' }, 'missing: not-recorded'],
  ['points', ['a'], { a: 1 }, { a: 1 }, 'missing: unsuitable'],
];

const isYesNo = (formula: string): boolean =>
  ['all-of', 'any-of', 'not', 'is', 'at-least', 'above', 'below'].includes(formula);

describe('derived values', () => {
  for (const [formula, inputs, constants, facts, expect] of rows) {
    it(`${formula} ${JSON.stringify(inputs)} of ${JSON.stringify(facts)} is ${String(expect)}`, () => {
      const vocabulary = words(formula, inputs, constants, isYesNo(formula) ? yesNo : measured);
      assert.equal(said(featureOf('x', { resources: chart(facts) }, vocabulary)), expect);
    });
  }

  it('a score has no date: those of what it counts are not its own', () => {
    const scored = words('points', ['p', 'q'], { p: 1, q: 2 }, measured);
    const feature = featureOf('x', { resources: chart({ p: 'yes', q: 'yes' }) }, scored);
    assert.ok(feature.kind === 'observed' && feature.value === 3 && feature.sources.length === 2);
    assert.equal('at' in feature, false);
    const scaled = words('scale', { value: 'a' }, { factor: 2 }, measured);
    const number = featureOf('x', { resources: chart({ a: 1 }) }, scaled);
    assert.ok(number.kind === 'observed' && number.at !== undefined);
  });

  it('all-of, any-of and not are Kleene’s', () => {
    const verdict = fc.constantFrom('yes' as const, 'no' as const, undefined);
    const [all, any] = ['all-of', 'any-of'].map((formula) =>
      words(formula, ['p', 'q', 'r'], undefined, yesNo),
    );
    fc.assert(
      fc.property(verdict, verdict, verdict, (p, q, r) => {
        const known = Object.entries({ p, q, r }).flatMap(([name, each]) =>
          each === undefined ? [] : [[name, each] as const],
        );
        const resources = chart(Object.fromEntries(known));
        const given = known.map(([, each]) => each);
        const open = given.length < 3 ? 'missing: not-recorded' : undefined;
        assert.equal(said(featureOf('x', { resources }, all)), given.includes('no') ? false : (open ?? true));
        assert.equal(
          said(featureOf('x', { resources }, any)),
          given.includes('yes') ? true : (open ?? false),
        );
      }),
      { numRuns: 40 },
    );
  });

  const clearance = words(
    'cockcroft-gault',
    { age: 'age', sex: 'sex', weight: 'weight', creatinine: 'creatinine' },
    undefined,
    { pick: 'latest', unit: 'mL/min' },
  );

  it('Cockcroft-Gault: (140 − age) · weight / (72 · creatinine), × 0.85 if female', () => {
    assert.equal(cockcroftGault(60, 'male', 72, 1), 80);
    assert.equal(cockcroftGault(60, 'female', 72, 1), 68);
    const resources = chart({ weight: 72, creatinine: 1 });
    assert.equal(said(featureOf('x', { resources }, clearance)), 68);
  });

  it('Cockcroft-Gault is for adults with all four values', () => {
    const resources = chart({ weight: 72, creatinine: 1 });
    const child = { birthDate: '2012-01-01', gender: 'male' };
    assert.equal(said(featureOf('x', { resources, patient: child }, clearance)), 'missing: unsuitable');
    assert.equal(
      said(featureOf('x', { resources: chart({ creatinine: 1 }) }, clearance)),
      'missing: not-recorded',
    );
  });

  const broken: readonly (readonly [
    formula: string,
    inputs: unknown,
    constants: object | undefined,
    says: RegExp,
  ])[] = [
    ['scale', { value: 'a' }, undefined, /scale takes with it factor \(number\)/],
    ['scale', { value: 'a' }, { factor: '2' }, /scale takes with it factor/],
    ['not', { value: 'p' }, { limit: 1 }, /not takes nothing with it/],
    ['points', ['p', 'q'], { p: 1 }, /points takes with it p \(number\), q \(number\)/],
    ['sum', { value: 'a' }, undefined, /sum takes a list/],
    ['is', { value: 'sex' }, { is: 'x' }, /x\.unit: is for numbers/],
  ];
  for (const [formula, inputs, constants, says] of broken)
    it(`stops at ${formula} with ${JSON.stringify(constants)}`, () =>
      assert.throws(() => words(formula, inputs, constants, { ...yesNo, unit: '1' }), says));
});
