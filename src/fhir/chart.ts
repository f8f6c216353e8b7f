import type { Patient, Resource } from '@medplum/fhirtypes';

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
}
