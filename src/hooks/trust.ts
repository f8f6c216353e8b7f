import { decodeJwt, decodeProtectedHeader, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { Fault } from '../errors.ts';
import { fhirBase } from '../fhir/base.ts';
import type { Clock } from '../fhir/chart.ts';
import { type FetchKeys, keySetOf } from './key-set.ts';
import type { Registration } from './registration.ts';
import { memoryReplayStore, type ReplayStore } from './replay.ts';

/**
 * Who calls. `audience` is the public URL of the endpoint called, from configuration and never from the Host
 * header.
 * @throws Fault unauthorized, always the same and bare (K7)
 */
export type Authenticate = (authorization: string | undefined, audience: string) => Promise<Registration>;

/** For a metric; the caller is told nothing. */
export type Refusal = 'malformed' | 'issuer' | 'jku' | 'lifetime' | 'signature-or-claims' | 'replay';

export interface TrustOptions {
  readonly registrations: readonly Registration[];
  readonly clock: Clock;
  readonly replays?: ReplayStore;
  readonly fetchKeys?: FetchKeys;
  readonly onRefusal?: (refusal: Refusal) => void;
}

const skewSeconds = 60;
const maxTokenLength = 8 * 1024;

/**
 * Authenticates CDS clients by their JWT (CDS Hooks 2.0 "Trusting CDS Clients"; K2–K7): ES384 or RS384 with a
 * registered key, `typ` JWT, `kid`, and iss, aud, exp, iat, jti; at most five minutes long unless registered
 * otherwise; each used once.
 */
export function createAuthenticate(options: TrustOptions): Authenticate {
  const replays = options.replays ?? memoryReplayStore();
  const issuers = new Map(
    options.registrations.map((item) => [
      item.id,
      { registration: item, keys: keySetOf(item, options.fetchKeys) },
    ]),
  );
  const refuse = (refusal: Refusal): Fault => {
    options.onRefusal?.(refusal);
    return new Fault('unauthorized');
  };
  return async (authorization, audience) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined || token.length > maxTokenLength) throw refuse('malformed');
    const known = issuers.get(issuerOf(token));
    if (known === undefined) throw refuse('issuer');
    const refusal = await judge(token, known.registration, known.keys, audience, options.clock(), replays);
    if (refusal !== undefined) throw refuse(refusal);
    return known.registration;
  };
}

/** The claimed issuer, not yet proven; empty where there is none. */
function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    return '';
  }
}

async function judge(
  token: string,
  registration: Registration,
  keys: JWTVerifyGetKey,
  audience: string,
  now: Date,
  replays: ReplayStore,
): Promise<Refusal | undefined> {
  const expected = registration.audience ?? audience;
  try {
    const { jku, kid } = decodeProtectedHeader(token);
    if (typeof kid !== 'string' || kid === '') return 'malformed';
    if (jku !== undefined && registration.jwksUrl !== undefined && jku !== registration.jwksUrl) return 'jku';
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['ES384', 'RS384'],
      typ: 'JWT',
      issuer: registration.id,
      audience: expected,
      requiredClaims: ['iss', 'aud', 'exp', 'iat', 'jti'],
      clockTolerance: skewSeconds,
      currentDate: now,
    });
    return refusalOf(payload, registration, expected, Math.floor(now.getTime() / 1000), replays);
  } catch {
    return 'signature-or-claims';
  }
}

/** What jose does not look at: a whole audience list, the lifetime, an issue date to come, a second use. */
function refusalOf(
  { aud, exp, iat, jti }: JWTPayload,
  { id, maxTokenSeconds }: Registration,
  expected: string,
  now: number,
  replays: ReplayStore,
): Refusal | undefined {
  if ([aud].flat().some((item) => item !== expected)) return 'signature-or-claims';
  if (exp === undefined || iat === undefined || typeof jti !== 'string') return 'signature-or-claims';
  if (jti === '' || jti.length > 256) return 'signature-or-claims';
  if (exp - iat > (maxTokenSeconds ?? 300) || exp <= iat || iat > now + skewSeconds) return 'lifetime';
  return replays.useOnce(id, jti, exp + skewSeconds, now) ? undefined : 'replay';
}

/**
 * The FHIR base that a request names, in its one spelling, if it is registered for the calling EHR.
 * @throws Fault fhir-server-not-allowed
 */
export function mayAskFhirServer(registration: Registration, fhirServer: string): string {
  const wanted = fhirBase(fhirServer);
  if (wanted === undefined || !registration.fhirServers.some((base) => fhirBase(base) === wanted)) {
    throw new Fault('fhir-server-not-allowed');
  }
  return wanted;
}
