import { setTimeout as wait } from 'node:timers/promises';
import type { Resource } from '@medplum/fhirtypes';
import type { FetchFailure } from './chart.ts';
import type { FhirReader, Reading } from './reader.ts';

/** What the in-memory server answers to one query. */
export type Answer =
  | Resource
  | { readonly failed: FetchFailure }
  | { readonly after: number; readonly body: Resource };

export interface MemoryReader extends FhirReader {
  /** Queries in the order they were asked. */
  readonly asked: readonly string[];
}

/** The in-memory twin of the FHIR server: query → answer; a query it does not know is `not-found`. */
export function memoryReader(answers: Readonly<Record<string, Answer>>): MemoryReader {
  const asked: string[] = [];
  return {
    asked,
    read: async (query, { signal }) => {
      asked.push(query);
      const answer = answers[query];
      return answer === undefined ? { kind: 'failed', reason: 'not-found' } : reading(answer, signal);
    },
  };
}

async function reading(answer: Answer, signal: AbortSignal): Promise<Reading> {
  if (signal.aborted) return { kind: 'failed', reason: 'timeout' };
  if ('failed' in answer) return { kind: 'failed', reason: answer.failed };
  if ('resourceType' in answer) return { kind: 'read', body: answer };
  return wait(answer.after, undefined, { signal }).then(
    () => ({ kind: 'read', body: answer.body }),
    () => ({ kind: 'failed', reason: 'timeout' }),
  );
}
