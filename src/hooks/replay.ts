/** Which tokens were used, for as long as they could be used again. */
export interface ReplayStore {
  /**
   * Remembers (issuer, jti) until `expiresAt`; times in whole seconds. False where it is known already, or nothing
   * more can be remembered. A durable store has written it when it resolves.
   * @throws where the store cannot answer: then nobody can say whether the token was used
   */
  useOnce(issuer: string, jti: string, expiresAt: number, now: number): Promise<boolean>;
}

/** One issuer's tokens: jti → when it expires. */
interface Used {
  readonly expiry: Map<string, number>;
  sweptAt: number;
}

const sweepSeconds = 60;

/**
 * In memory, for one process. A restart forgets: a token then lives on for its own few minutes.
 * @param capacity tokens remembered for each issuer, so that one that floods us locks out itself only
 */
export function memoryReplayStore(capacity = 500_000): ReplayStore {
  const issuers = new Map<string, Used>();
  const usedBy = (issuer: string): Used => {
    const used = issuers.get(issuer) ?? {
      expiry: new Map<string, number>(),
      sweptAt: Number.NEGATIVE_INFINITY,
    };
    issuers.set(issuer, used);
    return used;
  };
  return {
    useOnce: async (issuer, jti, expiresAt, now) => {
      const used = usedBy(issuer);
      sweep(used, capacity, now);
      if (used.expiry.has(jti) || used.expiry.size >= capacity) return false;
      used.expiry.set(jti, expiresAt);
      return true;
    },
  };
}

/** Forgets what has expired: every minute, and every second while it is full. */
function sweep(used: Used, capacity: number, now: number): void {
  const pause = used.expiry.size >= capacity ? 1 : sweepSeconds;
  if (now - used.sweptAt < pause) return;
  for (const [jti, end] of used.expiry) if (end <= now) used.expiry.delete(jti);
  used.sweptAt = now;
}
