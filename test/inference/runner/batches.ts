/** Batches for tests: any layout, filled from a seed. */
import fc from 'fast-check';
import type { Batch } from '../../../src/inference/runner/protocol.ts';
import { type Dtype, rowSize, type Tensor } from '../../../src/inference/tensor.ts';

/** Feeds by name: dtype and the axes after the rows. */
export type Layout = readonly (readonly [name: string, dtype: Dtype, axes: readonly number[]])[];

const dtypes: readonly Dtype[] = ['float64', 'float32', 'int64', 'int32', 'bool'];

export const layouts: fc.Arbitrary<Layout> = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom('age', 'x', 'tokens', 'static'),
    fc.constantFrom(...dtypes),
    fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
  ),
  { selector: ([name]) => name, minLength: 1 },
);

export function batchOf(layout: Layout, rows: number, seed: number): Batch {
  const feeds = layout.map(([name, dtype, axes]) => [name, filled(dtype, [rows, ...axes], seed)] as const);
  return { rows, feeds: Object.fromEntries(feeds), fetches: layout.map(([name]) => name) };
}

/** NaN and -0 are among the values. */
function filled(dtype: Dtype, shape: readonly number[], seed: number): Tensor {
  const length = (shape[0] ?? 0) * rowSize({ shape });
  const number = (at: number): number => [Number.NaN, -0, seed + at / 8, -at][(seed + at) % 4] ?? 0;
  const whole = (at: number): number => (seed * 1000 + at) | 0;
  switch (dtype) {
    case 'float64':
      return { dtype, shape, data: Float64Array.from({ length }, (_, at) => number(at)) };
    case 'float32':
      return { dtype, shape, data: Float32Array.from({ length }, (_, at) => number(at)) };
    case 'int64':
      return { dtype, shape, data: BigInt64Array.from({ length }, (_, at) => BigInt(whole(at))) };
    case 'int32':
      return { dtype, shape, data: Int32Array.from({ length }, (_, at) => whole(at)) };
    case 'bool':
      return { dtype, shape, data: Uint8Array.from({ length }, (_, at) => (seed + at) % 2) };
  }
}
