/** Which tokens were used, for as long as they could be used again. */
export interface ReplayStore {
  /** Remembers (iss, jti) until it expires. False where it is known already, or nothing more can be remembered. */
  useOnce(issuer: string, jti: string, expiresAt: number, now: number): boolean;
}

/**
 * In memory, for one process; times in seconds. A restart forgets: a token then lives on for its own few
 * minutes.
 */
export function memoryReplayStore(capacity = 500_000): ReplayStore {
  const used = new Map<string, number>();
  let sweepAt = 0;
  return {
    useOnce: (issuer, jti, expiresAt, now) => {
      if (now >= sweepAt || used.size >= capacity) {
        for (const [key, end] of used) if (end <= now) used.delete(key);
        sweepAt = now + 60;
      }
      const key = JSON.stringify([issuer, jti]);
      if (used.has(key) || used.size >= capacity) return false;
      used.set(key, expiresAt);
      return true;
    },
  };
}
