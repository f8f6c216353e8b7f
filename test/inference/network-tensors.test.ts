/** Tensors against a network's manifest. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { NetworkInput } from '../../src/inference/network-manifest.ts';
import { feedProblems, feedRule, tensorOf } from '../../src/inference/network-tensors.ts';
import type { Tensor } from '../../src/inference/tensor.ts';

const input = (change: Partial<NetworkInput>): NetworkInput => ({
  name: 'x',
  label: 'Numbers',
  axes: [],
  dtype: 'float32',
  valid: { min: 0, max: 1 },
  ...change,
});
const column = (dtype: 'float32' | 'float64' | 'int64', data: readonly number[]): Tensor => {
  const tensor = tensorOf(
    { dtype, axes: [] },
    data.map((each) => [each]),
  );
  assert.ok(typeof tensor !== 'string', String(tensor));
  return tensor;
};

describe('tensors of a network', () => {
  it('takes a float32 at a bound that float32 rounds up', () => {
    const tenth = input({ valid: { min: -0.1, max: 0.1 } });
    assert.ok(Math.fround(0.1) > 0.1);
    assert.equal(feedRule(tenth, column('float32', [0.1, -0.1]), 2), undefined);
    assert.match(feedRule(tenth, column('float32', [0.1001]), 1) ?? '', /outside -0\.1 to 0\.1/);
  });

  it('takes NaN only where an element may be missing, and never an infinite one', () => {
    const optional = input({ missing: 'nan' });
    assert.equal(feedRule(optional, column('float32', [Number.NaN, 0.5]), 2), undefined);
    assert.equal(feedRule(optional, column('float32', [Number.NaN, Infinity]), 2), 'has an infinite element');
    assert.match(feedRule(optional, column('float32', [Number.NaN, 2]), 2) ?? '', /outside/);
    assert.match(feedRule(input({}), column('float32', [0, Number.NaN]), 2) ?? '', /not a number/);
  });

  it('agrees with a comparison of each float64 alone', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1 }), fc.boolean(), (data, mayBeNaN) => {
        const x = input({
          dtype: 'float64',
          valid: { min: -3, max: 1e300 },
          ...(mayBeNaN ? { missing: 'nan' } : {}),
        });
        const good = data.every(
          (value) => (value >= -3 && value <= 1e300) || (mayBeNaN && Number.isNaN(value)),
        );
        assert.equal(feedRule(x, column('float64', data), data.length) === undefined, good);
      }),
    );
  });

  it('agrees with a comparison of each int64 alone, to the ends of 64 bits', () => {
    const ends = fc.constantFrom(
      2n ** 63n - 1n,
      -(2n ** 63n),
      2n ** 53n,
      -(2n ** 53n),
      -1n,
      2n ** 32n,
      -(2n ** 32n),
    );
    const any = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      ends,
      fc.bigInt({ min: -9n, max: 9n }),
    );
    const bound = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -9, max: 9 }));
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 5 }), bound, bound, (values, one, other) => {
        const [min, max] = [Math.min(one, other), Math.max(one, other)];
        const tensor: Tensor = { dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values) };
        const good = values.every((value) => value >= BigInt(min) && value <= BigInt(max));
        const rule = feedRule(input({ dtype: 'int64', valid: { min, max } }), tensor, values.length);
        assert.equal(rule === undefined, good);
      }),
    );
  });

  it('reads an int64 tensor that is a part of a larger buffer', () => {
    const all = BigInt64Array.of(9n, 1n, 2n, 9n);
    const part: Tensor = { dtype: 'int64', shape: [2], data: all.subarray(1, 3) };
    const wide = input({ dtype: 'int64', valid: { min: 1, max: 2 } });
    assert.equal(feedRule(wide, part, 2), undefined);
  });

  it('says every input that is wrong at once', () => {
    const inputs = [input({ name: 'a' }), input({ name: 'b' }), input({ name: 'c' })];
    const feeds = { a: column('float32', [2]), c: column('float64', [0]), d: column('float32', [0]) };
    assert.deepEqual(feedProblems(inputs, feeds, 1), [
      'a: has an element outside 0 to 1',
      'b: is not given',
      'c: is not float32',
      'inputs: there is one that the model does not have',
    ]);
  });

  it('makes tensors of JSON numbers, null as NaN, and no int64 of a fraction', () => {
    const axes = [{ name: 'column', size: 2 }];
    const floats = tensorOf({ dtype: 'float32', axes }, [
      [1, null],
      [0.5, 2],
    ]);
    assert.deepEqual(floats, {
      dtype: 'float32',
      shape: [2, 2],
      data: Float32Array.of(1, Number.NaN, 0.5, 2),
    });
    assert.deepEqual(tensorOf({ dtype: 'int64', axes }, [[3, -4]]), {
      dtype: 'int64',
      shape: [1, 2],
      data: BigInt64Array.of(3n, -4n),
    });
    for (const elements of [
      [0.5, 1],
      [null, 1],
      [2 ** 53, 1],
    ]) {
      assert.equal(tensorOf({ dtype: 'int64', axes }, [elements]), 'has an element that is no whole number');
    }
    assert.equal(tensorOf({ dtype: 'float64', axes }, [[1]]), 'has not 2 elements');
  });
});
