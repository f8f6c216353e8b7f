/**
 * The invariants as HL7 publishes them (HL7/cds-hooks, input/fsh/invariants): a FHIRPath expression over one part
 * of a body, judged by Medplum's FHIRPath. Each has a counter-example that it must reject.
 */
import { evalFhirPath } from '@medplum/core';
import type { Card, CdsResponse } from 'cds-hooks-types';

export interface Invariant {
  readonly id: string;
  readonly expression: string;
  /** The parts of a card it speaks of. */
  readonly parts: (card: Card) => readonly object[];
  readonly counterExample: object;
}

const suggestionsOf = (card: Card): readonly object[] => card.suggestions ?? [];
const actionsOf = (card: Card): readonly object[] =>
  (card.suggestions ?? []).flatMap(({ actions }) => actions ?? []);

export const responseInvariants: readonly Invariant[] = [
  {
    id: 'cds-resp-1',
    expression: "(selectionBehavior = 'at-most-one') implies suggestions.where(isRecommended).count() <= 1",
    parts: (card) => [card],
    counterExample: {
      selectionBehavior: 'at-most-one',
      suggestions: [{ isRecommended: true }, { isRecommended: true }],
    },
  },
  {
    id: 'cds-resp-2',
    expression: "(type = 'delete') implies (resourceId.exists() and resource.empty())",
    parts: actionsOf,
    counterExample: { type: 'delete', resource: { resourceType: 'MedicationRequest' } },
  },
  {
    id: 'cds-resp-3',
    expression: "(type != 'smart') implies (appContext.empty())",
    parts: ({ links }) => links ?? [],
    counterExample: { type: 'absolute', appContext: 'x' },
  },
  {
    id: 'cds-resp-4',
    expression: 'overrideReasons.all(display.exists())',
    parts: (card) => [card],
    counterExample: { overrideReasons: [{ code: 'x' }] },
  },
  {
    id: 'cds-resp-5',
    expression: 'actions.all(description.exists())',
    parts: suggestionsOf,
    counterExample: { actions: [{ type: 'create' }] },
  },
  {
    id: 'cds-resp-6',
    expression: 'suggestions.exists() implies selectionBehavior.exists()',
    parts: (card) => [card],
    counterExample: { suggestions: [{ label: 'x' }] },
  },
];

/** Does the expression hold of this part? */
export const holds = (expression: string, part: object): boolean =>
  evalFhirPath(expression, part).every((value) => value === true);

/** The expression fails on nothing that the answer holds. */
export const holdsOf = ({ expression, parts }: Invariant, { cards }: Pick<CdsResponse, 'cards'>): boolean =>
  cards.flatMap(parts).every((part) => holds(expression, part));
