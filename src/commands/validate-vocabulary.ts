import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { groupSchema } from '../features/entry.ts';
import {
  buildVocabulary,
  readVocabularyFolder,
  type Vocabulary,
  VocabularyError,
  type VocabularyFiles,
} from '../features/vocabulary.ts';
import { packaged } from '../packaged.ts';
import { counted, hinted, keysOf, type Problem, type Report } from './validate-report.ts';

/** Does a folder hold value sets, a drug index, or a group of clinical values? */
export function isVocabulary(folder: string): boolean {
  if (['valuesets', 'drugs.tsv'].some((name) => existsSync(join(folder, name)))) return true;
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.some((file) => readFileSync(join(folder, file), 'utf8').includes('"group"'));
}

/**
 * A vocabulary folder over the one we ship, as a site's is read: every group and value set, one problem a file. What
 * follows from a problem that was named already is left out.
 */
export function validateVocabulary(folder: string): Report {
  const what = 'vocabulary';
  const own = realpathSync(folder) === realpathSync(packaged('vocabulary'));
  const base = own ? [] : [readVocabularyFolder(packaged('vocabulary'))];
  const files = attempt(() => readVocabularyFolder(folder));
  if (files instanceof VocabularyError)
    return { what, problems: [problemOf(files, base, undefined)], checked: [] };
  const problems: Problem[] = [];
  let left: VocabularyFiles = files;
  for (;;) {
    const built = attempt(() => buildVocabulary([...base, left]));
    if (!(built instanceof VocabularyError))
      return { what, problems, checked: problems.length > 0 ? [] : summary(files, built) };
    if (!follows(built, files, left)) problems.push(problemOf(built, base, files));
    const fewer = without(left, built.file);
    if (sizeOf(fewer) === sizeOf(left)) return { what, problems, checked: [] };
    left = fewer;
  }
}

function attempt<Result>(work: () => Result): Result | VocabularyError {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof VocabularyError) return thrown;
    throw thrown;
  }
}

const sizeOf = ({ groups, valueSets }: VocabularyFiles): number => groups.size + valueSets.size;

const without = ({ groups, valueSets, ...rest }: VocabularyFiles, file: string): VocabularyFiles => ({
  ...rest,
  groups: new Map([...groups].filter(([name]) => name !== file)),
  valueSets: new Map([...valueSets].filter(([name]) => name !== file)),
});

/** Does it only miss a name of a file that was left out for its own problem? */
function follows({ rule }: VocabularyError, files: VocabularyFiles, left: VocabularyFiles): boolean {
  const gone = [...files.groups, ...files.valueSets].filter(
    ([file]) => !left.groups.has(file) && !left.valueSets.has(file),
  );
  const words = new Set(rule.split(' '));
  return gone.some(([, content]) => namesIn(content).some((name) => words.has(name)));
}

/** What a file defines, read as far as it can be: names of values, the URL of a set. */
function namesIn(content: unknown): readonly string[] {
  const found: string[] = [];
  JSON.stringify(content, (key, value: unknown) => {
    if ((key === 'name' || key === 'url') && typeof value === 'string') found.push(value);
    return value;
  });
  return found;
}

function problemOf(
  { file, field, rule }: VocabularyError,
  base: readonly VocabularyFiles[],
  files: VocabularyFiles | undefined,
): Problem {
  const layers = [...base, ...(files === undefined ? [] : [files])];
  const known = layers.flatMap(({ groups, valueSets }) =>
    [...groups.values(), ...valueSets.values()].flatMap(namesIn),
  );
  const otherwise = 'CONTRIBUTING.md, "Add a clinical value"';
  return hinted({ file, field, rule }, [...known, ...keysOf(groupSchema)], otherwise);
}

function summary(files: VocabularyFiles, vocabulary: Vocabulary): readonly string[] {
  const entries = [...files.groups.values()].flatMap(namesIn).filter((name) => vocabulary.entries.has(name));
  return [
    `${counted(files.groups.size, 'group')} with ${counted(entries.length, 'clinical value')}: units, look-backs, formulas, inputs`,
    `${counted(files.valueSets.size, 'value set')}: codes of every one that a value names resolve`,
  ];
}
