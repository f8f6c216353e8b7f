/**
 * Who waits for a run, in the order in which they are served: an EHR that shows a chart, a clinician who opened the
 * app, a program that computes many rows.
 */
export const lanes = ['hook', 'app', 'bulk'] as const;
export type Lane = (typeof lanes)[number];

/** How urgent a run is. */
export interface Urgency {
  /** Absent: hook. */
  readonly lane?: Lane;
  /** Nobody waits any more: Fault deadline-passed. */
  readonly signal?: AbortSignal;
  /** When the answer is due, on the clock of `performance.now()`. Absent: whenever there is time. */
  readonly endsAt?: number;
}
