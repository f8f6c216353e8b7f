import { Fault } from '../errors.ts';

/**
 * How much work is let in. Past the limit a request is refused at once rather than queued: a late answer to
 * a hook is worth nothing, and a slow service slows the whole chart.
 */
export interface Gate {
  /** Runs the work, or refuses. @throws Fault overloaded */
  enter<T>(work: () => Promise<T>): Promise<T>;
  /** From now on refuse everything; resolves when what is inside has left, or after the grace period. */
  drain(graceMs: number): Promise<void>;
  readonly draining: boolean;
}

export function createGate(limit: number): Gate {
  let inside = 0;
  let draining = false;
  let emptied: () => void = () => {};
  const left = () => {
    inside -= 1;
    if (inside === 0) emptied();
  };
  return {
    async enter(work) {
      if (draining || inside >= limit) throw new Fault('overloaded');
      inside += 1;
      try {
        return await work();
      } finally {
        left();
      }
    },
    drain(graceMs) {
      draining = true;
      if (inside === 0) return Promise.resolve();
      return new Promise((resolve) => {
        emptied = resolve;
        setTimeout(resolve, graceMs).unref();
      });
    },
    get draining() {
      return draining;
    },
  };
}
