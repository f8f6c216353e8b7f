/** The cases of one card package: read from its folder, and run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageProblem, Service } from '../card/service.ts';
import { type Case, caseFile } from './case.ts';
import { type CaseDeps, caseFaults } from './run.ts';

export interface PackageCases {
  readonly read: readonly { readonly file: string; readonly one: Case }[];
  /** Of the files that could not be read, or that there is none. */
  readonly problems: readonly CaseProblem[];
}

export interface CaseProblem extends PackageProblem {
  /** What to do about it, where only the file itself tells. */
  readonly hint?: string;
}

/** @param folder of the package */
export function readCases(folder: string): PackageCases {
  const at = join(folder, 'cases');
  const names = existsSync(at) ? readdirSync(at).filter((name) => name.endsWith('.json')) : [];
  if (names.length === 0)
    return { read: [], problems: [{ file: at, field: '(folder)', rule: 'holds no case' }] };
  const all = names.sort().map((name) => readCase(join(at, name)));
  return { read: all.flatMap(({ read }) => read), problems: all.flatMap(({ problems }) => problems) };
}

function readCase(file: string): PackageCases {
  const parsed = parseCase(readFileSync(file, 'utf8'));
  if (parsed instanceof SyntaxError) {
    const problem = { file, field: '(file)', rule: 'is not readable as JSON', hint: parsed.message };
    return { read: [], problems: [problem] };
  }
  if (parsed.success) return { read: [{ file, one: parsed.data }], problems: [] };
  const problems = parsed.error.issues.map(({ path, message }) => ({
    file,
    field: path.join('.') || '(file)',
    rule: message,
  }));
  return { read: [], problems };
}

function parseCase(text: string) {
  try {
    return caseFile.safeParse(JSON.parse(text));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return thrown;
    throw thrown;
  }
}

/** Every case against every service of the package, through the models themselves: where it departs from one. */
export async function replayCases(
  services: readonly Service[],
  cases: PackageCases['read'],
  deps: CaseDeps,
): Promise<readonly PackageProblem[]> {
  const problems: PackageProblem[] = [];
  for (const { file, one } of cases) {
    for (const service of services) {
      const faults = await caseFaults(one, service, deps).catch(said);
      problems.push(...faults.map((rule) => ({ file, field: 'expect', rule })));
    }
  }
  return problems;
}

/** A case that names what there is not cannot be run at all. */
const said = (thrown: unknown): readonly string[] => [
  thrown instanceof Error ? thrown.message : String(thrown),
];
