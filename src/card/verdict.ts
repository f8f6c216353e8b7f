import type { ValueName } from '../features/feature.ts';
import { type Finding, gravity, type Severity } from '../findings/finding.ts';

/** What the policy decided, before any text is written. */
export type Verdict = Show | Silent;

export type Indicator = Severity;

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
  const listed = ranked(cards);
  return { kind: 'show', outcome: 'show', reason: listed[0]?.template ?? '', cards: listed };
}

export const silent = (reason: string, values: readonly ValueName[] = []): Silent => ({
  kind: 'silent',
  outcome: 'silent',
  reason,
  values,
});

/** Cards as they are listed: most urgent first, otherwise in the order given. */
export const ranked = <Card extends { readonly indicator: Indicator }>(
  cards: readonly Card[],
): readonly Card[] => cards.toSorted((one, other) => gravity[other.indicator] - gravity[one.indicator]);
