/** How checks of FHIR reads ask: a request with some of its prefetch missing, and the kit's own FHIR server to read from. */
import type { CdsService } from 'cds-hooks-types';
import { skipped, type Verdict } from '../check.ts';
import { queryOf } from '../sample.ts';
import { sameQuery } from '../stub-fhir-server.ts';
import type { Answer, Body, StubFhirServer, Target } from '../target.ts';
import { everyAnswering, fhirAccess, isObject } from './asking.ts';

/** A prefetch key with the query that would bring it. */
export interface Wanted {
  readonly key: string;
  readonly query: string;
}

/** Keys that this context can answer. */
export const wantedOf = (service: CdsService, request: Body): readonly Wanted[] =>
  Object.entries(service.prefetch ?? {}).flatMap(([key, template]) => {
    const query = queryOf(template, request.context as Body);
    return query === undefined ? [] : [{ key, query }];
  });

export const prefetchOf = (request: Body): Body => (isObject(request.prefetch) ? request.prefetch : {});

export const withPrefetch = (request: Body, prefetch: Body): Body => {
  const { prefetch: _, ...rest } = request;
  return Object.keys(prefetch).length === 0 ? rest : { ...rest, prefetch };
};

export const withoutKey = (request: Body, key: string): Body => {
  const { [key]: _, ...prefetch } = prefetchOf(request);
  return withPrefetch(request, prefetch);
};

/** One call with the kit's FHIR server named. */
export interface Fetching {
  readonly fhir: StubFhirServer;
  readonly service: CdsService;
  readonly wanted: readonly Wanted[];
  readonly request: () => Body;
  /** Calls with `fhirServer` and token; what the FHIR server saw starts anew. */
  readonly call: (request: Body) => Promise<Answer>;
  /** Queries seen since that call began, in one spelling. */
  readonly seen: () => readonly string[];
}

/** Judges each service that has prefetch templates and may ask the kit's FHIR server. */
export function everyFetching(target: Target, judge: (at: Fetching) => Promise<Verdict>): Promise<Verdict> {
  const { fhir } = target;
  if (fhir === undefined) return Promise.resolve(skipped('no FHIR server: start one with --fhir-server'));
  return everyAnswering(target, async (service, request) => {
    const wanted = wantedOf(service, request());
    if (wanted.length === 0) return skipped('it asks for no prefetch');
    const call = (body: Body) => {
      fhir.forget();
      return target.call(service, { ...body, ...fhirAccess(target, body) });
    };
    const { status } = await call(request());
    if (status !== 200) return skipped(`it may not ask the kit's FHIR server (${status})`);
    const path = new URL(fhir.base).pathname;
    const seen = () => fhir.seen.map(({ url }) => sameQuery(url.slice(path.length)));
    return judge({ fhir, service, wanted, request, call, seen });
  });
}
