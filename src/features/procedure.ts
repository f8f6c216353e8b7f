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
      codedRecord(procedure, entry.from.valueSet, context, () => momentDone(procedure, 'performed')),
    );
  return recordedWithin(records, entry.lookback, absence(context.chart, 'procedures'), context);
}

const isDone = ({ status }: Procedure): boolean => status === 'completed' || status === 'in-progress';

/** Is it ordered already: an active ServiceRequest (no proposal, no "do not do") of the value set? */
export function alreadyOrdered(entry: EntryFrom<'ordered'>, context: Context): Feature {
  const records = context.index.serviceRequests
    .filter(isOrdered)
    .flatMap((request) =>
      codedRecord(request, entry.from.valueSet, context, () => parseMoment(request.authoredOn)),
    );
  return recordedWithin(records, entry.lookback, absence(context.chart, 'serviceRequests'), context);
}

const isOrdered = ({ status, intent, doNotPerform }: ServiceRequest): boolean =>
  status === 'active' && intent !== 'proposal' && doNotPerform !== true;

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
