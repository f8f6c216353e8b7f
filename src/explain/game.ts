/**
 * What every explanation of a network plays with: one patient's tensors beside a background, and players that bring their
 * part of the patient or leave the background's in place.
 */
import type { MixedRows } from '../inference/mixture.ts';
import type { Tensors } from '../inference/tensor.ts';
import type { Urgency } from '../inference/urgency.ts';

/**
 * The explained output of many rows, one number for each, on the scale of the explanation (log odds, or as it is). What
 * tells them is the caller's again when it settles: it keeps none of it.
 * @throws Fault model-unavailable, deadline-passed, overloaded
 */
export type Score = (rows: MixedRows, urgency?: Urgency) => Promise<Float64Array>;

/** Elements of an input's row (flat indices) that enter together. */
export interface Part {
  readonly input: string;
  readonly elements: Int32Array;
}

export interface GamePlayer {
  /** What it is called: a column, `hour 3`, `rows 4–7, columns 0–3`. */
  readonly label: string;
  readonly parts: readonly Part[];
}

export interface Game {
  /** Named in faults. */
  readonly model?: string;
  readonly score: Score;
  /** One row. */
  readonly patient: Tensors;
  /** One row or more, of the same shapes. */
  readonly background: Tensors;
  readonly backgroundRows: number;
  /** No element belongs to two. Elements that belong to none are the patient's in every row. */
  readonly players: readonly GamePlayer[];
}

/** How a method asks for scores. */
export interface ScoreOptions {
  readonly urgency?: Urgency;
  /** Rows in one call of the score. Absent: as many as the model's process holds in a few megabytes, 8192 at most. */
  readonly batchRows?: number;
}

/** What one method made of a game. */
export interface Attribution {
  /** The explained output of the patient, and its mean over the background. */
  readonly value: number;
  readonly baseline: number;
  /** One for each player, in their order. For additive methods Σ phi = value − baseline. */
  readonly phi: Float64Array;
  /** Of phi, for methods that sample. */
  readonly standardError?: Float64Array;
  /** Rows that the model computed for it. */
  readonly evaluations: number;
  /** value − baseline − Σ phi: what an approximation leaves over. Absent where the method does not claim to add up. */
  readonly gap?: number;
  /** Of a local model fitted to the scores (LIME): its weighted R², at most 1. */
  readonly fit?: number;
}
