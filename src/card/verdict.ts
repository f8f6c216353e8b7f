import type { ValueName } from '../features/feature.ts';
import type { Finding } from '../findings/finding.ts';

/** What the policy decided, before any text is written. */
export type Verdict = Show | Silent;

export type Indicator = 'info' | 'warning' | 'critical';

/** One card that is to be written. */
export interface Chosen {
  /** Id of the card template in card.json. */
  readonly template: string;
  readonly indicator: Indicator;
  /** The finding it tells of, where the template is for findings. */
  readonly finding?: Finding;
}

export interface Show {
  readonly kind: 'show';
  readonly outcome: 'show';
  /** The first card's template; becomes the decision's reason. */
  readonly reason: string;
  /** Most urgent first. */
  readonly cards: readonly Chosen[];
}

export interface Silent {
  readonly kind: 'silent';
  readonly outcome: 'silent' | 'abstained' | 'undetermined';
  /** Machine-readable; becomes the decision's reason. */
  readonly reason: string;
  /** Values the reason rests on. */
  readonly values: readonly ValueName[];
}

/** Shows these cards, most urgent first and otherwise in the order given. */
export function show(cards: readonly Chosen[]): Show {
  const ranked = cards.toSorted((one, other) => urgency[other.indicator] - urgency[one.indicator]);
  return { kind: 'show', outcome: 'show', reason: ranked[0]?.template ?? '', cards: ranked };
}

export const silent = (reason: string, values: readonly ValueName[] = []): Silent => ({
  kind: 'silent',
  outcome: 'silent',
  reason,
  values,
});

export const urgency: Readonly<Record<Indicator, number>> = { info: 0, warning: 1, critical: 2 };
