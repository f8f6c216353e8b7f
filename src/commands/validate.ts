import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, onlyWord, read } from './command.ts';
import { validateCard } from './validate-card.ts';
import { validateModel } from './validate-model.ts';
import type { Problem, Report } from './validate-report.ts';
import { isVocabulary, validateVocabulary } from './validate-vocabulary.ts';

/** One package, before it is started or sent on: what is wrong with it and what to do, or what was checked. */
export const validate: Command = {
  usage:
    'validate <folder>       a card package, a model package or a vocabulary: what is wrong, and what to do',
  async run(args) {
    const folder = onlyWord(read(args).words).replace(/(?<=.)\/+$/, '');
    const { what, problems, checked } = await reportOn(folder);
    for (const problem of problems) process.stdout.write(`${lineOf(problem)}\n`);
    if (problems.length > 0) return 1;
    process.stdout.write(`${folder}: ${what}, ok\n${checked.map((line) => `  ${line}\n`).join('')}`);
    return 0;
  },
};

/** A package is known by its files. @throws Error for a folder that is none */
async function reportOn(folder: string): Promise<Report> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new Error(`${folder}: is not a folder`);
  const has = (file: string): boolean => existsSync(join(folder, file));
  if (has('service.json') || has('card.json')) return validateCard(folder);
  if (has('manifest.json')) return validateModel(folder);
  if (isVocabulary(folder)) return validateVocabulary(folder);
  throw new Error(
    `${folder}: is no package: it has neither service.json and card.json, nor manifest.json, nor groups or valuesets/`,
  );
}

/** `file: field: rule (what to do)` */
const lineOf = ({ file, field, rule, hint }: Problem): string =>
  `${file}: ${field}: ${rule}${hint === undefined ? '' : ` (${hint})`}`;
