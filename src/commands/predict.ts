import { modelFolders, openPackages } from '../assemble.ts';
import { predictLines } from '../inference/predict-lines.ts';
import { type Command, onlyWord, read } from './command.ts';
import { lines, print } from './lines.ts';

/** One model, without an EHR: inputs in, outputs out. */
export const predict: Command = {
  usage: `predict <model-id>      JSON lines of inputs on stdin, JSON lines of outputs on stdout
  --allow-out-of-range    compute outside the valid range`,
  async run(args) {
    const { words, given } = read(args, { 'allow-out-of-range': { type: 'boolean' } });
    const id = onlyWord(words);
    const { models } = await openPackages({ models: modelFolders(process.env.MODELS) });
    try {
      const allowOutOfRange = given['allow-out-of-range'] === true;
      for await (const answer of predictLines(models.get(id), lines(), { allowOutOfRange })) print(answer);
      return 0;
    } finally {
      await models.close();
    }
  },
};
