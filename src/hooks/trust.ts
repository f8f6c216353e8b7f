import { compactVerify } from 'jose';
import { Fault } from '../errors.ts';
import { fhirBase } from '../fhir/base.ts';
import type { Clock } from '../fhir/chart.ts';
import type { Caller } from './caller.ts';
import { isListed } from './certificate.ts';
import { type FetchKeys, type KeyRefusal, type KeySet, keySetOf } from './key-set.ts';
import { hasKeys, issuerOf, type Registration } from './registration.ts';
import { memoryReplayStore, type ReplayStore } from './replay.ts';
import { readToken, skewSeconds, type TimeRefusal, type Token, timeRefusal } from './token.ts';

/**
 * Who calls. `audience` is the public URL of the endpoint called, from configuration and never from the Host
 * header.
 * @throws Fault unauthorized, always the same and bare (K7); overloaded where too many tokens in the name of one EHR
 *   are being checked; ledger-unavailable where nobody can say whether the token was used before
 */
export type Authenticate = (caller: Caller, audience: string) => Promise<Registration>;

/** For a metric; the caller is told nothing. */
export type Refusal =
  | 'no-credentials'
  | 'malformed'
  | 'header'
  | 'claims'
  | 'issuer'
  | 'jku'
  | 'audience'
  | 'certificate'
  | 'signature'
  | 'replay'
  | TimeRefusal
  | KeyRefusal;

export interface TrustOptions {
  readonly registrations: readonly Registration[];
  readonly clock: Clock;
  readonly replays?: ReplayStore;
  readonly fetchKeys?: FetchKeys;
  /** @param registration its id, where the call named one */
  readonly onRefusal?: (refusal: Refusal, registration: string | undefined) => void;
  /** A token was judged by keys past their time. @param registration its id */
  readonly onStale?: (registration: string) => void;
}

const tokenSeconds = 300;

/**
 * Signatures checked at once in the name of one EHR, and tokens that may wait for it. Anybody may send tokens in its
 * name that are right but for the signature, and to check one costs half a millisecond: they must not keep the callers
 * of other EHRs waiting.
 */
const checks = { atOnce: 8, waiting: 256 } as const;

interface Client {
  readonly registration: Registration;
  readonly keys: KeySet;
  /** Runs the check when it is its turn, or refuses. @throws Fault overloaded */
  readonly check: <T>(work: () => Promise<T>) => Promise<T>;
}

interface Judgement {
  /** Who it claims to be; who it is where nothing is refused. */
  readonly registration?: Registration;
  readonly refusal?: Refusal;
}

/**
 * Authenticates CDS clients (CDS Hooks 2.0 "Trusting CDS Clients"; K2–K8): by their JWT, ES384 or RS384 with a
 * registered key, `typ` JWT, `kid`, and iss, aud, exp, iat, jti; at most five minutes long unless registered
 * otherwise; each used once. A caller whose token names no registered issuer may still be one whose registration has
 * no keys: that one is known by its TLS client certificate.
 */
export function createAuthenticate(options: TrustOptions): Authenticate {
  const { registrations, clock } = options;
  const replays = options.replays ?? memoryReplayStore();
  const clients = registrations.filter(hasKeys).map((registration) => ({
    registration,
    keys: keySetOf(registration, options),
    check: inTurn(),
  }));
  const withoutKeys = registrations.filter((item) => !hasKeys(item));
  return async (caller, audience) => {
    const token = await byToken(clients, caller, audience, clock(), replays);
    const { registration, refusal } =
      token.registration === undefined ? (byCertificate(withoutKeys, caller) ?? token) : token;
    if (registration !== undefined && refusal === undefined) return registration;
    options.onRefusal?.(refusal ?? 'no-credentials', registration?.id);
    throw new Fault('unauthorized');
  };
}

/** Whatever else such a client sends as Authorization (its own access token) is not read. */
function byCertificate(
  registrations: readonly Registration[],
  { certificate }: Caller,
): Judgement | undefined {
  const [registration] = registrations.filter(({ certificates = [] }) => isListed(certificates, certificate));
  return registration === undefined ? undefined : { registration };
}

async function byToken(
  clients: readonly Client[],
  { authorization, certificate }: Caller,
  audience: string,
  instant: Date,
  replays: ReplayStore,
): Promise<Judgement> {
  if (authorization === undefined)
    return { refusal: certificate === undefined ? 'no-credentials' : 'certificate' };
  const now = Math.floor(instant.getTime() / 1000);
  const token = readToken(authorization);
  if (typeof token === 'string') return { refusal: token };
  const client = clientOf(clients, token.claims);
  if (client === undefined) return { refusal: 'issuer' };
  const { registration } = client;
  const refusal =
    mismatch(token, registration, audience) ??
    timeRefusal(token.claims, registration.maxTokenSeconds ?? tokenSeconds, now) ??
    certificateRefusal(registration, certificate) ??
    (await signatureRefusal(token, client)) ??
    (await replayRefusal(token, registration, now, replays));
  return refusal === undefined ? { registration } : { registration, refusal };
}

/** The client that this issuer and tenant claim to be, not yet proven. */
const clientOf = (clients: readonly Client[], { iss, tenant }: Token['claims']): Client | undefined =>
  clients.find(
    ({ registration }) =>
      issuerOf(registration) === iss && (registration.tenant === undefined || registration.tenant === tenant),
  );

/** `jku` must be the registered address, and every `aud` this endpoint. */
function mismatch(token: Token, { jwksUrl, audience }: Registration, called: string): Refusal | undefined {
  if (token.header.jku !== undefined && token.header.jku !== jwksUrl) return 'jku';
  return token.claims.aud.every((one) => one === (audience ?? called)) ? undefined : 'audience';
}

/** A certificate comes on top of the token; it never stands in for it. */
const certificateRefusal = (
  { certificates }: Registration,
  shown: string | undefined,
): Refusal | undefined =>
  certificates === undefined || isListed(certificates, shown) ? undefined : 'certificate';

async function signatureRefusal(
  { compact, header }: Token,
  { keys, check }: Client,
): Promise<Refusal | undefined> {
  const found = await keys(header);
  if (typeof found === 'string') return found;
  const verified = () => compactVerify(compact, found.key, { algorithms: [found.alg] });
  return check(() =>
    verified().then(
      () => undefined,
      () => 'signature',
    ),
  );
}

function inTurn(): Client['check'] {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < checks.atOnce) running += 1;
    else if (waiting.length >= checks.waiting) throw new Fault('overloaded');
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** Last: only a token that is good otherwise is remembered, until it could not be used any more. */
async function replayRefusal(
  { claims: { jti, exp } }: Token,
  { id }: Registration,
  now: number,
  replays: ReplayStore,
): Promise<Refusal | undefined> {
  try {
    return (await replays.useOnce(id, jti, Math.ceil(exp) + skewSeconds, now)) ? undefined : 'replay';
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : new Fault('ledger-unavailable', [], thrown);
  }
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
