import type { Patient, Resource } from '@medplum/fhirtypes';
import { parseMoment, windowStart } from './time.ts';

export type PatientId = string & { readonly __brand: 'PatientId' };

/** Now, injected: every look-back, age and staleness is measured from it. */
export type Clock = () => Date;

/**
 * How one list of the chart (one prefetch key) came to us. Each absence means something else:
 * - `supplied`: sent or fetched whole, perhaps empty (a `null` key, an empty Bundle, a Bundle whose only
 *   entry is a "none found" OperationOutcome): nothing there is a finding.
 * - `not-supplied`: the key was absent and no FHIR server could be asked.
 * - `fetch-failed`: an OperationOutcome stood in its place, or our own read failed.
 */
export type Supply =
  | { readonly state: 'supplied' }
  | { readonly state: 'not-supplied' }
  | { readonly state: 'fetch-failed'; readonly reason: FetchFailure };

export type FetchFailure =
  | 'operation-outcome'
  | 'unauthorized'
  | 'not-found'
  | 'throttled'
  | 'timeout'
  | 'unreachable'
  | 'invalid-response'
  | 'partial'
  | 'server-error';

/** What is known of one patient at one instant. Every resource in it has passed the patient match. */
export interface Chart {
  readonly patientId: PatientId;
  readonly now: Date;
  readonly patient: Patient | undefined;
  /** By prefetch key. A key the service did not ask for is not listed. */
  readonly supply: ReadonlyMap<string, Supply>;
  /** All resources of all keys, each once (by type and id). */
  readonly resources: readonly Resource[];
  /** Of the hook's context: the visit that the user is in; some hooks know none. */
  readonly encounterId?: string;
  /** Orders of the hook's context that nobody has signed yet, as sent; they are not part of the record. */
  readonly drafts: readonly Resource[];
  /** `MedicationRequest/1`: the drafts that the user has just chosen (order-select), or all of them (order-sign). */
  readonly selected: ReadonlySet<string>;
}

/** The chart as it stood that long ago (ISO 8601 duration): without the observations made since. */
export function chartBefore(chart: Chart, ago: string): Chart {
  const now = new Date(windowStart(chart.now, ago));
  const resources = chart.resources.filter((resource) => {
    if (resource.resourceType !== 'Observation') return true;
    const made = parseMoment(resource.effectiveDateTime ?? resource.effectiveInstant ?? resource.issued);
    return made === undefined || made.start <= now.getTime();
  });
  return { ...chart, now, resources };
}
