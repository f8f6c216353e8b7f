import { z } from 'zod';
import { nearestHint } from './hint.ts';

/** One thing that is wrong with a package. */
export interface Problem {
  readonly file: string;
  /** `(file)`: the file itself. */
  readonly field: string;
  readonly rule: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** What was found in a folder: problems, or what was checked. */
export interface Report {
  readonly what: string;
  readonly problems: readonly Problem[];
  /** One line each, for a folder without problems. */
  readonly checked: readonly string[];
}

/** The problem with the nearest known name as its hint, else with `otherwise`. */
export function hinted(problem: Problem, known: Iterable<string>, otherwise?: string): Problem {
  const isMissing = /^Invalid input: .*, received undefined$/.test(problem.rule);
  const said = isMissing ? { ...problem, rule: 'is missing' } : problem;
  const hint = (isMissing ? undefined : nearestHint(problem.rule, known)) ?? otherwise;
  return hint === undefined ? said : { ...said, hint };
}

/** Every key that a schema knows, at any depth. */
export function keysOf(schema: z.ZodType): readonly string[] {
  const keys: string[] = [];
  JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), (key, value: unknown) => {
    if (key === 'properties' && typeof value === 'object' && value !== null) keys.push(...Object.keys(value));
    return value;
  });
  return [...new Set(keys)];
}

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
