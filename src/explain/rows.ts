/** Rows of tensors: what explanations of networks feed besides the patient. Nothing given is changed. */
import { rowSize, type Tensor, type Tensors } from '../inference/tensor.ts';
import type { GamePlayer } from './game.ts';

/** Elements as numbers, rows first. NaN is not measured. */
export const numbersOf = ({ data }: Tensor): Float64Array =>
  Float64Array.from(data as Iterable<number>, Number);

/** A tensor of the same type and axes with other elements; what its type cannot hold is rounded as the type does. */
export function withNumbers({ dtype, shape: [, ...axes] }: Tensor, rows: number, data: Float64Array): Tensor {
  const shape = [rows, ...axes];
  switch (dtype) {
    case 'float64':
      return { dtype, shape, data };
    case 'float32':
      return { dtype, shape, data: Float32Array.from(data) };
    case 'int64':
      return { dtype, shape, data: BigInt64Array.from(data, BigInt) };
    case 'int32':
      return { dtype, shape, data: Int32Array.from(data) };
    case 'bool':
      return { dtype, shape, data: Uint8Array.from(data) };
  }
}

export const isFloat = ({ dtype }: Pick<Tensor, 'dtype'>): boolean =>
  dtype === 'float32' || dtype === 'float64';

const mapTensors = (tensors: Tensors, change: (tensor: Tensor, name: string) => Tensor): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor, name)]));

/** One row of many. */
export const rowAt = (tensors: Tensors, row: number): Tensors =>
  mapTensors(tensors, (tensor) => {
    const size = rowSize(tensor);
    return withNumbers(tensor, 1, numbersOf(tensor).slice(row * size, (row + 1) * size));
  });

/**
 * The mean row: of each element the mean of the rows in which it is measured, NaN where it is in none. Whole numbers
 * (tokens) have no mean: they are 0, which is padding.
 */
export const meanRow = (tensors: Tensors): Tensors =>
  mapTensors(tensors, (tensor) => {
    const size = rowSize(tensor);
    const mean = isFloat(tensor) ? meanOf(numbersOf(tensor), size) : new Float64Array(size);
    return withNumbers(tensor, 1, mean);
  });

function meanOf(numbers: Float64Array, size: number): Float64Array {
  const [total, measured] = [new Float64Array(size), new Float64Array(size)];
  for (const [at, number] of numbers.entries()) {
    if (Number.isNaN(number)) continue;
    total[at % size] = (total[at % size] ?? 0) + number;
    measured[at % size] = (measured[at % size] ?? 0) + 1;
  }
  return total.map((sum, element) => sum / (measured[element] ?? 0));
}

/** Rows of several tensors of the same inputs, one after the other. */
export function stacked(parts: readonly Tensors[]): Tensors {
  return mapTensors(parts[0] ?? {}, (first, name) => {
    const size = rowSize(first);
    const rows = parts.map((part) => numbersOf(part[name] ?? first));
    const all = new Float64Array(rows.reduce((total, { length }) => total + length, 0));
    let at = 0;
    for (const row of rows) {
      all.set(row, at);
      at += row.length;
    }
    return withNumbers(first, all.length / size, all);
  });
}

/** One row in which the players' elements are those of `fill`, everything else the row's own. */
export function filled(row: Tensors, fill: Tensors, players: readonly GamePlayer[]): Tensors {
  return mapTensors(row, (tensor, name) => {
    const parts = players.flatMap((player) => player.parts.filter(({ input }) => input === name));
    const from = fill[name];
    if (parts.length === 0 || from === undefined) return tensor;
    const [numbers, other] = [numbersOf(tensor), numbersOf(from)];
    for (const { elements } of parts) {
      for (const element of elements) numbers[element] = other[element] ?? Number.NaN;
    }
    return withNumbers(tensor, 1, numbers);
  });
}
