/** Who may use the inference API: nobody unknown, and a known client within its scopes and its pace. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Fault } from '../errors.ts';
import type { Clock } from '../fhir/chart.ts';
import type { Caller } from '../hooks/caller.ts';
import { defaultProfile } from '../hooks/profile.ts';
import type { Registration } from '../hooks/registration.ts';
import { createAuthenticate, type TrustOptions } from '../hooks/trust.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { InferenceClient, Scope } from './clients.ts';
import { Refusal } from './refusal.ts';

/** Who calls. */
export interface Client {
  readonly id: string;
  readonly scopes: readonly Scope[];
  /** Requests a minute; without it as many as there are. */
  readonly perMinute?: number;
}

/**
 * The client behind a request.
 * @param path of the address called: a token must be made for it
 * @throws Fault unauthorized, always the same and bare; overloaded, ledger-unavailable as for CDS Hooks calls
 */
export type Access = (caller: Caller, path: string) => Promise<Client>;

/** The sandbox: everybody may infer, nobody may unload. */
export const openAccess: Access = async () => ({ id: 'sandbox', scopes: ['infer:*'] });

export interface AccessOptions extends Pick<TrustOptions, 'replays' | 'fetchKeys' | 'onStale'> {
  readonly clients: readonly InferenceClient[];
  /** Public address of this server, of which a token's `aud` is made. */
  readonly baseUrl: string;
  readonly clock: Clock;
  /** For a metric; the caller is told nothing. */
  readonly onRefusal?: (reason: string) => void;
  /** Those that the token endpoint gave; without it there are none. */
  readonly tokens?: AccessTokens;
}

/**
 * Registered clients, by `Authorization: Bearer`: an API key, an access token of the token endpoint, or a JWT that the
 * client signs for the address it calls (as CDS Hooks clients do: iss is its id; aud, exp, iat, jti; at most five minutes
 * long, used once).
 */
export function clientAccess(options: AccessOptions): Access {
  const { clients, baseUrl, onRefusal, tokens } = options;
  const authenticate = signedBy(options);
  return async (caller, path) => {
    const key = /^Bearer ([\w-]{20,512})$/i.exec(caller.authorization ?? '')?.[1];
    if (key === undefined) return known(await authenticate(caller, `${baseUrl}${path}`));
    const granted = tokens?.find(key);
    const client =
      granted === undefined ? byKey(clients, key) : clients.find(({ id }) => id === granted.client);
    if (client === undefined) onRefusal?.('unknown-key');
    return { ...known(client), ...(granted === undefined ? {} : { scopes: granted.scopes }) };
  };
}

/** The client that signed a JWT for an address. @throws Fault unauthorized, overloaded, ledger-unavailable */
export function signedBy(
  options: AccessOptions,
): (caller: Caller, audience: string) => Promise<InferenceClient | undefined> {
  const { clients, onRefusal } = options;
  const byId = new Map(clients.map((client) => [`inference:${client.id}`, client]));
  const authenticate = createAuthenticate({
    ...options,
    registrations: clients.filter(signs).map(registrationOf),
    onRefusal: (reason) => onRefusal?.(reason),
  });
  return async (caller, audience) => byId.get((await authenticate(caller, audience)).id);
}

/** @throws Fault unauthorized */
function known(client: InferenceClient | undefined): Client {
  if (client === undefined) throw new Fault('unauthorized');
  const { id, scopes, perMinute } = client;
  return { id, scopes, perMinute };
}

const signs = ({ jwks, jwksUrl }: InferenceClient): boolean => jwks !== undefined || jwksUrl !== undefined;

/** A client as the token check knows callers; its used tokens are kept apart from those of EHRs. */
const registrationOf = ({ id, jwks, jwksUrl }: InferenceClient): Registration => ({
  id: `inference:${id}`,
  name: id,
  issuer: id,
  profile: defaultProfile,
  fhirServers: [],
  ...(jwks === undefined ? {} : { jwks }),
  ...(jwksUrl === undefined ? {} : { jwksUrl }),
});

/** Every hash of every client is compared, in constant time. */
function byKey(clients: readonly InferenceClient[], key: string): InferenceClient | undefined {
  const shown = createHash('sha256').update(key).digest();
  return clients.reduce<InferenceClient | undefined>(
    (found, client) =>
      client.keys.reduce((one, hash) => timingSafeEqual(hash, shown) || one, false) ? client : found,
    undefined,
  );
}

/** May the client see this model? One that it may not is to it as one that does not exist. */
export const mayKnow = (client: Client, model: string): boolean =>
  mayInfer(client, model) || client.scopes.includes('admin');

/** May the client ask this model? */
export const mayInfer = ({ scopes }: Client, model: string): boolean =>
  scopes.includes('infer:*') || scopes.includes(`infer:${model}`);

/** @throws Refusal not-allowed */
export function demandAdmin({ scopes }: Client): void {
  if (!scopes.includes('admin')) throw new Refusal('not-allowed');
}
