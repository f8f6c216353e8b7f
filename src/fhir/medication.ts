import type { MedicationRequest, Resource } from '@medplum/fhirtypes';
import { type Code, codesOf, isRecord, recordsIn, rxnorm, wordsOf } from './coding.ts';
import { containedIn, idIn, referenceOf } from './reference.ts';

/**
 * RxNorm product → ingredients (vocabulary/drugs.tsv): drugs are recognised by ingredient from any code a
 * product may carry: branded or generic product, brand, pack, component, form, ingredient or salt.
 */
export interface DrugIndex {
  /** Ingredient codes that count; empty for a known product that does not (eye drops); undefined: unknown code. */
  ingredients(rxcui: string): readonly string[] | undefined;
  /** Brand and ingredient names that contain one of these ingredients: to notice a drug that is only named. */
  namesOf(ingredients: ReadonlySet<string>): readonly string[];
}

/** Reads drugs.tsv: comment lines start with `#`, then a header line, then code, term type, ingredients, name. */
export function parseDrugIndex(tsv: string): DrugIndex {
  const byCode = new Map<string, readonly string[]>();
  const names: { readonly name: string; readonly ingredients: readonly string[] }[] = [];
  for (const line of tsv.split('\n').filter((each) => /^\d/.test(each))) {
    const [code = '', , used = '', name = ''] = line.split('\t');
    const ingredients = used === '' ? [] : used.split('|');
    byCode.set(code, ingredients);
    if (name !== '' && ingredients.length > 0) names.push({ name: name.trim(), ingredients });
  }
  return {
    ingredients: (rxcui) => byCode.get(rxcui),
    namesOf: (wanted) =>
      names.filter((each) => each.ingredients.some((code) => wanted.has(code))).map((each) => each.name),
  };
}

/** What a MedicationRequest is for, as far as the chart tells. */
export type Drug =
  | { readonly kind: 'described'; readonly codes: readonly Code[]; readonly words: string }
  /** It points to a Medication that is not in the chart. */
  | { readonly kind: 'elsewhere' };

/**
 * The drug of a request: its own CodeableConcept, a contained Medication (`#id`), or a Medication of the chart
 * (relative, or absolute by its end), with the codes of a Medication's ingredients.
 */
export function drugOf(request: MedicationRequest, medications: ReadonlyMap<string, Resource>): Drug {
  const reference = referenceOf(request.medicationReference);
  if (reference === undefined) {
    if (request.medicationReference !== undefined && request.medicationCodeableConcept === undefined) {
      return { kind: 'elsewhere' };
    }
    return describe(request.medicationCodeableConcept, []);
  }
  const found = reference.startsWith('#')
    ? containedIn(request, reference)
    : medications.get(idIn(reference, 'Medication') ?? '');
  if (!isRecord(found)) return { kind: 'elsewhere' };
  const parts = recordsIn(found, 'ingredient').map((each) => each.itemCodeableConcept);
  return describe(found.code, parts);
}

function describe(concept: unknown, parts: readonly unknown[]): Drug {
  const all = [concept, ...parts];
  return { kind: 'described', codes: all.flatMap(codesOf), words: all.map(wordsOf).join(' \n ') };
}

/** RxNorm codes among codes. */
export const rxcuisOf = (codes: readonly Code[]): readonly string[] =>
  codes.filter(({ system }) => system === rxnorm).map(({ code }) => code);
