import type { AnyHookName, CdsService, Discovery, PrefetchTemplates } from 'cds-hooks-types';

/** One list of the chart, as a prefetch key. */
export interface PrefetchList {
  /** Prefetch key. */
  readonly key: string;
  /** FHIR read or search with the token `{{context.patientId}}`. */
  readonly query: string;
  /** Without it the service cannot answer (412). */
  readonly required: boolean;
}

/** What discovery must know of a service. */
export interface DiscoverableService {
  readonly id: string;
  readonly hook: AnyHookName;
  readonly title: string;
  readonly description: string;
  readonly lists: readonly PrefetchList[];
}

/**
 * The answer of `GET /cds-services` (D1, D2). Prefetch templates are derived from the lists a service needs, so
 * the two cannot drift; a service that needs none carries no `prefetch` (J2).
 */
export function discovery(services: readonly DiscoverableService[]): Discovery {
  return { services: services.map(describe) };
}

function describe({ hook, title, description, id, lists }: DiscoverableService): CdsService {
  const prefetch: PrefetchTemplates = Object.fromEntries(lists.map((list) => [list.key, list.query]));
  return { hook, title, description, id, ...(lists.length === 0 ? {} : { prefetch }) };
}
