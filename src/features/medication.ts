import { referenceTo } from '../fhir/reference.ts';
import { newestFirst, parseMoment, windowStart } from '../fhir/time.ts';
import { absence, type Context, type DrugRecord } from './context.ts';
import { orderedAtDischarge } from './discharge-order.ts';
import { type DrugMatch, matchDrug } from './drug.ts';
import type { EntryFrom } from './entry.ts';
import { type Feature, missing, type Source } from './feature.ts';
import { dateOf, type Intake, intakeOf } from './intake.ts';
import { asksForPast } from './lists.ts';

type Entry = EntryFrom<'medication'>;
type Doubt = 'elsewhere' | 'unread' | 'undated';

/**
 * Is the patient on one of these drugs: an active MedicationRequest (not a proposal, not "do not give"), statement or
 * running administration whose drug has a member ingredient; with `within`, also what was taken in that time; with
 * `includes: ["discharge"]`, also what was ordered for the discharge from this visit. Where none matches, a drug that lies in a Medication we were not given makes the answer Missing(fetch-failed), one that is
 * only named in words, or neither coded in RxNorm nor named, Missing(unsuitable), and a member that nothing dates
 * Missing(invalid-date): none is a "no".
 */
export function medicationPresent(entry: Entry, context: Context): Feature {
  const { chart } = context;
  const { within } = entry.from;
  const isAtDischarge = entry.from.includes === undefined ? undefined : orderedAtDischarge(context);
  const from = within === undefined ? undefined : windowStart(chart.now, within);
  const found: Source[] = [];
  const doubts = new Map<Doubt, Source[]>();
  let looked = 0;
  for (const course of context.index.courses()) {
    const { record } = course;
    const intake = isAtDischarge?.(record) ?? intakeOf(course, from);
    if (intake === 'before') continue;
    looked += 1;
    const match = matchRecord(entry, record, context);
    const doubt = doubtOf(match, intake);
    if (doubt !== undefined) doubts.set(doubt, [...(doubts.get(doubt) ?? []), sourceOf(record)]);
    else if (match !== 'elsewhere' && match.kind === 'match')
      found.push({ ...sourceOf(record), value: match.code, display: match.display });
  }
  if (found.length > 0) return { kind: 'observed', value: true, ...newest(found), sources: found };
  const absent = absence(chart, 'medications', ...(asksForPast(entry.from) ? ['medicationHistory'] : []));
  return absent ?? doubtful(doubts) ?? none(looked, within);
}

type RecordMatch = DrugMatch | 'elsewhere' | { readonly kind: 'nameless' };

function matchRecord(entry: Entry, record: DrugRecord, context: Context): RecordMatch {
  const drug = context.index.drugOf(record);
  if (drug.kind === 'elsewhere') return 'elsewhere';
  const match = matchDrug(entry.from, drug, context.vocabulary);
  return match.kind === 'other' && drug.nameless ? { kind: 'nameless' } : match;
}

function doubtOf(match: RecordMatch, intake: Intake): Doubt | undefined {
  if (match === 'elsewhere') return 'elsewhere';
  switch (match.kind) {
    case 'named':
    case 'nameless':
      return 'unread';
    case 'match':
      return intake === 'undated' ? 'undated' : undefined;
    case 'other':
      return undefined;
  }
}

function doubtful(doubts: ReadonlyMap<Doubt, readonly Source[]>): Feature | undefined {
  const [elsewhere, unread, undated] = [doubts.get('elsewhere'), doubts.get('unread'), doubts.get('undated')];
  if (elsewhere !== undefined)
    return missing('fetch-failed', 'an active drug is described elsewhere', elsewhere);
  if (unread !== undefined)
    return missing('unsuitable', 'an active drug has no code that can be read', unread);
  return undated && missing('invalid-date', 'nothing tells when the drug was taken', undated);
}

function none(looked: number, within: string | undefined): Feature {
  const time = within === undefined ? '' : ` or recent (${within})`;
  const notes = [`none in ${looked} active${time} prescription${looked === 1 ? '' : 's'}`];
  return { kind: 'observed', value: false, sources: [], notes };
}

function sourceOf(record: DrugRecord): Source {
  const at = dateOf(record)?.text;
  return { reference: referenceTo(record), ...(at === undefined ? {} : { at }) };
}

function newest(sources: readonly Source[]): { at?: string } {
  const moments = sources.map(({ at }) => parseMoment(at)).filter((each) => each !== undefined);
  const at = moments.toSorted(newestFirst)[0]?.text;
  return at === undefined ? {} : { at };
}
