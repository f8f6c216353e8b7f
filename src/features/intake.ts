/** When a drug was in the patient: now, within a time, or not at all, as far as a record says. */
import type { MedicationAdministration, MedicationRequest, MedicationStatement } from '@medplum/fhirtypes';
import { isRecord, recordsIn } from '../fhir/coding.ts';
import { isBefore, isFuture, type Moment, momentOfPeriod, parseMoment } from '../fhir/time.ts';
import type { DrugRecord } from './context.ts';
import { momentDone } from './moment.ts';

/** A record of a drug that was or is taken, its dates read once. */
export interface Course {
  readonly record: DrugRecord;
  readonly open: boolean;
  /** Of a course that is over: when it began or ended, as far as told. */
  readonly moments: readonly Moment[];
}

/** `undated`: it was taken, and nothing tells when. */
export type Intake = 'now' | 'within' | 'before' | 'undated';

/** Was it taken since `from` (ms since the epoch)? */
export function intakeOf({ open, moments }: Course, from: number | undefined): Intake {
  if (open) return 'now';
  if (from === undefined) return 'before';
  if (moments.length === 0) return 'undated';
  return moments.some((each) => !isBefore(each, from)) ? 'within' : 'before';
}

/**
 * Reads one record; undefined: it does not say that the drug was taken. MedicationRequest: open while active; completed,
 * stopped and on hold were taken when written and until they ended; cancelled ones never were, nor what is a proposal or
 * "do not give". MedicationStatement: open while active or intended and its period is not over; completed, stopped and
 * on hold as above. MedicationAdministration: open while in progress, else taken at its time.
 */
export function courseOf(record: DrugRecord, now: Date): Course | undefined {
  switch (record.resourceType) {
    case 'MedicationRequest':
      return requested(record);
    case 'MedicationStatement':
      return stated(record, now);
    case 'MedicationAdministration':
      return administered(record, now);
  }
}

function requested(record: MedicationRequest): Course | undefined {
  const { status, intent, doNotPerform } = record;
  if (doNotPerform === true || intent === 'proposal') return undefined;
  if (status === 'active') return { record, open: true, moments: [] };
  return isPast(status) ? over(record, endOfRequest(record), parseMoment(record.authoredOn)) : undefined;
}

function stated(record: MedicationStatement, now: Date): Course | undefined {
  const { status } = record;
  const end = momentEnd(record.effectivePeriod);
  const open = status === 'active' || status === 'intended';
  if (open && (end === undefined || !isBefore(end, now.getTime()))) return { record, open, moments: [] };
  return open || isPast(status) ? over(record, end ?? dateOf(record)) : undefined;
}

function administered(record: MedicationAdministration, now: Date): Course | undefined {
  const { status } = record;
  if (status === 'in-progress') return { record, open: true, moments: [] };
  const given = momentDone(record, 'effective');
  if (!isPast(status) || (given !== undefined && isFuture(given, now))) return undefined;
  return over(record, given);
}

const over = (record: DrugRecord, ...moments: readonly (Moment | undefined)[]): Course => ({
  record,
  open: false,
  moments: moments.filter((each) => each !== undefined),
});

const isPast = (status: unknown): boolean =>
  status === 'completed' || status === 'stopped' || status === 'on-hold';

/** When an order that is over ended: its validity, or the bounds of its dosage. */
export function endOfRequest(request: MedicationRequest): Moment | undefined {
  const { dispenseRequest } = request;
  const validity = isRecord(dispenseRequest) ? momentEnd(dispenseRequest.validityPeriod) : undefined;
  if (validity !== undefined) return validity;
  for (const { timing } of recordsIn(request, 'dosageInstruction')) {
    const repeat = isRecord(timing) ? timing.repeat : undefined;
    const end = isRecord(repeat) ? momentEnd(repeat.boundsPeriod) : undefined;
    if (end !== undefined) return end;
  }
  return undefined;
}

const momentEnd = (period: unknown): Moment | undefined =>
  isRecord(period) && period.end !== undefined ? momentOfPeriod({ end: period.end }) : undefined;

/** When the record itself was made, to name it by. */
export function dateOf(record: DrugRecord): Moment | undefined {
  return record.resourceType === 'MedicationRequest'
    ? parseMoment(record.authoredOn)
    : (momentDone(record, 'effective') ??
        (record.resourceType === 'MedicationStatement' ? parseMoment(record.dateAsserted) : undefined));
}
