/** A graph for tests: y = 2x, one number for each row. */
import type { Batch, Signature } from '../../../src/inference/runner/protocol.ts';
import { column, type Tensors } from '../../../src/inference/tensor.ts';

/** @param rows the first axis: a name where it is open */
export const signature = (rows: string | number, type = 'float64'): Signature => ({
  inputs: [{ name: 'x', type, shape: [rows] }],
  outputs: [{ name: 'y', type, shape: [rows] }],
});

export const batch = (...x: readonly number[]): Batch => ({
  rows: x.length,
  feeds: { x: column(Float64Array.from(x)) },
  fetches: ['y'],
});

const elements = (tensors: Tensors, name: string): readonly number[] =>
  Array.from<number | bigint, number>(tensors[name]?.data ?? [], Number);

export const asked = ({ feeds }: Batch): readonly number[] => elements(feeds, 'x');
export const twice = (of: Batch): readonly number[] => asked(of).map((x) => 2 * x);
export const answerOf = (outputs: Tensors): readonly number[] => elements(outputs, 'y');

/** What the graph answers. */
export const doubled = (_: string, of: Batch): Tensors => ({ y: column(Float64Array.from(twice(of))) });
