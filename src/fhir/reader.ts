import type { Resource } from '@medplum/fhirtypes';
import type { FetchFailure } from './chart.ts';
import type { Deadline } from './deadline.ts';

/** What one GET brought: a resource (a search brings a Bundle), or why there is none. */
export type Reading =
  | { readonly kind: 'read'; readonly body: Resource }
  | { readonly kind: 'failed'; readonly reason: FetchFailure };

/** How long a read may take, body and repeats included. */
export type ReadBudget = Omit<Deadline, typeof Symbol.dispose>;

/** The port to the caller's FHIR server. */
export interface FhirReader {
  /**
   * One page. Failing is a result: this never rejects.
   * @param query relative to the base (`Patient/1`, `Condition?patient=1`), or the absolute address of a next
   *   page or reference; an address outside the registered bases is not visited and fails as `partial`
   * @param budget a read that outlasts it fails as `timeout`, and whatever still comes is discarded
   */
  read(query: string, budget: ReadBudget): Promise<Reading>;
}
