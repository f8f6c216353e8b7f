/**
 * What a check is. The kit asks any CDS service over HTTP and knows nothing of its inside; a check is one rule of
 * the specification, or one thing a hostile caller would try, as data with a function.
 */
import type { Target } from './target.ts';

/** How strongly the specification binds; `practice` is this kit's own demand, with its reason in `source`. */
export type Strength = 'SHALL' | 'SHOULD' | 'MAY' | 'practice';

export interface Check {
  /** Stable: `A2`, `Q7`, `cds-resp-1`, `jwt-07`, `ssrf-12`, `patient-03`, `body-15`. */
  readonly id: string;
  /** The rule in one sentence, as a reader of the report understands it. */
  readonly rule: string;
  readonly strength: Strength;
  /** Where the rule stands: specification section, Inferno requirement numbers, advisory. */
  readonly source: string;
  readonly run: (target: Target) => Promise<Verdict>;
}

/** A check that cannot be run on this service is skipped and says why: it is never counted as passed. */
export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly saw: string }
  | { readonly kind: 'skipped'; readonly why: string };

export const passed: Verdict = { kind: 'passed' };
/** @param saw what the service did, in a few words; never a token, never patient data */
export const failed = (saw: string): Verdict => ({ kind: 'failed', saw });
export const skipped = (why: string): Verdict => ({ kind: 'skipped', why });

/** `holds ? passed : failed(saw)`. */
export const verdict = (holds: boolean, saw: string): Verdict => (holds ? passed : failed(saw));
