import type { Resource } from '@medplum/fhirtypes';
import type { Extensions } from './extension.ts';
import type { FhirAuthorization } from './fhir-authorization.ts';
import type { HookContexts, HookName } from './hooks/index.ts';

/**
 * Body of `POST {baseUrl}/cds-services/{id}`. `CdsRequest` is the union over all hooks and narrows on
 * `hook`; `CdsRequest<'order-sign'>` is one of them.
 * @see https://cds-hooks.hl7.org/2.0/#http-request_1
 */
export type CdsRequest<H extends HookName = HookName> = {
  [K in H]: CdsRequestFields<K> & FhirAccess;
}[H];

/**
 * What every request carries, with the context that its hook defines.
 * @see https://cds-hooks.hl7.org/2.0/#http-request_1
 */
export interface CdsRequestFields<H extends HookName> {
  readonly hook: H;
  /** UUID of this one firing of the hook. */
  readonly hookInstance: string;
  readonly context: HookContexts[H];
  readonly prefetch?: Prefetch;
  readonly extension?: Extensions;
}

/**
 * Where the service may read more; an authorization never comes without its server.
 * @see https://cds-hooks.hl7.org/2.0/#fhir-resource-access
 */
export type FhirAccess =
  | {
      /** Base URL of the client's FHIR server; https in production. */
      readonly fhirServer: string;
      readonly fhirAuthorization?: FhirAuthorization;
    }
  | { readonly fhirServer?: undefined; readonly fhirAuthorization?: undefined };

/**
 * Prefetch key → what the client found. An absent key was not tried or could not be satisfied, `null` was
 * asked and is empty, an OperationOutcome tells of an error. A Bundle may name a next page (3.0).
 * @see https://cds-hooks.hl7.org/2.0/#prefetch-template
 */
export interface Prefetch {
  readonly [key: string]: Resource | null | undefined;
}
