/** A clinical value as far as it is known: a number never travels without unit, time and source. */
export type Feature = Observed | Imputed | Missing;

/** Name of an entry in `vocabulary/`, camelCase. */
export type ValueName = string;

export type FeatureValue = number | boolean | string;

export interface Observed {
  readonly kind: 'observed';
  /** In the vocabulary entry's unit; a boolean for presence, a string for a coded answer. */
  readonly value: FeatureValue;
  /** Clinically relevant instant of the newest source, ISO 8601; absent for demographics and for "no match". */
  readonly at?: string;
  readonly sources: readonly Source[];
  /** How the value came about where that is not plain: a formula with its citation, a conversion, a mean. */
  readonly notes?: readonly string[];
}

/** A value the model's manifest put in place of a missing one; the card and the app say so. */
export interface Imputed {
  readonly kind: 'imputed';
  readonly value: FeatureValue;
  readonly because: MissingReason;
  readonly basis: string;
}

export interface Missing {
  readonly kind: 'missing';
  readonly reason: MissingReason;
  /** Plain words for the app, e.g. "unit 'g' is not a concentration". Never free text from the chart. */
  readonly detail?: string;
  /** What was looked at and refused. */
  readonly sources: readonly Source[];
}

/**
 * - `not-recorded`: the list was read and holds no such value within any time
 * - `not-supplied`, `fetch-failed`: the list did not come
 * - `stale`: recorded, but before the look-back window
 * - `implausible`, `unknown-unit`, `conflicting`, `invalid-date`: the newest record cannot be used
 * - `unsuitable`: recorded, but a condition forbids its use (creatinine during acute kidney injury)
 */
export type MissingReason =
  | 'not-recorded'
  | 'not-supplied'
  | 'fetch-failed'
  | 'stale'
  | 'implausible'
  | 'unknown-unit'
  | 'conflicting'
  | 'invalid-date'
  | 'unsuitable';

/** A record in the chart, as it was sent. */
export interface Source {
  /** Relative reference, `Observation/123`; `#` when the resource has no id. */
  readonly reference: string;
  readonly at?: string;
  /** As sent, before conversion. */
  readonly value?: FeatureValue;
  readonly unit?: string;
  /** From our own vocabulary or value set, never the chart's own text. */
  readonly display?: string;
}

export type Features = ReadonlyMap<ValueName, Feature>;

export const missing = (
  reason: MissingReason,
  detail?: string,
  sources: readonly Source[] = [],
): Missing => ({
  kind: 'missing',
  reason,
  ...(detail === undefined ? {} : { detail }),
  sources,
});
