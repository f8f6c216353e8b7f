import type { Observation } from '@medplum/fhirtypes';
import { isRecord } from '../fhir/coding.ts';
import { type Moment, momentOfPeriod, parseMoment } from '../fhir/time.ts';

/** When an Observation was true of the patient: effective[x]; `issued` only where effective is absent. */
export function momentOf(observation: Observation): Moment | undefined {
  const { effectiveDateTime, effectiveInstant, effectivePeriod, effectiveTiming, issued } = observation;
  const at = effectiveDateTime ?? effectiveInstant;
  if (at !== undefined) return parseMoment(at);
  if (effectivePeriod !== undefined) return momentOfPeriod(effectivePeriod);
  if (effectiveTiming !== undefined) {
    const events: unknown = effectiveTiming?.event;
    return parseMoment(Array.isArray(events) ? events.at(-1) : undefined);
  }
  return parseMoment(issued);
}

/** When something was done, given or said: `<element>DateTime`, else the end or the start of `<element>Period`. */
export function momentDone(
  record: unknown,
  element: 'performed' | 'effective' | 'occurrence',
): Moment | undefined {
  if (!isRecord(record)) return undefined;
  return parseMoment(record[`${element}DateTime`]) ?? momentOfPeriod(record[`${element}Period`]);
}
