/** What the service and its runner (a child process) say to each other, as structured clones. */
import type { Tensors } from '../tensor.ts';

/** Rows of a graph, and the outputs wanted of it. */
export interface Batch {
  readonly rows: number;
  readonly feeds: Tensors;
  /** Output tensors wanted; the rest is neither computed nor sent. */
  readonly fetches: readonly string[];
}

export interface TensorType {
  readonly name: string;
  /** As onnxruntime names it: `float64`, `bool`... */
  readonly type: string;
  /** Axes as the graph declares them, rows first; a name where the size is open. */
  readonly shape: readonly (number | string)[];
}

export interface Signature {
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly TensorType[];
}

export type Ask =
  | { readonly kind: 'load'; readonly model: string; readonly bytes: Uint8Array }
  | ({ readonly kind: 'run'; readonly model: string } & Batch);

export type ToRunner = Ask & { readonly id: number };

export type FromRunner =
  | { readonly kind: 'ready' }
  | { readonly kind: 'loaded'; readonly id: number; readonly signature: Signature }
  | { readonly kind: 'ran'; readonly id: number; readonly outputs: Tensors }
  /** `reason` is onnxruntime's own message: tensor names and shapes, no values. */
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };
