import type { Resource } from '@medplum/fhirtypes';
import type { FetchFailure } from './chart.ts';

/** What one GET brought: a resource (a search brings a Bundle), or why there is none. */
export type Reading =
  | { readonly kind: 'read'; readonly body: Resource }
  | { readonly kind: 'failed'; readonly reason: FetchFailure };

/** The port to the caller's FHIR server. */
export interface FhirReader {
  /**
   * One page. Failing is a result: this never rejects.
   * @param query relative to the base (`Patient/1`, `Condition?patient=1`), or the absolute address of a next
   *   page or reference; an address outside the registered bases is not visited and fails as `partial`
   * @param signal ends the read, body included; fails as `timeout`
   */
  read(query: string, signal: AbortSignal): Promise<Reading>;
}
