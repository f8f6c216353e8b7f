import type { MedicationRequest } from '@medplum/fhirtypes';
import { recordsIn, statusCodesOf } from '../fhir/coding.ts';
import { idIn, referenceOf } from '../fhir/reference.ts';
import { isBefore, isFuture, parseMoment } from '../fhir/time.ts';
import type { Context, DrugRecord } from './context.ts';
import type { Intake } from './intake.ts';
import { startOf, visitId, visitOf } from './visit.ts';

/**
 * Tells a completed order for the discharge from this visit (MedicationRequest.category `discharge`, QI-Core): `now`, for
 * the patient goes home with it. Of this visit is what names it, or names none and was written since it began; what
 * nothing places is `undated`. Undefined: no such order.
 */
export function orderedAtDischarge(context: Context): (record: DrugRecord) => Intake | undefined {
  const { now } = context.chart;
  const visit = visitOf(context);
  const id = visitId(context.chart) ?? (typeof visit === 'object' ? visit.id : undefined);
  const began = typeof visit === 'object' ? startOf(visit.period) : undefined;
  return (record) => {
    if (record.resourceType !== 'MedicationRequest' || !isForDischarge(record)) return undefined;
    const reference = referenceOf(record.encounter);
    if (reference !== undefined) return idIn(reference, 'Encounter') === id ? 'now' : undefined;
    const written = parseMoment(record.authoredOn);
    if (written === undefined || began === undefined || isFuture(written, now)) return 'undated';
    return isBefore(written, began.start) ? undefined : 'now';
  };
}

const isForDischarge = (request: MedicationRequest): boolean =>
  request.status === 'completed' &&
  recordsIn(request, 'category').some((each) => statusCodesOf(each).includes('discharge'));
