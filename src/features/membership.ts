import { type Code, codeKey, rxnorm } from '../fhir/coding.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Value sets a code is a member of: canonical URL → the display of our own expansion. */
export type Memberships = ReadonlyMap<string, string>;

const known = new WeakMap<Vocabulary, Map<string, Memberships>>();
/** Codes come from charts: what is remembered of them is bounded. */
const mostCodes = 20_000;

/** The value sets of the vocabulary that hold this code, looked up once a code. */
export function membershipsOf(code: Code, vocabulary: Vocabulary): Memberships {
  const codes = known.get(vocabulary) ?? new Map<string, Memberships>();
  known.set(vocabulary, codes);
  const key = codeKey(code);
  const found = codes.get(key);
  if (found !== undefined) return found;
  const sets = new Map<string, string>();
  for (const [url, set] of vocabulary.valueSets) {
    const display = set.display(code);
    if (display !== undefined) sets.set(url, display);
  }
  if (codes.size >= mostCodes) codes.clear();
  codes.set(key, sets);
  return sets;
}

/** The display of the first of these codes that is a member of the value set; undefined: none is. */
export function memberAmong(
  codes: readonly Code[],
  valueSet: string,
  vocabulary: Vocabulary,
): { readonly code: string; readonly display: string } | undefined {
  for (const code of codes) {
    const display = membershipsOf(code, vocabulary).get(valueSet);
    if (display !== undefined) return { code: code.code, display };
  }
  return undefined;
}

/** Is this a set of drugs: does it list RxNorm codes? */
export const isDrugSet = (valueSet: string, { valueSets }: Vocabulary): boolean =>
  (valueSets.get(valueSet)?.members(rxnorm).size ?? 0) > 0;
