/** A long work in short steps, written once for those who wait for it and those who let others have the event loop meanwhile. */
import type { Courtesy } from './courtesy.ts';

export type Steps<T> = Generator<void, T>;

/** The work in one piece. */
export function inOneGo<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** @param courtesy asked between the steps */
export async function inTurns<T>(steps: Steps<T>, courtesy: Courtesy): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await courtesy();
  }
}
