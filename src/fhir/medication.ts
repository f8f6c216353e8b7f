import type { MedicationRequest, Resource } from '@medplum/fhirtypes';
import { type Code, codesOf, isRecord, recordsIn, rxnorm, wordsOf } from './coding.ts';
import type { DrugIndex } from './drug-index.ts';
import { ndc } from './ndc.ts';
import { containedIn, idIn, referenceOf } from './reference.ts';

export { type DrugIndex, parseDrugIndex } from './drug-index.ts';

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

/**
 * RxNorm codes among codes, each once: RxNorm's own, and with an index the product that an NDC stands for, where it is
 * known.
 */
export function rxcuisOf(codes: readonly Code[], drugs?: DrugIndex): readonly string[] {
  const all = codes.flatMap(({ system, code }) => {
    if (system === rxnorm) return [code];
    return system === ndc ? (drugs?.ofNdc(code) ?? []) : [];
  });
  return [...new Set(all)];
}
