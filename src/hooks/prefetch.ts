import type { Bundle, BundleEntry, OperationOutcome, Resource } from '@medplum/fhirtypes';
import type { FetchFailure } from '../fhir/chart.ts';

/**
 * What stands under one key, sent or fetched:
 * - `absent`: the key was not sent, so the client did not try or could not
 * - `page`: resources, perhaps none, and where the next page is
 * - `failed`: an error stands in place of the data
 */
export type ListReading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'page'; readonly resources: readonly Resource[]; readonly next?: string }
  | { readonly kind: 'failed'; readonly reason: FetchFailure };

const empty: ListReading = { kind: 'page', resources: [] };
const failed = (reason: FetchFailure): ListReading => ({ kind: 'failed', reason });

/**
 * Reads one prefetch value (Q4–Q6, Q8). `null` and an empty Bundle say that nothing is there; so does a Bundle
 * whose only entry is a "none found" OperationOutcome (Epic). An OperationOutcome in place of the data, or an
 * error among the entries, is a failure, never data; so is a Bundle with an entry that holds no resource, or with a
 * total above zero and neither entries nor a next page.
 *
 * @param value `undefined` where the key is absent
 * @param query the list's query: a search must bring a Bundle, a read may bring the resource itself, and resources
 *   of other types alone are not what was asked; `?` for a next page, which may hold anything
 */
export function readPrefetch(value: unknown, query: string): ListReading {
  if (value === undefined) return { kind: 'absent' };
  if (value === null) return empty;
  if (!isResource(value)) return failed('invalid-response');
  if (value.resourceType === 'OperationOutcome') return failed('operation-outcome');
  const wanted = /^[^/?]*/.exec(query)?.[0] ?? '';
  if (value.resourceType === 'Bundle') return readBundle(value, wanted);
  const isRead = !query.includes('?') && value.resourceType === wanted;
  return isRead ? { kind: 'page', resources: [value] } : failed('invalid-response');
}

/** @param wanted the type that was asked for; empty where any will do */
function readBundle(bundle: Bundle, wanted: string): ListReading {
  const entries: readonly BundleEntry[] = bundle.entry ?? [];
  if (!Array.isArray(entries)) return failed('invalid-response');
  // An entry that says nothing may be the one that matters: half a list reads like a whole one.
  const found: readonly (Resource | undefined)[] = entries.map((entry) => entry?.resource);
  if (!found.every(isResource) || found.some(({ resourceType }) => resourceType === 'Bundle')) {
    return failed('invalid-response');
  }
  if (found.some((item) => item.resourceType === 'OperationOutcome' && isError(item))) {
    return failed('operation-outcome');
  }
  const resources = found.filter((item) => item.resourceType !== 'OperationOutcome');
  const isOther = resources.length > 0 && resources.every(({ resourceType }) => resourceType !== wanted);
  if (wanted !== '' && isOther) return failed('invalid-response');
  const next = nextOf(bundle);
  if (next === undefined && resources.length === 0 && Number(bundle.total) > 0) return failed('partial');
  return next === undefined ? { kind: 'page', resources } : { kind: 'page', resources, next };
}

/** An OperationOutcome without a readable severity counts as an error. */
function isError(outcome: OperationOutcome): boolean {
  const issues = outcome.issue;
  if (!Array.isArray(issues) || issues.length === 0) return true;
  return issues.some((issue) => issue?.severity !== 'warning' && issue?.severity !== 'information');
}

function nextOf(bundle: Bundle): string | undefined {
  const links = Array.isArray(bundle.link) ? bundle.link : [];
  const next = links.find((link) => link?.relation === 'next');
  return typeof next?.url === 'string' && next.url !== '' ? next.url : undefined;
}

const isResource = (value: unknown): value is Resource =>
  typeof value === 'object' &&
  value !== null &&
  'resourceType' in value &&
  typeof value.resourceType === 'string' &&
  !Array.isArray(value);
