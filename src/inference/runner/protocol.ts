/** What the service and its runner (a child process) say to each other, as structured clones. */
import type { Mixture } from '../mixture.ts';
import type { Tensors } from '../tensor.ts';
import type { Packed, PackedMixture } from './packed.ts';

/** Rows of a graph, and the outputs wanted of it. */
export interface Batch {
  readonly rows: number;
  readonly feeds: Tensors;
  /** The feeds tell rows of it, which are made where the graph runs. Absent: they are the graph's own. */
  readonly mixture?: Mixture | undefined;
  /** Output tensors wanted; the rest is neither computed nor sent. */
  readonly fetches: readonly string[];
}

/** What a process that runs a graph must answer before it may answer anything else. */
export interface Golden {
  readonly batch: Batch;
  /** What the graph answered when its vectors were checked. */
  readonly outputs: Tensors;
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
  /** The graph takes the place of the one of that name; one that fails leaves none there. */
  | {
      readonly kind: 'load';
      readonly model: string;
      readonly bytes: Uint8Array;
      /** Of the bytes that were checked, in hex. */
      readonly sha256: string;
      readonly golden?: Golden | undefined;
    }
  | { readonly kind: 'prove'; readonly model: string; readonly golden: Golden }
  | ({ readonly kind: 'run'; readonly model: string } & Batch);

type RunAsk = Extract<Ask, { kind: 'run' }>;

/** A question on its way. */
export type Question = { readonly id: number } & (
  | Exclude<Ask, RunAsk>
  | (Omit<RunAsk, 'feeds' | 'mixture'> & {
      readonly feeds: Packed;
      readonly mixture?: PackedMixture | undefined;
    })
);

/** What was asked in one turn, in its order. */
export type ToRunner = readonly Question[];

export type Answer =
  | { readonly kind: 'loaded'; readonly signature: Signature }
  | { readonly kind: 'proved' }
  /** `ms`: of onnxruntime's run alone. */
  | { readonly kind: 'ran'; readonly outputs: Tensors; readonly ms: number }
  /** The graph does not answer its golden outputs here: nothing of it will be answered. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** `reason` is onnxruntime's own message: tensor names and shapes, no values. */
  | { readonly kind: 'failed'; readonly reason: string };

type Ran = Extract<Answer, { kind: 'ran' }>;

/** An answer on its way. */
export type Reply = { readonly id: number } & (
  | Exclude<Answer, Ran>
  | (Omit<Ran, 'outputs'> & { readonly outputs: Packed })
);

/** Answers come in the order of the questions. */
export type FromRunner =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'answers';
      readonly replies: readonly Reply[];
      /** Memory of the process a short while ago, in bytes. */
      readonly resident: number;
    };
