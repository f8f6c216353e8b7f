import type { AllergyIntolerance } from '@medplum/fhirtypes';
import { statusCodesOf } from '../fhir/coding.ts';
import { referenceTo } from '../fhir/reference.ts';
import { parseMoment } from '../fhir/time.ts';
import { isHeld } from './coded-condition.ts';
import { absence, type Context } from './context.ts';
import { type DrugEvidence, matchDrug } from './drug.ts';
import type { EntryFrom } from './entry.ts';
import { type Feature, missing, type Source } from './feature.ts';

/**
 * Allergy or intolerance to one of these drugs: the substance or a reaction's substance is a member, a product of
 * a member, or its class. Inactive, resolved, refuted and mistaken records do not count. An uncoded one that names
 * a member, or that nothing describes, is Missing(unsuitable), not a "no".
 */
export function allergyPresent(entry: EntryFrom<'allergy'>, context: Context): Feature {
  const found: Source[] = [];
  const named: Source[] = [];
  for (const allergy of context.index.allergies) {
    if (!isOpen(allergy) || !isHeld(allergy, entry.unconfirmed === true)) continue;
    const allergen = context.index.allergenOf(allergy);
    const match = matchDrug(entry.from, allergen, context.vocabulary);
    if (match.kind === 'match')
      found.push({ ...sourceOf(allergy), value: match.code, display: match.display });
    if (match.kind === 'named' || isUntold(allergen)) named.push(sourceOf(allergy));
  }
  const at = found[0]?.at;
  if (found.length > 0)
    return { kind: 'observed', value: true, ...(at === undefined ? {} : { at }), sources: found };
  const absent = absence(context.chart, 'allergies');
  if (absent !== undefined) return absent;
  if (named.length > 0) return missing('unsuitable', 'an allergy has no code that can be read', named);
  const notes = [`none among ${context.index.allergies.length} allergies on record`];
  return { kind: 'observed', value: false, sources: [], notes };
}

/** Neither a code nor a word: it may be an allergy to anything. */
const isUntold = ({ codes, nameless }: DrugEvidence): boolean => codes.length === 0 && nameless;

const isOpen = ({ clinicalStatus }: AllergyIntolerance): boolean =>
  !statusCodesOf(clinicalStatus).some((status) => status === 'inactive' || status === 'resolved');

function sourceOf(allergy: AllergyIntolerance): Source {
  const at = (parseMoment(allergy.onsetDateTime) ?? parseMoment(allergy.recordedDate))?.text;
  return { reference: referenceTo(allergy), ...(at === undefined ? {} : { at }) };
}
