import type { MissingReason } from '../../../src/features/feature.ts';
import type { ChartParts } from '../sample-chart.ts';

/** One rule of extraction, as data: what the chart holds, and what a value comes to. The clock is 2026-06-15 12:00 UTC. */
export interface Case {
  readonly rule: string;
  readonly value: string;
  readonly chart: ChartParts;
  /** A value (numbers to 1e-5) or the reason it is missing. */
  readonly expect: number | boolean | string | { readonly missing: MissingReason };
}

export const missing = (reason: MissingReason): { missing: MissingReason } => ({ missing: reason });
export const failed = { state: 'fetch-failed', reason: 'timeout' } as const;
export const absent = { state: 'not-supplied' } as const;
