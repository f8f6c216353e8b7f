/** Tensors as one piece of memory: what goes from one process to another is cloned, and a clone costs by the piece. */
import type { Mixture } from '../mixture.ts';
import { arrays, type Dtype, type Tensor, type Tensors } from '../tensor.ts';

export interface Packed {
  /** JSON, in the order of the bytes: name, dtype, elements and shape of each tensor. */
  readonly layout: string;
  /** Each tensor begins at a multiple of eight bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

type Layout = readonly (readonly [name: string, dtype: Dtype, elements: number, shape: readonly number[]])[];

/** A tensor whose elements are not as many as its shape says stays one. */
export function pack(tensors: Tensors): Packed {
  const named = Object.entries(tensors);
  const bytes = new Uint8Array(named.reduce((sum, [, { data }]) => sum + padded(data.byteLength), 0));
  let at = 0;
  for (const [, tensor] of named) {
    copyTo(bytes.buffer, at, tensor);
    at += padded(tensor.data.byteLength);
  }
  const layout: Layout = named.map(([name, { dtype, shape, data }]) => [name, dtype, data.length, shape]);
  return { layout: JSON.stringify(layout), bytes };
}

export interface PackedMixture {
  readonly ends: Packed;
  readonly owners: Int32Array;
}

const packedMixtures = new WeakMap<Mixture, PackedMixture>();

/** The same mixture is asked for part after part. */
export function packMixture(mixture: Mixture): PackedMixture {
  const known = packedMixtures.get(mixture);
  if (known !== undefined) return known;
  const { ends, owners } = mixture;
  const packed = { ends: pack(ends), owners };
  packedMixtures.set(mixture, packed);
  return packed;
}

export const unpackMixture = ({ ends, owners }: PackedMixture): Mixture => ({ ends: unpack(ends), owners });

/** Asking a small array for its own memory would make V8 allocate it once more. */
function copyTo(memory: ArrayBuffer, at: number, { dtype, data }: Tensor): void {
  const place = new arrays[dtype](memory, at, data.length) as { set(elements: typeof data): void };
  place.set(data);
}

/** Tensors on the memory that came, or on a copy where it begins at an odd place. */
export function unpack({ layout, bytes }: Packed): Tensors {
  const { buffer, byteOffset } = bytes.byteOffset % grain === 0 ? bytes : new Uint8Array(bytes);
  let at = byteOffset;
  const named = layoutIn(layout).map(([name, dtype, elements, shape]) => {
    const data = new arrays[dtype](buffer, at, elements);
    at += padded(data.byteLength);
    return [name, { dtype, shape, data } as Tensor] as const;
  });
  return Object.fromEntries(named);
}

const layouts = new Map<string, Layout>();
const mostLayouts = 64;

/** Graphs are asked for the same again and again: one row, a batch of an explanation. */
function layoutIn(text: string): Layout {
  const known = layouts.get(text);
  if (known !== undefined) return known;
  if (layouts.size >= mostLayouts) layouts.clear();
  const layout = JSON.parse(text) as Layout;
  layouts.set(text, layout);
  return layout;
}

/** Bytes of the largest element. */
const grain = 8;

const padded = (length: number): number => Math.ceil(length / grain) * grain;
