/** How soon an answer is wanted, in the words of Triton's schedule policy extension. */
import type { Lane } from '../inference/urgency.ts';

export interface Hurry {
  /** Never `hook`: what an EHR waits for is not asked here. */
  readonly lane: Exclude<Lane, 'hook'>;
  /** Milliseconds within which an answer is of use; absent: the server's own limit. */
  readonly withinMs?: number;
}

/**
 * @param priority 1: somebody waits for the answer; absent or any other: bulk work
 * @param timeout microseconds; absent or 0: the server's own limit
 */
export function hurryOf({
  priority,
  timeout,
}: {
  readonly priority?: number | undefined;
  readonly timeout?: number | undefined;
}): Hurry {
  const lane = priority === 1 ? 'app' : 'bulk';
  return timeout ? { lane, withinMs: timeout / 1000 } : { lane };
}

/** The time there is for one answer: the server's, or less where less is asked for. */
export const patienceOf = (
  { withinMs = Number.POSITIVE_INFINITY }: Partial<Hurry>,
  deadlineMs: number,
): number => Math.min(deadlineMs, withinMs);
