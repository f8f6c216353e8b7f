/** State of the sandbox's authorization server: who may launch what, and every handle it has given out. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  exportJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';
import { Tickets, type Time } from './tickets.ts';

/** The one registered SMART app: confidential, private_key_jwt (SMART App Launch 2.2, client-confidential-asymmetric). */
export interface ClientRegistration {
  readonly clientId: string;
  /** Compared as exact strings. */
  readonly redirectUris: readonly string[];
  readonly keys: JWTVerifyGetKey;
}

/** What the chart knew when the app was launched; it reaches the app in the token response. */
export interface LaunchContext {
  readonly patientId: string;
  /** From the card's link, passed on unread (CDS Hooks 2.0, "Link"). */
  readonly appContext?: string | undefined;
}

/** What an authorization code stands for. */
export interface Grant {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly scope: string;
  readonly nonce?: string | undefined;
  readonly context: LaunchContext;
}

export interface AuthorizationServer {
  readonly origin: string;
  readonly fhirBase: string;
  /** OpenID issuer; its configuration is at `<issuer>/.well-known/openid-configuration`. */
  readonly issuer: string;
  readonly tokenUrl: string;
  readonly client: ClientRegistration;
  readonly time: Time;
  readonly launches: Tickets<LaunchContext>;
  readonly codes: Tickets<Grant>;
  /** Redeemed code → the token it gave, revoked when the code comes back (RFC 6749 §4.1.2). */
  readonly redeemed: Map<string, string>;
  readonly accessTokens: Tickets<Grant>;
  /** `jti` of client assertions seen → when it may be forgotten (seconds since the epoch). */
  readonly assertionIds: Map<string, number>;
  readonly signingKey: () => SigningKey;
}

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const accessTokenSeconds = 3600;

export function authorizationServer(
  origin: string,
  client: ClientRegistration,
  time: Time,
): AuthorizationServer {
  return {
    origin,
    fhirBase: `${origin}/sandbox/fhir`,
    issuer: `${origin}/sandbox`,
    tokenUrl: `${origin}/sandbox/token`,
    client,
    time,
    launches: new Tickets(5 * 60_000, time),
    codes: new Tickets(60_000, time),
    redeemed: new Map(),
    accessTokens: new Tickets(accessTokenSeconds * 1000, time),
    assertionIds: new Map(),
    signingKey: onceMade(),
  };
}

/** The app's public keys: given inline, or read from the app itself and re-read when it rotates them. */
export function clientKeys(origin: string, inline: string | undefined): JWTVerifyGetKey {
  return inline === undefined
    ? createRemoteJWKSet(new URL(`${origin}/app/jwks.json`), { cooldownDuration: 1000 })
    : createLocalJWKSet(JSON.parse(inline) as JSONWebKeySet);
}

export async function publicKeySet(key: SigningKey): Promise<{ keys: JWK[] }> {
  return { keys: [{ ...(await exportJWK(key.publicKey)), kid: key.kid, alg: 'RS256', use: 'sig' }] };
}

/** The id_token key is made at first use: RSA generation would slow every start. */
function onceMade(): () => SigningKey {
  let made: SigningKey | undefined;
  return () => {
    made ??= { kid: 'sandbox-1', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
    return made;
  };
}
