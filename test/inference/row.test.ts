import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Features, missing } from '../../src/features/feature.ts';
import type { Manifest } from '../../src/inference/manifest.ts';
import { encodeRow, inputsFrom } from '../../src/inference/row.ts';
import { inputs, manifest, row } from './prevent.ts';

const bounds = manifest.inputs.flatMap((input) =>
  input.kind === 'number' ? [{ input, ...input.valid }] : [],
);
const required = manifest.inputs.filter((input) => input.kind !== 'control' && input.ifMissing === 'abstain');

describe('row of a model', () => {
  it('encodes words and truths by the manifest', () => {
    assert.deepEqual(encodeRow(manifest, inputs()), { row, problems: [], outOfRange: [] });
  });

  it('takes 1 and 0 for true and false, and no other number', () => {
    const given = inputs({ bp_tx: 1, statin: 0, dm: 1, smoking: 0 });
    assert.deepEqual(encodeRow(manifest, given).row, row);
    for (const value of [2, -1, 0.5, 'yes', Number.NaN]) {
      const [problem] = encodeRow(manifest, inputs({ smoking: value })).problems;
      assert.equal(problem?.reason, 'unknown-category');
    }
  });

  it('counts both bounds of a range in', () => {
    for (const { input, min, max } of bounds) {
      for (const value of [min, max]) {
        const { problems, outOfRange } = encodeRow(manifest, inputs({ [input.name]: value }));
        assert.deepEqual([...problems, ...outOfRange], [], `${input.name} ${value}`);
      }
    }
  });

  it('refuses the next number beyond a bound', () => {
    for (const { input, min, max } of bounds) {
      for (const value of [nextDown(min), nextUp(max)]) {
        const { outOfRange } = encodeRow(manifest, inputs({ [input.name]: value }));
        assert.deepEqual(
          outOfRange.map((problem) => [problem.input, problem.value, problem.reason]),
          [[input.name, input.value, 'out-of-range']],
        );
      }
    }
  });

  it('says in words what is out of range', () => {
    const { outOfRange } = encodeRow(manifest, inputs({ sbp: 212, sdi_decile: 3.5 }));
    assert.deepEqual(
      outOfRange.map(({ detail }) => detail),
      [
        'Systolic blood pressure 212 mm[Hg] is above 200',
        'Social Deprivation Index decile 3.5 1 is not a whole number',
      ],
    );
  });

  it('refuses what is no finite number', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '50', true]) {
      const [problem] = encodeRow(manifest, inputs({ age: value })).problems;
      assert.deepEqual([problem?.input, problem?.reason], ['age', 'not-finite']);
    }
  });

  it('refuses a word that is no code, also one every object has', () => {
    for (const value of ['other', 'Female', 'constructor', '__proto__', 1]) {
      const [problem] = encodeRow(manifest, inputs({ sex: value })).problems;
      assert.deepEqual([problem?.input, problem?.reason], ['sex', 'unknown-category']);
      assert.ok(!problem?.detail.includes(String(value)) || value === 1);
    }
    assert.equal(encodeRow(manifest, inputs({ model: 'best' })).problems[0]?.reason, 'unknown-category');
  });

  it('collects every problem, not only the first', () => {
    const sane = ['age', 'sex', 'total_c', 'hdl_c', 'sbp', 'bp_tx', 'statin', 'dm', 'smoking', 'egfr', 'bmi'];
    fc.assert(
      fc.property(fc.subarray(sane), (left) => {
        const given = inputs(Object.fromEntries(left.map((name) => [name, null])));
        const { problems } = encodeRow(manifest, given);
        assert.deepEqual(problems.map(({ input }) => input).sort(), left.sort());
        assert.ok(problems.every(({ reason }) => reason === 'missing'));
      }),
    );
  });

  it('lets optional values and the variant be missing: absent and null are the same', () => {
    const nulls = { uacr: null, hba1c: null, sdi_decile: null, model: null };
    assert.deepEqual(encodeRow(manifest, inputs(nulls)), encodeRow(manifest, inputs()));
  });

  it('does not pass over a name that is no input', () => {
    const { problems } = encodeRow(manifest, inputs({ uacr_mg_g: 92 }));
    assert.deepEqual(problems, [
      { input: 'uacr_mg_g', reason: 'not-applicable', detail: 'the model has no such input' },
    ]);
  });
});

describe('inputs from features', () => {
  const observed = (value: number | boolean | string) => ({ kind: 'observed', value, sources: [] }) as const;
  const features: Features = new Map(
    manifest.inputs.flatMap((input) => {
      const value = inputs().get(input.name);
      return input.kind === 'control' || value == null ? [] : [[input.value, observed(value)] as const];
    }),
  );

  it('feeds each input with the clinical value the manifest names', () => {
    const { inputs: given, missing: why } = inputsFrom(manifest, features);
    assert.deepEqual(encodeRow(manifest, given, why).row, row);
  });

  it('carries the reason of a missing value into the problem', () => {
    const changed = new Map(features)
      .set('egfr', missing('unsuitable', 'creatinine during acute kidney injury'))
      .set('sbp', missing('stale'))
      .set('systolicBloodPressure', missing('stale'));
    const { inputs: given, missing: why } = inputsFrom(manifest, changed);
    assert.deepEqual(encodeRow(manifest, given, why).problems, [
      { input: 'sbp', value: 'systolicBloodPressure', reason: 'missing', detail: 'stale' },
      {
        input: 'egfr',
        value: 'egfr',
        reason: 'missing',
        detail: 'unsuitable: creatinine during acute kidney injury',
      },
    ]);
  });

  it('sends an optional value that cannot be used to its companion tensor', () => {
    const changed = new Map(features).set('uacr', missing('unknown-unit'));
    const { inputs: given, missing: why } = inputsFrom(manifest, changed);
    const encoded = encodeRow(manifest, given, why);
    assert.equal(encoded.row.uacr, null);
    assert.deepEqual(encoded.problems, []);
  });

  it('counts a value nobody extracted as not supplied', () => {
    const { missing: why } = inputsFrom(manifest, new Map());
    assert.deepEqual(
      [...why].filter(([, { reason }]) => reason === 'not-supplied').map(([name]) => name),
      manifest.inputs.filter(({ kind }) => kind !== 'control').map(({ name }) => name),
    );
    assert.equal(required.length, 11);
  });

  it('takes an imputed value as the value', () => {
    const only: Manifest = { ...manifest, inputs: manifest.inputs.filter(({ name }) => name === 'bmi') };
    const imputed = { kind: 'imputed', value: 27, because: 'not-recorded', basis: 'median' } as const;
    assert.equal(inputsFrom(only, new Map([['bmi', imputed]])).inputs.get('bmi'), 27);
  });
});

const nextUp = (x: number): number => x + Math.abs(x) * Number.EPSILON;
const nextDown = (x: number): number => x - Math.abs(x) * Number.EPSILON;
