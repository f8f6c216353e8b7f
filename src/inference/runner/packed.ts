/** Tensors as one piece of memory: what goes from one process to another is cloned, and a clone costs by the piece. */
import { arrays, bytesOf, type Dtype, type Tensor, type Tensors } from '../tensor.ts';

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
    bytes.set(bytesOf(tensor), at);
    at += padded(tensor.data.byteLength);
  }
  const layout: Layout = named.map(([name, { dtype, shape, data }]) => [name, dtype, data.length, shape]);
  return { layout: JSON.stringify(layout), bytes };
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
