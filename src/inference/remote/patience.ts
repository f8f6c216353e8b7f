/** How long one question is waited for. Ends with the block that declares it (`using`), and all that is still asked then. */
import type { Urgency } from '../urgency.ts';
import type { Until } from './transport.ts';

export interface Patience extends Until {
  /** Is its end the caller's own? Else it is the longest that this endpoint may take. */
  readonly isCallers: boolean;
  [Symbol.dispose](): void;
}

/** Made once: an abort without a reason makes an error with a stack each time. */
const late = new DOMException('the time is over', 'TimeoutError');
const over = new DOMException('another attempt was answered', 'AbortError');

/** Until the caller's end, but no longer than `timeoutMs`. */
export function patienceOf({ signal: outer, endsAt: due }: Urgency, timeoutMs: number): Patience {
  const longest = performance.now() + timeoutMs;
  const endsAt = Math.min(due ?? longest, longest);
  const controller = new AbortController();
  const end = (): void => controller.abort(late);
  const leave = (): void => controller.abort(outer?.reason);
  const timer = setTimeout(end, Math.max(0, endsAt - performance.now()));
  if (outer?.aborted) leave();
  outer?.addEventListener('abort', leave, { once: true });
  return {
    signal: controller.signal,
    endsAt,
    isCallers: endsAt < longest,
    [Symbol.dispose]() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', leave);
      controller.abort(over);
    },
  };
}
