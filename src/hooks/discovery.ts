import type { AnyHookName, CdsService, Discovery, HookName, PrefetchTemplates } from 'cds-hooks-types';
import { isHookName } from './context.ts';
import type { ClientProfile } from './profile.ts';

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

/** Version of each hook as the CDS Hooks Library publishes it. */
const hookVersions: Readonly<Record<HookName, string>> = {
  'allergyintolerance-create': '0.1.0',
  'appointment-book': '1.0',
  'encounter-discharge': '1.0',
  'encounter-start': '1.0',
  'medication-refill': '0.1.0',
  'medication-verify': '0.1.0',
  'order-dispatch': '1.1',
  'order-select': '1.0',
  'order-sign': '1.0',
  'patient-view': '1.0',
  'problem-list-item-create': '0.1.0',
};

/**
 * The answer of `GET /cds-services` (D1, D2). Prefetch templates are derived from the lists a service needs, so
 * the two cannot drift; a service that needs none carries no `prefetch` (J2). A client of 3.0 is told `version` and
 * `hookVersion` as well (D3); no other is, since to it they are unknown members.
 */
export function discovery(
  services: readonly DiscoverableService[],
  profile: Pick<ClientProfile, 'spec'> = { spec: '2.0' },
): Discovery {
  return { services: services.map((service) => describe(service, profile)) };
}

function describe(
  { hook, title, description, id, lists }: DiscoverableService,
  { spec }: Pick<ClientProfile, 'spec'>,
): CdsService {
  const prefetch: PrefetchTemplates = Object.fromEntries(lists.map((list) => [list.key, list.query]));
  return {
    hook,
    title,
    description,
    id,
    ...(lists.length === 0 ? {} : { prefetch }),
    ...(spec === '3.0' ? { version: '3.0.0' } : {}),
    ...(spec === '3.0' && isHookName(hook) ? { hookVersion: hookVersions[hook] } : {}),
  };
}
