import type { MedicationRequest } from '@medplum/fhirtypes';
import { drugOf, rxcuisOf } from '../fhir/medication.ts';
import { referenceTo } from '../fhir/reference.ts';
import { newestFirst, parseMoment } from '../fhir/time.ts';
import { absence, type Context } from './context.ts';
import { matchDrug } from './drug.ts';
import type { EntryFrom } from './entry.ts';
import { type Feature, missing, type Source } from './feature.ts';

/**
 * Is the patient on one of these drugs: an active MedicationRequest (not a proposal, not "do not give") whose drug
 * has a member ingredient. Where none matches, a drug that lies in a Medication we were not given makes the answer
 * Missing(fetch-failed), and one that is only named in words, or neither coded in RxNorm nor named, Missing(unsuitable): none is a "no".
 */
export function medicationPresent(entry: EntryFrom<'medication'>, context: Context): Feature {
  const found: Source[] = [];
  const elsewhere: Source[] = [];
  const unread: Source[] = [];
  const given = context.index.requests.filter(isGiven);
  for (const request of given) {
    const drug = drugOf(request, context.index.medications);
    if (drug.kind === 'elsewhere') {
      elsewhere.push(sourceOf(request));
      continue;
    }
    const match = matchDrug(entry, drug.codes, drug.words, context.vocabulary);
    if (match.kind === 'match')
      found.push({ ...sourceOf(request), value: match.code, display: match.display });
    const nameless = rxcuisOf(drug.codes).length === 0 && drug.words.trim() === '';
    if (match.kind === 'named' || (match.kind === 'other' && nameless)) unread.push(sourceOf(request));
  }
  if (found.length > 0) return { kind: 'observed', value: true, ...newest(found), sources: found };
  const absent = absence(context.chart, 'medications');
  if (absent !== undefined) return absent;
  if (elsewhere.length > 0)
    return missing('fetch-failed', 'an active drug is described elsewhere', elsewhere);
  if (unread.length > 0) return missing('unsuitable', 'an active drug has no code that can be read', unread);
  const notes = [`none in ${given.length} active prescription${given.length === 1 ? '' : 's'}`];
  return { kind: 'observed', value: false, sources: [], notes };
}

const isGiven = ({ status, doNotPerform, intent }: MedicationRequest): boolean =>
  status === 'active' && doNotPerform !== true && intent !== 'proposal';

function sourceOf(request: MedicationRequest): Source {
  const at = parseMoment(request.authoredOn)?.text;
  return { reference: referenceTo(request), ...(at === undefined ? {} : { at }) };
}

function newest(sources: readonly Source[]): { at?: string } {
  const moments = sources.map(({ at }) => parseMoment(at)).filter((each) => each !== undefined);
  const at = moments.toSorted(newestFirst)[0]?.text;
  return at === undefined ? {} : { at };
}
