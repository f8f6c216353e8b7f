import type { z } from 'zod';

/** Where a file breaks its schema, and which rule. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The issue that says most: inside a union, the one that got furthest. */
export function deepestIssue(issues: readonly z.core.$ZodIssue[], base: readonly PropertyKey[] = []): Issue {
  const all = issues.map((issue): Issue => {
    const path = [...base, ...issue.path];
    if (issue.code !== 'invalid_union') return { path, message: issue.message };
    const alternatives = issue.errors
      .map((each) => deepestIssue(each, path))
      .filter((each) => !each.path.includes('kind'));
    return longest(alternatives) ?? { path, message: issue.message };
  });
  return longest(all) ?? { path: base, message: 'is not valid' };
}

const longest = (issues: readonly Issue[]): Issue | undefined =>
  issues.toSorted((one, other) => other.path.length - one.path.length)[0];
