/** What every part of the careless service is handed. */
export type Json = Record<string, unknown>;

export interface House {
  /** Is the service careless in this way? */
  readonly has: (fault: string) => boolean;
  /** Public key of the one client. */
  readonly jwk: Json;
  readonly issuer: string;
  readonly tenant: string;
  /** `aud` of the endpoint at this path. */
  readonly audience: (path: string) => string;
  /** FHIR bases that may be asked. */
  readonly fhirServers: readonly string[];
  /** Token ids that were seen. */
  readonly used: Set<unknown>;
}

/** A refusal, with the status it is answered with. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, text = 'Refused.') {
    super(text);
    this.status = status;
  }
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
