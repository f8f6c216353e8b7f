/** Which tokens were used, for as long as they could be used again: durable, and one memory for several servers. */
import { createHash } from 'node:crypto';
import type { Database, Query } from './database.ts';
import { groupCommit } from './group-commit.ts';

export interface UsedTokens {
  /**
   * Remembers (issuer, jti) until it expires; times in seconds. False where it is known already.
   * @throws Fault ledger-unavailable
   */
  useOnce(issuer: string, jti: string, expiresAt: number, now: number): Promise<boolean>;
}

interface Use {
  readonly issuer: string;
  readonly token: string;
  readonly expiresAt: number;
  readonly now: number;
}

const sweepEverySeconds = 60;

/** The tokens used, in that database. A token's id is kept as its SHA-256 only. */
export function usedTokens(database: Database): UsedTokens & { idle(): Promise<void> } {
  let sweepAt = 0;
  const { add, idle } = groupCommit<Use, boolean>((uses) =>
    database.transaction(async (query) => {
      const now = Math.max(...uses.map((use) => use.now));
      if (now >= sweepAt) await query('DELETE FROM used_token WHERE expires_at <= ?', Math.floor(now));
      sweepAt = Math.max(sweepAt, now + sweepEverySeconds);
      const fresh: boolean[] = [];
      for (const use of uses) fresh.push(await remember(query, use));
      return fresh;
    }),
  );
  return {
    idle,
    useOnce: (issuer, jti, expiresAt, now) => add({ issuer, token: nameOf(jti), expiresAt, now }),
  };
}

const nameOf = (jti: string): string => createHash('sha256').update(jti).digest('hex');

async function remember(query: Query, { issuer, token, expiresAt }: Use): Promise<boolean> {
  const kept = await query(
    'INSERT INTO used_token (issuer, token, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING token',
    ...[issuer, token, Math.ceil(expiresAt)],
  );
  return kept.length > 0;
}
