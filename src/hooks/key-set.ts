import { z } from 'zod';
import { type BoundedAnswer, boundedFetch } from '../fhir/bounded-fetch.ts';
import { deadlineIn } from '../fhir/deadline.ts';
import { type PublicKey, publicKey, type SignatureAlgorithm } from './public-key.ts';
import type { Registration } from './registration.ts';

const maxBytes = 64 * 1024;
const maxKeys = 100;
/** Per EHR: nothing is asked more often than this, neither after a failure nor for a `kid` that is not there. */
const cooldownMs = 30_000;
const patienceMs = 2_000;
/** How long an answer stays fresh, in seconds: what its Cache-Control says, within these bounds. */
const fresh = { least: cooldownMs / 1000, most: 600 } as const;
/** How long the last good keys serve while the address fails, unless registered otherwise. */
const staleSeconds = 3600;

/** What a token asks for. */
export interface WantedKey {
  readonly kid: string;
  readonly alg: SignatureAlgorithm;
}

export type KeyRefusal = 'unknown-key' | 'keys-unavailable';

/** The keys of one EHR. Never one that a token names or brings. */
export type KeySet = (wanted: WantedKey) => Promise<PublicKey | KeyRefusal>;

/** Asks one registered address once. Injected in tests. */
export type FetchKeys = typeof boundedFetch;

export interface KeySetOptions {
  readonly fetchKeys?: FetchKeys;
  /** A call that was judged by keys past their time, because the address fails: for a metric and an alarm. */
  readonly onStale?: (registration: string) => void;
  /** Milliseconds that only ever grow. */
  readonly elapsed?: () => number;
}

/** Inline keys as they are, else those at the registered address. */
export function keySetOf(registration: Registration, options: KeySetOptions = {}): KeySet {
  const { jwks, jwksUrl } = registration;
  if (jwks !== undefined) return async (wanted) => pick(jwks.keys, wanted);
  if (jwksUrl === undefined) return async () => 'unknown-key';
  return remoteKeys(registration, jwksUrl, options);
}

/** The one key of that name and algorithm; two of them are none. */
function pick(keys: readonly PublicKey[], { kid, alg }: WantedKey): PublicKey | 'unknown-key' {
  const [key, ...others] = keys.filter((each) => each.kid === kid && each.alg === alg);
  return key === undefined || others.length > 0 ? 'unknown-key' : key;
}

interface Held {
  readonly keys: readonly PublicKey[];
  readonly freshUntil: number;
}

/**
 * Keys at an address. Fresh ones are used as they are. Older ones are asked for again first; while that fails they
 * serve for the registered time, and nobody waits for it twice. An unknown `kid` asks again: keys rotate.
 */
function remoteKeys(registration: Registration, url: string, options: KeySetOptions): KeySet {
  const { id, allowPrivateNetwork = false, staleKeySeconds = staleSeconds } = registration;
  const { fetchKeys = boundedFetch, elapsed = () => performance.now() } = options;
  const asking = oneAtATime(elapsed, () => fetchHeld(url, allowPrivateNetwork, fetchKeys, elapsed));
  const isFresh = () => elapsed() < (asking.held()?.freshUntil ?? 0);
  const usable = (): Held | undefined => {
    const held = asking.held();
    if (held === undefined || isFresh()) return held;
    return elapsed() < held.freshUntil + staleKeySeconds * 1000 ? held : undefined;
  };
  return async (wanted) => {
    if (!isFresh()) {
      const asked = asking.again();
      if (!asking.failing() || usable() === undefined) await asked;
    }
    const held = usable();
    if (held === undefined) return 'keys-unavailable';
    if (!isFresh()) options.onStale?.(id);
    const key = pick(held.keys, wanted);
    if (key !== 'unknown-key') return key;
    await asking.again();
    return pick(usable()?.keys ?? [], wanted);
  };
}

/** At most one question under way, and one in each cooldown. What was held stays held when one fails. */
function oneAtATime(elapsed: () => number, ask: () => Promise<Held>) {
  let held: Held | undefined;
  let failing = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;
  const attempt = async (): Promise<void> => {
    try {
      held = await ask();
      failing = false;
    } catch {
      failing = true;
    }
    pending = undefined;
  };
  const again = (): Promise<void> => {
    if (pending !== undefined) return pending;
    if (elapsed() - askedAt < cooldownMs) return Promise.resolve();
    askedAt = elapsed();
    pending = attempt();
    return pending;
  };
  return { again, held: () => held, failing: () => failing };
}

/** @throws where the answer is not a 200 with a JWK Set of at most 64 KiB and 100 keys */
async function fetchHeld(
  url: string,
  allowPrivateNetwork: boolean,
  fetchKeys: FetchKeys,
  elapsed: () => number,
): Promise<Held> {
  using deadline = deadlineIn(patienceMs);
  const { signal } = deadline;
  const headers = { accept: 'application/json, application/jwk-set+json' };
  const answer = await fetchKeys(url, { signal, maxBytes, allowPrivateNetwork, headers });
  if (answer.status !== 200) throw new Error('unusable answer');
  const keys = readKeySet(new TextDecoder('utf-8', { fatal: true }).decode(answer.bytes));
  return { keys, freshUntil: elapsed() + freshSeconds(answer.headers) * 1000 };
}

const keySet = z.object({ keys: z.array(z.unknown()).max(maxKeys) });

/** The keys of a set that may verify a token; a set may hold others (RFC 7517 §5). @throws where it is no such set */
function readKeySet(text: string): readonly PublicKey[] {
  return keySet.parse(JSON.parse(text)).keys.flatMap((each) => publicKey.safeParse(each).data ?? []);
}

/** RFC 9111 §4.2: `max-age` less `Age`; unsaid: the most. */
function freshSeconds(headers: BoundedAnswer['headers']): number {
  const control = headers['cache-control'] ?? '';
  if (/\bno-(?:store|cache)\b/i.test(control)) return fresh.least;
  const maxAge = /\bmax-age="?(\d+)/i.exec(control)?.[1];
  const age = /^\d+$/.exec(headers.age ?? '')?.[0] ?? '0';
  return maxAge === undefined ? fresh.most : clamp(Number(maxAge) - Number(age), fresh.least, fresh.most);
}

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));
