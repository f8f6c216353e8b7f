import type { Procedure, ServiceRequest } from '@medplum/fhirtypes';
import { codesOf, wordsOf } from '../fhir/coding.ts';
import { referenceTo } from '../fhir/reference.ts';
import { parseMoment } from '../fhir/time.ts';
import { absence, type Context } from './context.ts';
import type { EntryFrom } from './entry.ts';
import type { Feature } from './feature.ts';
import { memberAmong } from './membership.ts';
import { momentDone } from './moment.ts';
import { type Recorded, recordedWithin } from './recorded.ts';

/**
 * Was it done: a Procedure (completed or in progress) of the value set, within the look-back by performed[x]. What was
 * not done, is planned or was broken off does not count.
 */
export function procedureDone(entry: EntryFrom<'procedure'>, context: Context): Feature {
  const records = context.index.procedures
    .filter(isDone)
    .flatMap((procedure) =>
      namedRecord(procedure, entry.from, context, () => momentDone(procedure, 'performed')),
    );
  return recordedWithin(records, entry.lookback, absence(context.chart, 'procedures'), context);
}

const isDone = ({ status }: Procedure): boolean => status === 'completed' || status === 'in-progress';

/**
 * Is it ordered already: an active ServiceRequest (no proposal, no "do not do") of the value set, or whose words or kind of
 * performer hold one of the entry's words? Referrals come with codes of the site: believing their words only withholds a
 * second order.
 */
export function alreadyOrdered(entry: EntryFrom<'ordered'>, context: Context): Feature {
  const records = context.index.serviceRequests
    .filter(isOrdered)
    .flatMap((request) => orderedRecord(request, entry.from, context));
  return recordedWithin(records, entry.lookback, absence(context.chart, 'serviceRequests'), context);
}

const isOrdered = ({ status, intent, doNotPerform }: ServiceRequest): boolean =>
  status === 'active' && intent !== 'proposal' && doNotPerform !== true;

function orderedRecord(
  request: ServiceRequest,
  { valueSet, words = [] }: EntryFrom<'ordered'>['from'],
  context: Context,
): readonly Recorded[] {
  const moment = parseMoment(request.authoredOn);
  const named = holdsOneOf(`${wordsOf(request.code)} ${wordsOf(request.performerType)}`, words);
  return named
    ? [{ reference: referenceTo(request), moment }]
    : codedRecord(request, valueSet, context, () => moment);
}

const holdsOneOf = (text: string, words: readonly string[]): boolean => {
  const said = text.toLowerCase();
  return words.some((each) => said.includes(each.toLowerCase()));
};

/** As `codedRecord`; one that the entry's words name may be meant too: codes that we may not carry (CPT) come with words. */
function namedRecord(
  record: CodedRecord,
  { valueSet, words = [] }: EntryFrom<'procedure'>['from'],
  context: Context,
  moment: () => Recorded['moment'],
): readonly Recorded[] {
  const coded = codedRecord(record, valueSet, context, moment);
  if (coded.length > 0 || !holdsOneOf(wordsOf(record.code), words)) return coded;
  return [{ reference: referenceTo(record), moment: moment(), doubt: 'unread' }];
}

interface CodedRecord {
  readonly resourceType: string;
  readonly id?: string | undefined;
  readonly code?: unknown;
}

/** The record if its code is a member; if it has neither code nor word it may be anything. */
export function codedRecord(
  record: CodedRecord,
  valueSet: string,
  { vocabulary }: Context,
  moment: () => Recorded['moment'],
): readonly Recorded[] {
  const codes = codesOf(record.code);
  const member = memberAmong(codes, valueSet, vocabulary);
  const reference = referenceTo(record);
  if (member !== undefined) return [{ reference, moment: moment(), ...member }];
  const untold = codes.length === 0 && wordsOf(record.code).trim() === '';
  return untold ? [{ reference, moment: moment(), doubt: 'unread' }] : [];
}
