/** Batches as one, and one as parts: along the first axis, which counts the rows. */
import { type Mixture, rowsOf } from '../mixture.ts';
import { arrays, bytesOf, rowSize, type Tensor, type Tensors } from '../tensor.ts';
import type { Batch, Signature } from './protocol.ts';

/** Does a graph say that its first axis is open, in and out? Else its rows are neither joined nor cut. */
export const rowsAreOpen = ({ inputs, outputs }: Signature): boolean =>
  [...inputs, ...outputs].every(({ shape }) => typeof shape[0] === 'string' || shape[0] === -1);

/** Does the first axis of each of them count these rows, and are all of them there? */
export const haveRows = (tensors: Tensors, rows: number): boolean =>
  Object.values(tensors).every(
    (tensor) => tensor.shape[0] === rows && tensor.data.length === rows * rowSize(tensor),
  );

/**
 * Batches of one graph with the same layout can be joined, but for rows of mixtures: same fetches, and for each feed dtype and
 * shape of a row.
 */
export const layoutOf = ({ feeds, fetches }: Batch): string =>
  JSON.stringify([
    fetches.toSorted(),
    Object.entries(feeds)
      .map(([name, { dtype, shape }]) => [name, dtype, ...shape.slice(1)])
      .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  ]);

/** Rows `from` up to `to`, on the same memory. */
export const slice = (tensors: Tensors, from: number, to: number): Tensors =>
  mapped(tensors, (tensor) => {
    const size = rowSize(tensor);
    const shape = [to - from, ...tensor.shape.slice(1)];
    return { dtype: tensor.dtype, shape, data: tensor.data.subarray(from * size, to * size) } as Tensor;
  });

export function sliceBatch(batch: Batch, from: number, to: number): Batch {
  if (from === 0 && to === batch.rows) return batch;
  return { ...batch, rows: to - from, feeds: slice(batch.feeds, from, to) };
}

/** Rows of all of them, in their order. All have the same names, dtypes and row shapes. */
export function concatenate(all: readonly Tensors[]): Tensors {
  const [first, ...rest] = all;
  if (first === undefined || rest.length === 0) return first ?? {};
  return mapped(first, (tensor, name) =>
    concatenated([tensor, ...rest.flatMap((tensors) => tensors[name] ?? [])]),
  );
}

/** Batches of one layout as one. */
export function joinBatches(batches: readonly Batch[]): Batch {
  const [first, ...rest] = batches;
  if (first === undefined) return { rows: 0, feeds: {}, fetches: [] };
  if (rest.length === 0) return first;
  return {
    rows: batches.reduce((rows, batch) => rows + batch.rows, 0),
    feeds: concatenate(batches.map(({ feeds }) => feeds)),
    fetches: first.fetches,
  };
}

/** Rows of a mixture as the graph takes them, for who cannot make them where the graph runs. */
export function plain({ mixture, rows, feeds, fetches }: Batch): Batch {
  return { rows, feeds: mixture === undefined ? feeds : rowsOf({ mixture, rows, feeds }), fetches };
}

/** The rows of each, of what all together answered; for one alone it is that answer. */
export function split(outputs: Tensors, counts: readonly number[]): readonly Tensors[] {
  if (counts.length === 1) return [outputs];
  let from = 0;
  return counts.map((count) => {
    from += count;
    return mapped(slice(outputs, from - count, from), copied);
  });
}

/** Same question: fetches, rows and every byte of the feeds and of what they are mixed of. */
export function sameBatch(one: Batch, other: Batch): boolean {
  return (
    one.rows === other.rows &&
    one.fetches.join('\n') === other.fetches.join('\n') &&
    sameTensors(one.feeds, other.feeds) &&
    sameMixture(one.mixture, other.mixture)
  );
}

export const bytesIn = ({ feeds, mixture }: Batch): number =>
  bytesOfAll(feeds) + (mixture === undefined ? 0 : bytesOfAll(mixture.ends));

const bytesOfAll = (tensors: Tensors): number =>
  Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);

function sameMixture(one: Mixture | undefined, other: Mixture | undefined): boolean {
  if (one === undefined || other === undefined || one === other) return one === other;
  return (
    one.owners.length === other.owners.length &&
    one.owners.every((owner, at) => owner === other.owners[at]) &&
    sameTensors(one.ends, other.ends)
  );
}

function sameTensors(one: Tensors, other: Tensors): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => sameTensor(one[name], other[name]))
  );
}

function sameTensor(one: Tensor | undefined, other: Tensor | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.dtype === other.dtype &&
    one.shape.join() === other.shape.join() &&
    Buffer.compare(bytesOf(one), bytesOf(other)) === 0
  );
}

function concatenated(tensors: readonly [Tensor, ...Tensor[]]): Tensor {
  const [{ dtype, shape }] = tensors;
  const bytes = new Uint8Array(tensors.reduce((sum, { data }) => sum + data.byteLength, 0));
  let at = 0;
  for (const tensor of tensors) {
    bytes.set(bytesOf(tensor), at);
    at += tensor.data.byteLength;
  }
  const rows = tensors.reduce((sum, tensor) => sum + (tensor.shape[0] ?? 0), 0);
  return { dtype, shape: [rows, ...shape.slice(1)], data: new arrays[dtype](bytes.buffer) } as Tensor;
}

/** On its own memory: one caller's rows do not keep everybody's alive. */
const copied = ({ dtype, shape, data }: Tensor): Tensor => ({ dtype, shape, data: data.slice() }) as Tensor;

const mapped = (tensors: Tensors, map: (tensor: Tensor, name: string) => Tensor): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, map(tensor, name)]));
