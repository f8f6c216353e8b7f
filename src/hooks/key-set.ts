import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import { fetch } from 'undici';
import { guardedAgent, mayAskHost } from '../fhir/network.ts';
import type { Registration } from './registration.ts';

const maxBytes = 64 * 1024;
/** After a failure nothing is fetched for this long: jose's own cooldown counts successes only. */
const cooldownMs = 30_000;

/** Fetches one registered address. Injected in tests. */
export type FetchKeys = (url: string, signal: AbortSignal, allowPrivateNetwork: boolean) => Promise<Response>;

/** The keys of one EHR: inline ones as they are, else the registered address, never one that a token names. */
export function keySetOf(
  registration: Registration,
  fetchKeys: FetchKeys = fetchFromNetwork,
): JWTVerifyGetKey {
  if (registration.jwks !== undefined) return createLocalJWKSet(registration.jwks as JSONWebKeySet);
  if (registration.jwksUrl === undefined) return () => Promise.reject(new Error('no keys'));
  let blockedUntil = 0;
  return createRemoteJWKSet(new URL(registration.jwksUrl), {
    timeoutDuration: 2_000,
    cooldownDuration: cooldownMs,
    [customFetch]: async (url, { signal }) => {
      if (Date.now() < blockedUntil) throw new Error('keys failed recently');
      try {
        return await capped(await fetchKeys(url, signal, registration.allowPrivateNetwork ?? false));
      } catch {
        blockedUntil = Date.now() + cooldownMs;
        throw new Error('keys cannot be fetched');
      }
    },
  });
}

/** @throws where the answer is not a 200 of at most 64 KiB that holds a JWK Set */
async function capped(response: Response): Promise<Response> {
  if (response.status !== 200 || response.body === null || response.headers.has('content-encoding')) {
    throw new Error('unusable answer');
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error('too large');
    chunks.push(chunk);
  }
  const set: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) {
    throw new Error('not a JWK Set');
  }
  return Response.json(set);
}

const fetchFromNetwork: FetchKeys = async (url, signal, allowPrivateNetwork) => {
  if (!mayAskHost(new URL(url), allowPrivateNetwork)) throw new Error('address not allowed');
  const response = await fetch(url, {
    signal,
    redirect: 'error',
    dispatcher: guardedAgent(allowPrivateNetwork),
    headers: { accept: 'application/json', 'accept-encoding': 'identity' },
  });
  return response as unknown as Response;
};
