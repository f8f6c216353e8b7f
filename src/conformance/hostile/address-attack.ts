import type { Body, Canary, Target } from '../target.ts';
import type { Ground } from './ground.ts';

/** One way to lead a service to an address that nobody registered. */
export interface AddressAttack {
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  /** It needs the kit's FHIR server, which the service may ask. */
  readonly asksFhir?: boolean;
  /**
   * What is sent, or why it cannot be.
   * @param request a fresh correct request
   */
  readonly bend: (request: Body, lure: Lure) => Lured | string;
}

/** A bent request; text is sent as it is. */
export interface Lured {
  readonly body: Body | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What there is to lure with. */
export interface Lure {
  readonly canary: Canary;
  /** `127.0.0.1:49152` */
  readonly host: string;
  /** A FHIR base that the service may know: the kit's, else a made-up one. */
  readonly goodBase: string;
  readonly ground: Ground;
  readonly target: Target;
  /** `fhirAuthorization` whose token must not go astray. */
  readonly authorization: Body;
}

export const ssrf = 'OWASP ASVS 5.0, 1.3.6: allow-list of outgoing requests';
export const redirect = 'Argonaut CDS Hooks risk assessment, R17: token redirect to another resource server';
