import { setTimeout as wait } from 'node:timers/promises';

/**
 * Asks once, and a second time when no answer came after `afterMs`, or at once when the first attempt failed in
 * a way that `again` accepts. The first answer wins; the other attempt is aborted and its answer discarded. Only
 * for what may be asked twice.
 * @throws what the last attempt threw, when none brought an answer
 */
export async function hedged<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  options: {
    readonly signal: AbortSignal;
    readonly afterMs: number;
    readonly again: (thrown: unknown) => boolean;
  },
): Promise<T> {
  const won = new AbortController();
  const signal = AbortSignal.any([options.signal, won.signal]);
  const first = ask(signal);
  const slow = wait(Math.max(0, options.afterMs), true, { signal }).catch(() => false);
  const second = Promise.race([first.then(() => false, options.again), slow]).then((repeat) =>
    repeat && !signal.aborted ? ask(signal) : first,
  );
  try {
    return await Promise.any([first, second]);
  } catch (thrown) {
    throw thrown instanceof AggregateError ? thrown.errors.at(-1) : thrown;
  } finally {
    won.abort(over);
  }
}

/** Made once: an abort without a reason makes an error with a stack every time. */
const over = new Error('the other attempt was answered');
