import type { Manifest } from './manifest.ts';
import type { Urgency } from './urgency.ts';

export type Digest = string & { readonly __brand: 'Digest' };

/** A proportion in [0, 1], unrounded: thresholds are decided on it, only words are rounded. */
export type Probability = number & { readonly __brand: 'Probability' };

/**
 * One patient as a model sees it: manifest input name → number (a category already as its code), `null`
 * where the value is missing and the manifest allows that.
 */
export type Row = Readonly<Record<string, number | null>>;

/** Output name → number in the manifest's unit (a label output: its code). An output that does not apply is absent. */
export type Outputs = Readonly<Record<string, number>>;

/** The port to a sealed model. Rows are computed in one batch; the order is kept. */
export interface Model {
  readonly manifest: Manifest;
  /** SHA-256 over model file and manifest. */
  readonly digest: Digest;
  /**
   * @param only names of the outputs wanted; all without it. What is not wanted is not computed.
   * @throws Fault model-unavailable, deadline-passed, overloaded
   */
  run(rows: readonly Row[], urgency?: Urgency, only?: readonly string[]): Promise<readonly Outputs[]>;
  /**
   * All the rows between two, 2^players of them: in row `mask` the inputs of player i are those of `to` where bit i is set,
   * else those of `from`. Inputs that belong to nobody are those of `to`.
   * @param players the inputs of each, 15 players at most
   * @throws Fault as `run`
   */
  between(
    from: Row,
    to: Row,
    players: readonly (readonly string[])[],
    urgency?: Urgency,
    only?: readonly string[],
  ): Promise<readonly Outputs[]>;
}

/** What a model said of one patient. */
export type Result = Prediction | Abstention;

export interface Prediction {
  readonly kind: 'prediction';
  readonly model: string;
  readonly version: string;
  readonly digest: Digest;
  /** The row the model saw. */
  readonly row: Row;
  readonly outputs: Outputs;
  /** Label outputs in words, e.g. `{ model: 'base' }`: the equation variant that answered. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Abstention {
  readonly kind: 'abstention';
  readonly model: string;
  readonly version: string;
  readonly digest: Digest;
  /** Every input that stood in the way, not only the first. */
  readonly because: readonly InputProblem[];
}

export interface InputProblem {
  /** Manifest input name. */
  readonly input: string;
  /** Vocabulary name, where the input has one. */
  readonly value?: string;
  readonly reason: 'missing' | 'out-of-range' | 'not-finite' | 'unknown-category' | 'not-applicable';
  /** "SBP 212 mm[Hg] is above 200" or the MissingReason. For the app and the ledger, not for logs. */
  readonly detail: string;
}
