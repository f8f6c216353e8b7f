/** What the service and its runner (a child process) say to each other, as structured clones. */

/** One column per tensor, shape [rows]. */
export type Feeds = Readonly<Record<string, Float64Array>>;

/** float64 or boolean (one byte each) columns. */
export type Tensors = Readonly<Record<string, Float64Array | Uint8Array>>;

export interface TensorType {
  readonly name: string;
  /** As onnxruntime names it: `float64`, `bool`... */
  readonly type: string;
}

export interface Signature {
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly TensorType[];
}

export type Ask =
  | { readonly kind: 'load'; readonly model: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'run';
      readonly model: string;
      readonly rows: number;
      readonly feeds: Feeds;
      /** Output tensors wanted; the rest is neither computed nor sent. */
      readonly fetches: readonly string[];
    };

export type ToRunner = Ask & { readonly id: number };

export type FromRunner =
  | { readonly kind: 'ready' }
  | { readonly kind: 'loaded'; readonly id: number; readonly signature: Signature }
  | { readonly kind: 'ran'; readonly id: number; readonly outputs: Tensors }
  /** `reason` is onnxruntime's own message: tensor names and shapes, no values. */
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };
