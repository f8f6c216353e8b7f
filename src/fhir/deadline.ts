/** A point in time after which nobody waits any more. Ends with the block that declares it (`using`). */
export interface Deadline {
  readonly signal: AbortSignal;
  /** When the time is over, on the clock of `performance.now()`: what a repeat has to fit into. */
  readonly endsAt: number;
  [Symbol.dispose](): void;
}

/** Made once: an abort without a reason makes an error with a stack each time. */
const passed = new DOMException('the deadline passed', 'TimeoutError');
const over = new DOMException('nobody waits any more', 'AbortError');

/**
 * Aborts its signal after so many milliseconds, with an outer signal, or when its block is left, so that nothing runs
 * on behind an answer. Unlike `AbortSignal.timeout` and `AbortSignal.any` it lets go of what listens to it at once: a
 * timer that cannot be cleared keeps an answered request, chart and all, alive until it fires.
 */
export function deadlineIn(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const pass = (): void => controller.abort(outer?.aborted ? outer.reason : passed);
  const timer = setTimeout(pass, ms).unref();
  if (outer?.aborted) pass();
  outer?.addEventListener('abort', pass, { once: true });
  return {
    signal: controller.signal,
    endsAt: performance.now() + ms,
    [Symbol.dispose]() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', pass);
      controller.abort(over);
    },
  };
}
