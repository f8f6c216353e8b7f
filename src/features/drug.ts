import { type Code, rxnorm } from '../fhir/coding.ts';
import { type DrugIndex, rxcuisOf } from '../fhir/medication.ts';
import type { ValueSet } from '../fhir/value-set.ts';
import { namesMember } from './drug-name.ts';
import type { Vocabulary } from './vocabulary.ts';

/** The drug set that is asked for, and class names that make an uncoded record evidence that cannot be read. */
export interface DrugSetFrom {
  readonly valueSet: string;
  readonly words?: readonly string[] | undefined;
}

/** What a record says about a drug, or about what an allergy is to. */
export interface DrugEvidence {
  readonly codes: readonly Code[];
  /** RxNorm codes among them, and those that an NDC stands for. */
  readonly rxcuis: readonly string[];
  readonly words: string;
  /** One of the codes is known to us with all of its ingredients. */
  readonly known: boolean;
  /** Neither such a code nor any word. */
  readonly nameless: boolean;
}

/** Reads codes and words once, for all the sets that will be asked for. */
export function drugEvidence(codes: readonly Code[], words: string, drugs: DrugIndex): DrugEvidence {
  const rxcuis = rxcuisOf(codes, drugs);
  return {
    codes,
    rxcuis,
    words,
    known: rxcuis.some((rxcui) => drugs.isWhole(rxcui)),
    nameless: rxcuis.length === 0 && words.trim() === '',
  };
}

/** What codes and words say about a drug set. */
export type DrugMatch =
  | ({ readonly kind: 'match' } & Member)
  /** Only words name it: evidence that cannot be read for sure. */
  | { readonly kind: 'named' }
  | { readonly kind: 'other' };

/** The first code that belongs to a set, and how the set names it. */
export interface Member {
  readonly display: string;
  readonly code: string;
}

/** Does a drug belong to a set? Words are looked at only when no code of it is known to us. */
export function matchDrug(from: DrugSetFrom, evidence: DrugEvidence, vocabulary: Vocabulary): DrugMatch {
  const valueSet = vocabulary.valueSets.get(from.valueSet);
  if (valueSet === undefined) return { kind: 'other' };
  const member = memberAmong(valueSet, evidence, vocabulary.drugs);
  if (member !== undefined) return { kind: 'match', ...member };
  const named = !evidence.known && namesMember(evidence.words, valueSet, from.words ?? [], vocabulary);
  return named ? { kind: 'named' } : { kind: 'other' };
}

/**
 * Do codes belong to a drug set: one is a member, or a product, by RxNorm or NDC, of a member ingredient in a form whose
 * route the set counts? Undefined: none does.
 */
export const memberOf = (valueSet: ValueSet, codes: readonly Code[], drugs: DrugIndex): Member | undefined =>
  memberAmong(valueSet, { codes, rxcuis: rxcuisOf(codes, drugs) }, drugs);

function memberAmong(
  valueSet: ValueSet,
  { codes, rxcuis }: Pick<DrugEvidence, 'codes' | 'rxcuis'>,
  drugs: DrugIndex,
): Member | undefined {
  for (const code of rxcuis) {
    const [ingredient] = memberIngredients(valueSet, code, drugs).values();
    const unknown = drugs.components(code) === undefined;
    const display = unknown ? valueSet.display({ system: rxnorm, code }) : ingredient;
    if (display !== undefined) return { display, code };
  }
  for (const code of codes) {
    const display = code.system === rxnorm ? undefined : valueSet.display(code);
    if (display !== undefined) return { display, code: code.code };
  }
  return undefined;
}

/**
 * The ingredients of a product that are members of a set, RxNorm code → display; none where its route does not count. A
 * product that the set lists itself is a member with all of them, whatever its route.
 */
export function memberIngredients(
  valueSet: ValueSet,
  rxcui: string,
  drugs: DrugIndex,
): ReadonlyMap<string, string> {
  const members = valueSet.members(rxnorm);
  const parts = drugs.components(rxcui) ?? [];
  const itself = parts.some(({ ingredient }) => ingredient === rxcui) ? undefined : members.get(rxcui);
  const found = new Map<string, string>();
  if (itself === undefined && !valueSet.counts(drugs.routes(rxcui))) return found;
  for (const { ingredient } of parts) {
    const display = itself ?? members.get(ingredient);
    if (display !== undefined) found.set(ingredient, display);
  }
  return found;
}
