import type { Extensions } from './extension.ts';

/**
 * A short-lived token with which the service may read the client's FHIR server during this call. It is
 * transient: never stored, shared or logged.
 * @see https://cds-hooks.hl7.org/2.0/#passing-the-access-token-to-the-cds-service
 */
export interface FhirAuthorization {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Lifetime in seconds. */
  readonly expires_in: number;
  /** SMART scopes, separated by spaces (SMART v2 syntax since CDS Hooks 3.0). */
  readonly scope: string;
  /** OAuth client id of the CDS service at the client's authorization server. */
  readonly subject: string;
  /** FHIR id of the one patient the token is restricted to; expected when `scope` has patient scopes. */
  readonly patient?: string;
  readonly extension?: Extensions;
}
