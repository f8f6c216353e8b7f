/** The scheduler's time: milliseconds that only grow, as `performance.now()` counts them. */

export interface Clock {
  now(): number;
  /** Calls once, not before `ms` have passed. @returns forgets it */
  after(ms: number, call: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

export interface ManualClock extends Clock {
  /** Lets time pass: what falls due is called in order, and what it sets going settles before the next. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until nothing is due any more. */
  rest(): Promise<void>;
}

interface Due {
  readonly at: number;
  readonly call: () => void;
}

/** A clock that stands still until it is told, for tests. */
export function manualClock(): ManualClock {
  let now = 0;
  const waiting = new Set<Due>();
  const next = (): Due | undefined =>
    [...waiting].reduce<Due | undefined>(
      (first, due) => (first && first.at <= due.at ? first : due),
      undefined,
    );
  const settled = (): Promise<void> =>
    new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
  async function until(end: number): Promise<void> {
    await settled();
    for (let due = next(); due !== undefined && due.at <= end; due = next()) {
      waiting.delete(due);
      now = due.at;
      due.call();
      await settled();
    }
  }
  return {
    now: () => now,
    after(ms, call) {
      const due = { at: now + ms, call };
      waiting.add(due);
      return () => waiting.delete(due);
    },
    async pass(ms) {
      const end = now + ms;
      await until(end);
      now = end;
    },
    rest: () => until(Number.POSITIVE_INFINITY),
  };
}
