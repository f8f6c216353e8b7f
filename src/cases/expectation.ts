import type { Card } from 'cds-hooks-types';
import { cardViolations } from '../card/invariants.ts';
import type { Outcome } from '../ledger/decision.ts';
import type { Case, Expected } from './case.ts';

/** What a package came to. */
export interface Given {
  readonly outcome: Outcome;
  readonly reason: string;
  /** Templates of the cards, in their order. */
  readonly templates: readonly string[];
  readonly cards: readonly Card[];
}

/** Where it departs from what the case expects, a line each. */
export function compare(given: Given, { expect }: Case): readonly string[] {
  const { outcome, reason, cards, templates } = given;
  if (expect.outcome !== 'show' || outcome !== 'show') {
    const wanted = expect.outcome === 'show' ? expect.template : expect.reason;
    const same = outcome === expect.outcome && reason === wanted;
    return same ? [] : [`came to ${outcome} (${reason}), not to ${expect.outcome} (${wanted})`];
  }
  const expected = [expect, ...expect.also];
  const wanted = expected.map(({ template }) => template);
  if (wanted.join() !== templates.join()) return [`shows ${templates.join(', ')}, not ${wanted.join(', ')}`];
  return cards.flatMap((card, at) => {
    const one = expected[at];
    return one === undefined ? [] : cardFaults(card, one).map((fault) => `${one.template}: ${fault}`);
  });
}

function cardFaults(card: Card, expected: Expected): readonly string[] {
  const { indicator = card.indicator, summaryIncludes, detailIncludes, detailExcludes } = expected;
  const proposed = proposals(card);
  const { suggestions = proposed } = expected;
  return [
    ...cardViolations(card),
    ...(card.indicator === indicator ? [] : [`is ${card.indicator}, not ${indicator}`]),
    ...all(summaryIncludes)
      .filter((text) => !card.summary.includes(text))
      .map((text) => `the summary lacks "${text}": ${card.summary}`),
    ...all(detailIncludes)
      .filter((text) => !card.detail?.includes(text))
      .map((text) => `the detail lacks "${text}": ${card.detail}`),
    ...all(detailExcludes)
      .filter((text) => card.detail?.includes(text))
      .map((text) => `the detail has "${text}": ${card.detail}`),
    ...(proposed.join() === suggestions.join()
      ? []
      : [`proposes ${proposed.join(', ')}, not ${suggestions.join(', ')}`]),
  ];
}

const all = (text: string | readonly string[] | undefined): readonly string[] =>
  text === undefined ? [] : [text].flat();

const proposals = (card: Card): readonly string[] =>
  (card.suggestions ?? []).flatMap(({ actions = [] }) =>
    actions.map((action) => {
      if (action.type === 'delete') return String(action.resourceId);
      const { resource } = action;
      if (resource?.resourceType === 'MedicationRequest')
        return resource.medicationCodeableConcept?.coding?.[0]?.code ?? '?';
      return resource?.resourceType === 'ServiceRequest' ? (resource.code?.text ?? '?') : '?';
    }),
  );
