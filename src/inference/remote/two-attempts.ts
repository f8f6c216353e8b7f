/** One question, asked at most twice: the second time where the first is slow, or brought no answer. */

export interface TwoAttempts<T> {
  readonly first: Promise<T>;
  /** After which time the first is slow; without it, it never is. */
  readonly slowMs: number | undefined;
  /** Asks again, elsewhere; undefined where that may not be. Called at most once with each reason, and never after it asked. */
  readonly second: (why: 'slow' | 'failed') => Promise<T> | undefined;
  /** May a question that failed so be asked again? */
  readonly again: (thrown: unknown) => boolean;
}

/**
 * The first answer of the two. What is still under way then is the caller's to end.
 * @throws what the first threw, when none brought an answer; what the second threw, where the first was late
 */
export function firstAnswer<T>({ first, slowMs, second, again }: TwoAttempts<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let asked = false;
    let pending = 1;
    const settled = (): void => clearTimeout(timer);
    const failed = (thrown: unknown): void => {
      pending -= 1;
      if (again(thrown) && ask('failed')) return;
      if (pending > 0) return;
      settled();
      reject(thrown);
    };
    const watch = (attempt: Promise<T>): void =>
      void attempt.then((answer) => {
        settled();
        resolve(answer);
      }, failed);
    const ask = (why: 'slow' | 'failed'): boolean => {
      const attempt = asked ? undefined : second(why);
      if (attempt === undefined) return false;
      asked = true;
      pending += 1;
      watch(attempt);
      return true;
    };
    const timer = slowMs === undefined ? undefined : setTimeout(ask, slowMs, 'slow');
    watch(first);
  });
}
