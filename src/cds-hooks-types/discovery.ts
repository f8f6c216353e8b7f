import type { Extensions } from './extension.ts';
import type { AnyHookName } from './hooks/index.ts';

/**
 * Answer of `GET {baseUrl}/cds-services`. A server without services answers `{ "services": [] }`.
 * @see https://cds-hooks.hl7.org/2.0/#discovery
 */
export interface Discovery {
  readonly services: readonly CdsService[];
  readonly extension?: Extensions;
}

/**
 * One service as discovery describes it.
 * @see https://cds-hooks.hl7.org/2.0/#response
 */
export interface CdsService {
  /** The hook the service should be invoked on. */
  readonly hook: AnyHookName;
  /** Human-friendly name; RECOMMENDED. */
  readonly title?: string;
  readonly description: string;
  /** The `{id}` of `{baseUrl}/cds-services/{id}`. The same id may appear once per hook. */
  readonly id: string;
  readonly prefetch?: PrefetchTemplates;
  /** Human-friendly preconditions for use, e.g. site agreements. */
  readonly usageRequirements?: string;
  /**
   * Semantic version of CDS Hooks that the service speaks.
   * @since 3.0
   */
  readonly version?: string;
  /**
   * Version of the hook definition, exactly as the hook library publishes it.
   * @since 3.0
   */
  readonly hookVersion?: string;
  readonly extension?: Extensions;
}

/**
 * Prefetch key → FHIR read or search, with tokens such as `{{context.patientId}}`.
 * @see https://cds-hooks.hl7.org/2.0/#prefetch-template
 */
export interface PrefetchTemplates {
  readonly [key: string]: string;
}
