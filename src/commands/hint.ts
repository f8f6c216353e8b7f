/** What a reader may do about a problem: the known name that is nearest to the one that was written. */

/** Names in a rule: `%name`, `{{name}}`, `"name"`, `urn:…`, and its first or last word. */
const named = /%(\w+)|\{\{[#/]?(\w+)\}\}|"([\w-]+)"|(urn:[\w:-]+)|^([\w-]+)(?= )|([\w-]+)$/g;

/**
 * `did you mean %ldlCholesterol?` for the first unknown name of a rule that has a near one; undefined: none has.
 * @param known every name that could have stood there
 */
export function nearestHint(rule: string, known: Iterable<string>): string | undefined {
  const all = [...known];
  for (const [, ...groups] of rule.matchAll(named)) {
    const at = groups.findIndex((group) => group !== undefined);
    const word = groups[at] ?? '';
    const near = all.includes(word) ? undefined : nearest(word, all);
    if (near !== undefined) return `did you mean ${[`%${near}`, `{{${near}}}`][at] ?? near}?`;
  }
  return undefined;
}

/** The known word that takes the fewest edits, at most two, and fewer than half its letters; undefined: none. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const limit = Math.min(2, Math.ceil(word.length / 2) - 1);
  const ranked = [...known]
    .filter((each) => Math.abs(each.length - word.length) <= limit)
    .map((each) => ({ each, edits: editsBetween(word.toLowerCase(), each.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .toSorted((one, other) => one.edits - other.edits);
  return ranked[0]?.each;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
export function editsBetween(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row++) {
    const line = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      line.push(
        Math.min(
          (rows[row - 1]?.[column] ?? 0) + 1,
          (line[column - 1] ?? 0) + 1,
          (rows[row - 1]?.[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (rows[row - 2]?.[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    rows.push(line);
  }
  return rows.at(-1)?.at(-1) ?? 0;
}
