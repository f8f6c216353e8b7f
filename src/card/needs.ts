import type { Need } from '../features/lists.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import { needsOf } from '../findings/findings.ts';
import type { Manifest } from '../inference/manifest.ts';
import type { Condition } from './conditions.ts';
import type { CardFile } from './package.ts';
import type { CardRule, Service } from './service.ts';
import { outputName } from './variables.ts';

type Package = Pick<Service, 'exclusions' | 'cards' | 'shared' | 'findings'>;

/**
 * The clinical values a package uses, in the vocabulary's order. Required is what no card can do without: what the
 * exclusions rest on, and what every problem rests on (values its conditions use without guarding them, and inputs
 * that a model abstains without whose output they use). Optional is the rest: other inputs, guarded values, values
 * that only a line, a suggestion, a text or a kind of finding looks at.
 */
export function needsOfPackage(
  one: Package,
  vocabulary: Vocabulary,
  manifests: readonly Manifest[],
): readonly Need[] {
  const required = new Set([
    ...one.exclusions.flatMap(({ when }) => unguarded(when)),
    ...sharedBy(problemsOf(one.cards).map((cards) => cards.flatMap((card) => restsOn(card, manifests)))),
  ]);
  const used = new Set([...required, ...inputsOf(manifests), ...namedBy(one), ...needsOf(one.findings)]);
  return [...vocabulary.entries.keys()]
    .filter((name) => used.has(name))
    .map((name) => ({ name, required: required.has(name) }));
}

/** Cards by the problem they are for; a card for findings stands alone. */
export const problemsOf = (cards: readonly CardRule[]): readonly (readonly CardRule[])[] => [
  ...Map.groupBy(cards, (card) => (card.kind === 'finding' ? card.id : card.problem)).values(),
];

const unguarded = ({ names, guarded }: Condition): readonly string[] =>
  names.filter((name) => !guarded.includes(name));

function restsOn(card: CardRule, manifests: readonly Manifest[]): readonly string[] {
  if (card.kind === 'finding') return [];
  const names = unguarded(card.when);
  const rested = manifests.filter(({ id }) => names.some((name) => name.startsWith(outputName(id, ''))));
  return [...names, ...inputsOf(rested, true)];
}

const inputsOf = (manifests: readonly Manifest[], onlyRequired = false): readonly string[] =>
  manifests.flatMap(({ inputs }) =>
    inputs.flatMap((input) =>
      input.kind === 'control' || (onlyRequired && input.ifMissing !== 'abstain') ? [] : [input.value],
    ),
  );

const sharedBy = (sets: readonly (readonly string[])[]): readonly string[] =>
  (sets[0] ?? []).filter((name) => sets.every((each) => each.includes(name)));

function namedBy({ cards, shared, exclusions }: Package): readonly string[] {
  const conditions = [
    ...exclusions.map(({ when }) => when),
    ...cards.flatMap((each) => (each.kind === 'finding' ? [] : [each.when])),
    ...Object.values(shared.suggestions).flatMap(({ when }) => when ?? []),
    ...Object.values(shared.lists).flatMap((lines) => lines.flat().map(({ when }) => when)),
  ];
  return [...conditions.flatMap(({ names }) => names), ...shared.named];
}

/** Words that the texts of a package insert. */
export const placeholdersOf = (card: CardFile): ReadonlySet<string> =>
  new Set([...JSON.stringify(card).matchAll(/\{\{(\w+)\}\}/g)].map(([, word = '']) => word));
