import { type Code, rxnorm } from '../fhir/coding.ts';
import { rxcuisOf } from '../fhir/medication.ts';
import type { EntryFrom } from './entry.ts';
import type { Vocabulary } from './vocabulary.ts';

type Entry = EntryFrom<'medication'> | EntryFrom<'allergy'>;

/** What codes and words say about a drug set. */
export type DrugMatch =
  | { readonly kind: 'match'; readonly display: string; readonly code: string }
  /** Only words name it: evidence that cannot be read for sure. */
  | { readonly kind: 'named' }
  | { readonly kind: 'other' };

interface Matcher {
  readonly ingredients: ReadonlyMap<string, string>;
  readonly names: RegExp;
}

const matchers = new WeakMap<Vocabulary, Map<string, Matcher>>();

/**
 * Does a drug belong to the entry's value set: one of its codes is a member, or a product of a member ingredient?
 * Words are looked at only when no RxNorm code of it is known to us.
 */
export function matchDrug(
  entry: Entry,
  codes: readonly Code[],
  words: string,
  vocabulary: Vocabulary,
): DrugMatch {
  const { ingredients, names } = matcherOf(entry, vocabulary);
  const valueSet = vocabulary.valueSets.get(entry.from.valueSet);
  let known = false;
  for (const rxcui of rxcuisOf(codes)) {
    const parts = vocabulary.drugs.ingredients(rxcui);
    known ||= parts !== undefined;
    const part = parts?.find((each) => ingredients.has(each));
    if (part !== undefined)
      return { kind: 'match', display: ingredients.get(part) ?? entry.label, code: rxcui };
  }
  for (const code of codes.filter(({ system }) => system !== rxnorm)) {
    const display = valueSet?.display(code);
    if (display !== undefined) return { kind: 'match', display, code: code.code };
  }
  return !known && names.test(words) ? { kind: 'named' } : { kind: 'other' };
}

function matcherOf(entry: Entry, vocabulary: Vocabulary): Matcher {
  const all = matchers.get(vocabulary) ?? new Map<string, Matcher>();
  matchers.set(vocabulary, all);
  const found = all.get(entry.name);
  if (found !== undefined) return found;
  const ingredients =
    vocabulary.valueSets.get(entry.from.valueSet)?.members(rxnorm) ?? new Map<string, string>();
  const names = [
    ...ingredients.values(),
    ...vocabulary.drugs.namesOf(new Set(ingredients.keys())),
    ...(entry.from.words ?? []),
  ];
  const matcher = { ingredients, names: anyOfWords(names) };
  all.set(entry.name, matcher);
  return matcher;
}

/** Any of the names as a whole word, whatever the case. */
function anyOfWords(names: readonly string[]): RegExp {
  const escaped = [...new Set(names.map((each) => each.toLowerCase()))].map((each) =>
    each.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`),
  );
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join('|')})(?![\\p{L}\\p{N}])`, 'iu');
}
