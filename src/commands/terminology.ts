import { importRxNorm } from '../terminology/import.ts';
import { type Command, Misuse, onlyWord, read, textOf } from './command.ts';

/** What a site does to the terminology it brings itself. */
export const terminologyCommand: Command = {
  usage: `terminology import <RxNorm rrf folder>   drugs.tsv and ndc.tsv of that release, for a vocabulary folder of the site
  --out FOLDER            where they are written; else site-vocabulary`,
  async run([word, ...args]) {
    const { words, given } = read(word === 'import' ? args : [word ?? '', ...args], {
      out: { type: 'string' },
    });
    if (word !== 'import') throw new Misuse();
    const out = textOf(given, 'out') ?? 'site-vocabulary';
    const { drugs, ndcs } = await importRxNorm(onlyWord(words), out);
    process.stdout.write(`${drugs} RxNorm codes, ${ndcs} NDC -> ${out}\n`);
    return 0;
  },
};
