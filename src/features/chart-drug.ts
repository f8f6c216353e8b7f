import type { AllergyIntolerance, MedicationRequest, Resource } from '@medplum/fhirtypes';
import { codesOf, recordsIn, wordsOf } from '../fhir/coding.ts';
import { type DrugIndex, drugOf } from '../fhir/medication.ts';
import type { DrugRecord } from './context.ts';
import { type DrugEvidence, drugEvidence } from './drug.ts';

/** The drug that a record of the chart names. */
export type ChartDrug =
  | ({ readonly kind: 'described' } & DrugEvidence)
  /** In a Medication that we were not given. */
  | { readonly kind: 'elsewhere' };

/** Reads the drug of each record at most once. A statement and an administration name theirs as an order does. */
export function chartDrugs(
  medications: ReadonlyMap<string, Resource>,
  drugs: DrugIndex,
): (record: DrugRecord) => ChartDrug {
  return remembered((record) => {
    const drug = drugOf(record as MedicationRequest, medications);
    return drug.kind === 'elsewhere'
      ? drug
      : { kind: 'described', ...drugEvidence(drug.codes, drug.words, drugs) };
  });
}

/** Reads what each allergy is to at most once: its code, and the substances of its reactions. */
export function chartAllergens(drugs: DrugIndex): (allergy: AllergyIntolerance) => DrugEvidence {
  return remembered((allergy) => {
    const concepts = [allergy.code, ...recordsIn(allergy, 'reaction').map(({ substance }) => substance)];
    return drugEvidence(concepts.flatMap(codesOf), concepts.map(wordsOf).join(' \n '), drugs);
  });
}

function remembered<Resource extends object, Answer>(
  read: (resource: Resource) => Answer,
): (resource: Resource) => Answer {
  const answers = new Map<Resource, Answer>();
  return (resource) => {
    const known = answers.get(resource);
    if (known !== undefined) return known;
    const answer = read(resource);
    answers.set(resource, answer);
    return answer;
  };
}
