/** An open-loop load: requests leave when the schedule says so, however slow the answers are. */
import { Pool } from 'undici';

export interface Load {
  readonly url: string;
  readonly body: Buffer;
  /** Arrivals per second. */
  readonly rate: number;
  readonly seconds: number;
}

export interface Answers {
  /** Milliseconds from the instant the request was due until its answer was read; sorted. */
  readonly latencies: Float64Array;
  /** Answers other than 200, and requests without an answer. */
  readonly failed: number;
  /** Seconds from the first due instant to the last answer. */
  readonly seconds: number;
}

/**
 * Arrivals are a Poisson process from a fixed seed, so that every server sees the same bursts. Latency counts from
 * the due instant: time that a request waits for a connection or behind a busy generator is part of it.
 */
export async function drive({ url, body, rate, seconds }: Load): Promise<Answers> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 256, pipelining: 1 });
  const due = arrivals(rate, seconds);
  const latencies: number[] = [];
  let failed = 0;
  const start = performance.now() + 20;
  const one = async (at: number): Promise<void> => {
    const ok = await post(pool, pathname, body).catch(() => false);
    latencies.push(performance.now() - start - at);
    if (!ok) failed++;
  };
  const pending: Promise<void>[] = [];
  for (const at of due) {
    const wait = start + at - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    pending.push(one(at));
  }
  await Promise.all(pending);
  const took = (performance.now() - start) / 1000;
  await pool.close();
  return { latencies: Float64Array.from(latencies).sort(), failed, seconds: took };
}

async function post(pool: Pool, path: string, body: Buffer): Promise<boolean> {
  const answer = await pool.request({
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await answer.body.arrayBuffer();
  return answer.statusCode === 200;
}

/** Due instants in milliseconds from the start, with exponential gaps (mulberry32, seed 1). */
function arrivals(rate: number, seconds: number): readonly number[] {
  const due: number[] = [];
  let state = 1;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  for (let at = 0; at < seconds * 1000; at += (-Math.log(1 - random()) * 1000) / rate) due.push(at);
  return due;
}

/** Nearest-rank percentile of sorted values; NaN of none. */
export const percentile = (sorted: ArrayLike<number>, percent: number): number =>
  sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};
