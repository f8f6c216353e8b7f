/** The chart: prefetch first, then the caller's FHIR server. */
import { isObject, type Json, Refused, type Site } from '../faulty-service.ts';
import type { FaultyCdsService } from './answers.ts';

/** What is known of each key; `undefined`: nothing could be learned. */
export type Gathered = ReadonlyMap<string, readonly Json[] | undefined>;

const budgetMs = 300;

/** @throws Refused 412 where the patient cannot be learned, 403 where the server may not be asked */
export async function gather(site: Site, service: FaultyCdsService, request: Json): Promise<Gathered> {
  const base = allowedServer(site, request);
  if (request.prefetch !== undefined && !isObject(request.prefetch)) return new Map([['patient', []]]);
  const prefetch = isObject(request.prefetch) ? request.prefetch : {};
  const keys = Object.entries(service.prefetch);
  const found = new Map<string, readonly Json[] | undefined>();
  for (const [key, template] of keys) {
    const asked = { site, request, base, signal: AbortSignal.timeout(budgetMs) };
    found.set(key, await load(asked, prefetch[key], queryOf(template, request)));
  }
  if (found.get('patient') === undefined && !site.has('guesses')) {
    throw new Refused(site.has('says-400-for-412') ? 400 : 412);
  }
  return found;
}

interface Asked {
  readonly site: Site;
  readonly request: Json;
  readonly base: string | undefined;
  readonly signal: AbortSignal;
}

function allowedServer({ has, options }: Site, { fhirServer }: Json): string | undefined {
  if (typeof fhirServer !== 'string') return undefined;
  if (!has('asks-any-server') && !(options.fhirServers ?? []).includes(fhirServer)) throw new Refused(403);
  return fhirServer;
}

function queryOf(template: string, request: Json): string {
  const context = isObject(request.context) ? request.context : {};
  return template.replaceAll(/\{\{context\.(\w+)\}\}/g, (_, name: string) => String(context[name]));
}

async function load(asked: Asked, value: unknown, query: string): Promise<readonly Json[] | undefined> {
  const { has } = asked.site;
  const isEmpty = isObject(value) && value.resourceType === 'Bundle' && !Array.isArray(value.entry);
  const isOutcome = isObject(value) && value.resourceType === 'OperationOutcome';
  const ask =
    value === undefined ||
    (isOutcome && !has('takes-outcome-for-data')) ||
    (value === null && has('asks-for-null')) ||
    (isEmpty && has('asks-for-empty')) ||
    (has('asks-for-everything') && asked.base !== undefined);
  if (has('refuses-none-found') && isNoneFound(value)) throw new Refused(412);
  const page = ask ? await read(asked, has('asks-other-query') ? `${query}&x=1` : query) : value;
  return resourcesOf(asked, page);
}

const isNoneFound = (value: unknown): boolean =>
  isObject(value) &&
  Array.isArray(value.entry) &&
  value.entry.some(
    (entry) => isObject(entry?.resource) && entry.resource.resourceType === 'OperationOutcome',
  );

/** One GET with the token; undefined where it fails in any way. */
async function read(asked: Asked, query: string): Promise<unknown> {
  const { has } = asked.site;
  if (asked.base === undefined || has('never-asks-fhir')) return undefined;
  const url = new URL(query, `${asked.base}/`);
  if (!has('follows-anywhere') && !url.href.startsWith(`${asked.base}/`)) return undefined;
  const authorization = isObject(asked.request.fhirAuthorization)
    ? { authorization: `Bearer ${asked.request.fhirAuthorization.access_token}` }
    : undefined;
  try {
    const response = await fetch(url, {
      signal: asked.signal,
      redirect: has('follows-redirects') ? 'follow' : 'error',
      ...(authorization === undefined || has('asks-without-token') ? {} : { headers: authorization }),
    });
    if (!response.ok) return has(`guesses-after-${response.status}`) ? null : undefined;
    return await response.json();
  } catch (thrown) {
    const isTimeout = thrown instanceof Error && thrown.name === 'TimeoutError';
    if (isTimeout && has('guesses-after-timeout')) return null;
    if (!isTimeout && has('guesses-after-garbage')) return null;
    return undefined;
  }
}

/** Every page of it; half a list is no list. */
async function resourcesOf(asked: Asked, page: unknown): Promise<readonly Json[] | undefined> {
  if (page === null) return [];
  if (!isObject(page)) return undefined;
  if (page.resourceType === 'OperationOutcome') {
    return asked.site.has('takes-outcome-for-data') ? [] : undefined;
  }
  if (page.resourceType !== 'Bundle') return [page];
  const entries = Array.isArray(page.entry) ? (page.entry as Json[]) : [];
  const resources = entries.flatMap(({ resource }) => (isObject(resource) ? [resource] : []));
  const links = Array.isArray(page.link) ? (page.link as Json[]) : [];
  const next = links.find(({ relation }) => relation === 'next')?.url;
  if (typeof next !== 'string' || asked.site.has('ignores-next')) return resources;
  const rest = await resourcesOf(asked, await read(asked, next));
  return rest === undefined ? undefined : [...resources, ...rest];
}
