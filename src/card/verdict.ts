import type { ValueName } from '../features/feature.ts';

/** What the policy decided, before any text is written. */
export type Verdict = Show | Silent;

export interface Show {
  readonly kind: 'show';
  readonly outcome: 'show';
  /** The template's id; becomes the decision's reason. */
  readonly reason: string;
  /** Id of the card template in card.json that applies. */
  readonly template: string;
}

export interface Silent {
  readonly kind: 'silent';
  readonly outcome: 'silent' | 'abstained' | 'undetermined';
  /** Machine-readable; becomes the decision's reason. */
  readonly reason: string;
  /** Values the reason rests on. */
  readonly values: readonly ValueName[];
}
