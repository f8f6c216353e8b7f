/** What a manifest says twice, and not the same. */
import type { z } from 'zod';

export interface Disagreement {
  readonly path: readonly (string | number)[];
  readonly rule: string;
}

/** Words that must differ and do not. */
export function repeats(
  words: readonly string[],
  path: readonly (string | number)[],
  what: string,
): readonly Disagreement[] {
  return words
    .filter((word, at) => words.indexOf(word) !== at)
    .map((word) => ({ path, rule: `${what} ${word} is given twice` }));
}

/** Names that are used and not known. */
export function unknown(
  words: readonly string[],
  known: readonly string[],
  path: readonly (string | number)[],
  what: string,
): readonly Disagreement[] {
  return words
    .filter((word) => !known.includes(word))
    .map((word) => ({ path, rule: `${word} is no ${what}` }));
}

/** For a schema's `superRefine`: each disagreement is an issue of its own. */
export const agreeing =
  <T>(disagreements: (read: T) => readonly Disagreement[]) =>
  (read: T, context: z.RefinementCtx<T>): void => {
    for (const { path, rule } of disagreements(read)) {
      context.addIssue({ code: 'custom', path: [...path], message: rule });
    }
  };
