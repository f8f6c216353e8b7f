/** Tolerances: float64 1e-12, float32 1e-4, each relative to max(1, |golden|); whole numbers and truths exactly. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { difference } from '../../../src/inference/runner/golden.ts';
import type { Tensor } from '../../../src/inference/tensor.ts';

const float64 = (...data: number[]): Tensor => ({
  dtype: 'float64',
  shape: [data.length],
  data: Float64Array.from(data),
});
const float32 = (...data: number[]): Tensor => ({
  dtype: 'float32',
  shape: [data.length],
  data: Float32Array.from(data),
});
const int64 = (...data: bigint[]): Tensor => ({
  dtype: 'int64',
  shape: [data.length],
  data: BigInt64Array.from(data),
});
const bool = (...data: number[]): Tensor => ({
  dtype: 'bool',
  shape: [data.length],
  data: Uint8Array.from(data),
});
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const apart = /a number where there was none, or none where there was one/;

const equal: readonly [string, Tensor, Tensor][] = [
  ['the same numbers', float64(1, 2), float64(1, 2)],
  ['float64 within 1e-12', float64(0.5), float64(0.5 + 9e-13)],
  ['relative to a large number', float64(1e6), float64(1e6 + 9e-7)],
  ['float32 within 1e-4', float32(0.5), float32(0.50009)],
  ['no number where there was none', float64(nan, 1), float64(nan, 1)],
  ['the same infinity', float64(infinity), float64(infinity)],
  ['both zeros', float64(0), float64(-0)],
  ['whole numbers', int64(2n ** 60n), int64(2n ** 60n)],
  ['truths', bool(1, 0), bool(1, 0)],
];

const different: readonly [string, Tensor, Tensor, RegExp][] = [
  ['float64 beyond 1e-12', float64(0.5), float64(0.5 + 2e-12), /^by 2\.0e-12 in y \(allowed 1e-12\)$/],
  ['float32 beyond 1e-4', float32(0.5), float32(0.503), /^by 3\.0e-3 in y \(allowed 0\.0001\)$/],
  ['the worst element counts', float64(1, 1, 1), float64(1, 1.5, 1.25), /^by 5\.0e-1 in y/],
  ['a number where there was none', float64(nan), float64(1), apart],
  ['none where there was a number', float64(1), float64(nan), apart],
  ['the other infinity', float64(infinity), float64(-infinity), apart],
  ['the next whole number beyond 2^53', int64(2n ** 60n), int64(2n ** 60n + 1n), / in y \(allowed 0\)$/],
  ['the other truth', bool(1), bool(0), /^by 1\.0e\+0 in y/],
  ['another type', float64(1), float32(1), /^in y: float32, not float64$/],
  ['another shape', float64(1, 2), float64(1), /^in y: shape \[1\], not \[2\]$/],
];

describe('golden outputs', () => {
  for (const [what, golden, found] of equal) {
    it(`are reproduced: ${what}`, () => assert.equal(difference({ y: golden }, { y: found }), undefined));
  }
  for (const [what, golden, found, how] of different) {
    it(`are not reproduced: ${what}`, () => assert.match(difference({ y: golden }, { y: found }) ?? '', how));
  }

  it('are not reproduced where an output lacks; others than golden ones do not matter', () => {
    assert.equal(difference({ y: float64(1) }, {}), ': no y');
    assert.equal(difference({}, { y: float64(1) }), undefined);
  });

  it('are reproduced by themselves, whatever the numbers', () => {
    fc.assert(
      fc.property(fc.float64Array(), (data) => {
        const y: Tensor = { dtype: 'float64', shape: [data.length], data };
        assert.equal(difference({ y }, { y: { ...y, data: data.slice() } }), undefined);
      }),
    );
  });
});
