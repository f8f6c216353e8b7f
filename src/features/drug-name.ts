/** Drugs that are only named: the names of a drug set, looked for as whole words in what a record says. */
import { rxnorm } from '../fhir/coding.ts';
import type { ValueSet } from '../fhir/value-set.ts';
import type { Vocabulary } from './vocabulary.ts';

const namesOfSets = new WeakMap<Vocabulary, Map<string, ReadonlySet<string>>>();

/** Do these words name an ingredient of the set, a brand that holds one, or one of the set's own words? */
export function namesMember(
  text: string,
  valueSet: ValueSet,
  words: readonly string[],
  vocabulary: Vocabulary,
): boolean {
  if (text.trim() === '') return false;
  const names = namesOf(valueSet, words, vocabulary);
  return phrasesOf(text).some((phrase) => names.has(phrase));
}

/** Worked out once a set. */
function namesOf(valueSet: ValueSet, words: readonly string[], vocabulary: Vocabulary): ReadonlySet<string> {
  const all = namesOfSets.get(vocabulary) ?? new Map<string, ReadonlySet<string>>();
  namesOfSets.set(vocabulary, all);
  const key = [valueSet.url, ...words].join('\n');
  const found = all.get(key);
  if (found !== undefined) return found;
  const members = valueSet.members(rxnorm);
  const brands = vocabulary.drugs.namesOf(new Set(members.keys()), valueSet.counts);
  const names = new Set([...members.values(), ...brands, ...words].map(plain));
  all.set(key, names);
  return names;
}

/** No name of a drug has more words. */
const mostWords = 16;
/** The last text is asked for again by the next set; texts come from charts, so few are remembered. */
const remembered = new Map<string, readonly string[]>();
const mostTexts = 64;

/** Every run of one to sixteen whole words, with whatever stands between them. */
function phrasesOf(text: string): readonly string[] {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const spelled = plain(text);
  const words = [...spelled.matchAll(/[\p{L}\p{N}]+/gu)].map(
    ({ index, 0: word }) => [index, index + word.length] as const,
  );
  const phrases = new Set<string>();
  for (const [first, [start]] of words.entries()) {
    for (const [, end] of words.slice(first, first + mostWords)) phrases.add(spelled.slice(start, end));
  }
  if (remembered.size >= mostTexts) remembered.clear();
  const all = [...phrases];
  remembered.set(text, all);
  return all;
}

/** Lower case, blanks single, from its first letter or digit to its last. */
function plain(text: string): string {
  const words = [...text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)];
  const [first, last] = [words[0], words.at(-1)];
  if (first === undefined || last === undefined) return '';
  return text
    .toLowerCase()
    .slice(first.index, last.index + last[0].length)
    .replaceAll(/\s+/g, ' ');
}
