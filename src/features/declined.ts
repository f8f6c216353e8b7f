import type { MedicationRequest } from '@medplum/fhirtypes';
import { codesOf, isRecord, recordsIn, wordOf, wordsOf } from '../fhir/coding.ts';
import { referenceTo } from '../fhir/reference.ts';
import { isBefore, type Moment, parseMoment, windowStart } from '../fhir/time.ts';
import { absence, type Context, type DrugRecord } from './context.ts';
import { matchDrug } from './drug.ts';
import type { EntryFrom } from './entry.ts';
import type { Feature } from './feature.ts';
import { dateOf, endOfRequest } from './intake.ts';
import { declinedLists, reasonNotGiven } from './lists.ts';
import { isDrugSet, memberAmong } from './membership.ts';
import { momentDone } from './moment.ts';
import { valueSetsNotDone } from './not-done-set.ts';
import { codedRecord } from './procedure.ts';
import { type Recorded, recordedWithin } from './recorded.ts';

type Entry = EntryFrom<'declined'>;

/**
 * Is there a recorded decision not to give or do it, within the look-back? Of drugs: orders not to give, orders on hold,
 * orders stopped or cancelled for such a reason, statements and administrations that it was not taken; of all else:
 * orders not to do it, procedures and communications not done. A record that names a value set instead of a code (QI-Core
 * notDoneValueSet) is meant only where that set stands for the entry's.
 */
export function declined(entry: Entry, context: Context): Feature {
  const { valueSet } = entry.from;
  const drugs = isDrugSet(valueSet, context.vocabulary);
  const records = drugs ? declinedDrugs(entry, context) : declinedServices(valueSet, context);
  const absent = absence(context.chart, ...declinedLists(valueSet, context.vocabulary));
  return recordedWithin(records, entry.lookback, absent, context);
}

/** Every status but these: then the record itself does not hold. */
const isMeant = ({ status }: { readonly status?: unknown }): boolean =>
  status !== 'entered-in-error' && status !== 'draft';

function declinedDrugs(entry: Entry, context: Context): readonly Recorded[] {
  const { requests, statements, administrations } = context.index;
  const named = (record: DrugRecord, moment: Moment | undefined): readonly Recorded[] =>
    drugRecord(entry, record, moment, context);
  return [
    ...requests
      .filter((each) => each.doNotPerform === true && isMeant(each))
      .flatMap((each) => named(each, dateOf(each))),
    ...requests.flatMap((each) => endedDrug(entry, each, context)),
    ...statements.filter(({ status }) => status === 'not-taken').flatMap((each) => named(each, dateOf(each))),
    ...administrations
      .filter(({ status }) => status === 'not-done')
      .flatMap((each) => named(each, dateOf(each))),
  ];
}

function drugRecord(
  { from }: Entry,
  record: DrugRecord,
  moment: Moment | undefined,
  context: Context,
): readonly Recorded[] {
  const reference = referenceTo(record);
  const named = valueSetsNotDone(record.medicationCodeableConcept);
  if (named?.includes(from.valueSet) === true) return [{ reference, moment }];
  if (named !== undefined && !named.some(isUnknownSet)) return [];
  const drug = context.index.drugOf(record);
  if (drug.kind === 'elsewhere') return [{ reference, moment, doubt: 'elsewhere' }];
  const match = matchDrug(from, drug, context.vocabulary);
  if (match.kind === 'match') return [{ reference, moment, code: match.code, display: match.display }];
  return match.kind === 'named' || drug.nameless ? [{ reference, moment, doubt: 'unread' }] : [];
}

/** A set of the Value Set Authority Center that we do not know: only the record's words can tell what it stands for. */
const isUnknownSet = (url: string): boolean => /(?:^|[:/])\d+(?:\.\d+)+$/.test(url);

/** HL7's own reasons are all known: those that are not in the value set say nothing against the drug. */
const knownReasons = 'http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason';

/**
 * An order ended for a reason: one in the value set; one that we do not know, or in words alone, leaves it open. An order
 * on hold is not to be given for now, whatever the reason; no element tells since when, so that one written before the
 * look-back has no date.
 */
function endedDrug(entry: Entry, request: MedicationRequest, context: Context): readonly Recorded[] {
  const { status, statusReason, doNotPerform } = request;
  if (status === 'on-hold' && doNotPerform !== true)
    return drugRecord(entry, request, heldSince(entry, request, context), context);
  if ((status !== 'stopped' && status !== 'cancelled') || doNotPerform === true) return [];
  const codes = codesOf(statusReason);
  const given = memberAmong(codes, reasonNotGiven, context.vocabulary) !== undefined;
  const untold =
    codes.length === 0
      ? wordsOf(statusReason).trim() !== ''
      : codes.every(({ system }) => system !== knownReasons);
  if (!given && !untold) return [];
  const records = drugRecord(entry, request, endOfRequest(request) ?? dateOf(request), context);
  return given
    ? records
    : records.flatMap((each) => (each.doubt === undefined ? [{ ...each, doubt: 'unread' as const }] : []));
}

function heldSince({ lookback }: Entry, request: MedicationRequest, context: Context): Moment | undefined {
  const written = dateOf(request);
  if (written === undefined || lookback === undefined) return written;
  return isBefore(written, windowStart(context.chart.now, lookback)) ? undefined : written;
}

function declinedServices(valueSet: string, context: Context): readonly Recorded[] {
  const { serviceRequests, procedures, communications } = context.index;
  const service = (record: Coded, moment: Moment | undefined): readonly Recorded[] => {
    const named = valueSetsNotDone(record.code);
    if (named === undefined) return codedRecord(record, valueSet, context, () => moment);
    return named.includes(valueSet) ? [{ reference: referenceTo(record), moment }] : [];
  };
  return [
    ...serviceRequests
      .filter((each) => each.doNotPerform === true && isMeant(each))
      .flatMap((each) => service(each, parseMoment(each.authoredOn))),
    ...procedures
      .filter(({ status }) => status === 'not-done')
      .flatMap((each) => service(each, momentDone(each, 'performed') ?? recordedAt(each))),
    ...communications
      .filter(({ status, topic }) => status === 'not-done' && topic !== undefined)
      .flatMap((each) => service({ ...each, code: each.topic }, parseMoment(each.sent) ?? recordedAt(each))),
  ];
}

interface Coded {
  readonly resourceType: string;
  readonly id?: string | undefined;
  readonly code?: unknown;
}

const recorded = [
  'http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-recorded',
  'http://hl7.org/fhir/StructureDefinition/event-recorded',
];

/** When a decision was written down (QI-Core): what was not done has no time of its own. */
function recordedAt(record: unknown): Moment | undefined {
  const found = recordsIn(record, 'extension').find(({ url }) => recorded.includes(wordOf(url)));
  return isRecord(found) ? parseMoment(found.valueDateTime) : undefined;
}
