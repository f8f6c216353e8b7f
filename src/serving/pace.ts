import type { Client } from './access.ts';
import { Refusal } from './refusal.ts';

/** Lets a request pass, or refuses it. @throws Refusal rate-limited, with the seconds until the next may pass */
export type Pace = (client: Client) => void;

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/**
 * A token bucket for each client: a minute's worth at once, refilled evenly.
 * @param elapsed milliseconds that only ever grow
 */
export function createPace(elapsed: () => number = () => performance.now()): Pace {
  const buckets = new Map<string, Bucket>();
  return ({ id, perMinute }) => {
    if (perMinute === undefined) return;
    const now = elapsed();
    const { tokens: left, at } = buckets.get(id) ?? { tokens: perMinute, at: now };
    const tokens = Math.min(perMinute, left + ((now - at) / 60_000) * perMinute);
    if (tokens < 1) throw new Refusal('rate-limited', [], Math.ceil(((1 - tokens) / perMinute) * 60));
    buckets.set(id, { tokens: tokens - 1, at: now });
  };
}
