/** Access tokens that were given out: opaque, random, short-lived, kept as hashes and in memory only. */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../fhir/chart.ts';
import type { Scope } from './clients.ts';

/** Seconds that a token is good for. */
export const tokenSeconds = 300;

interface Granted {
  /** Its id. */
  readonly client: string;
  readonly scopes: readonly Scope[];
}

export interface AccessTokens {
  issue(client: string, scopes: readonly Scope[]): string;
  /** What a token stands for, while it does. */
  find(token: string): Granted | undefined;
}

interface Kept extends Granted {
  readonly hash: string;
  readonly endsAt: number;
}

/** @param capacity tokens of one client at once: who asks for more loses its oldest, and nobody else's */
export function createAccessTokens(clock: Clock, capacity = 1000): AccessTokens {
  const kept = new Map<string, Kept>();
  const ofClient = new Map<string, readonly Kept[]>();
  const now = (): number => clock().getTime();
  return {
    issue(client, scopes) {
      const token = randomBytes(32).toString('base64url');
      const own = ofClient.get(client) ?? [];
      const living = own.filter(({ endsAt }) => endsAt > now()).slice(-(capacity - 1));
      for (const each of own) if (!living.includes(each)) kept.delete(each.hash);
      const added = { client, scopes, hash: hashOf(token), endsAt: now() + tokenSeconds * 1000 };
      kept.set(added.hash, added);
      ofClient.set(client, [...living, added]);
      return token;
    },
    find(token) {
      const found = kept.get(hashOf(token));
      return found === undefined || found.endsAt <= now() ? undefined : found;
    },
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
