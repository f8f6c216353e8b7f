import { modelFolders, openPackages } from '../assemble.ts';
import { explainLines, type LineOptions } from '../explain/explain-lines.ts';
import type { ModelRegistry } from '../inference/registry.ts';
import { type Command, type Given, Misuse, onlyWord, read, textOf } from './command.ts';
import { lines, print } from './lines.ts';

/** One model or network, without an EHR: inputs in, explanations out. */
export const explain: Command = {
  usage: `explain <model-id>      JSON lines of inputs on stdin, JSON lines of explanations on stdout
  --method <name>         one that the model names; its first without it
  --output <name>         of a clinical model; the first probability without it
  --seed <n>              of methods that sample
  --max-evaluations <n>   most rows that the model computes
  --steps <n>             nodes of a gradient method to begin with`,
  async run(args) {
    const { words, given } = read(args, {
      method: { type: 'string' },
      output: { type: 'string' },
      seed: { type: 'string' },
      'max-evaluations': { type: 'string' },
      steps: { type: 'string' },
    });
    const id = onlyWord(words);
    const options = optionsOf(given);
    const { models } = await openPackages({ models: modelFolders(process.env.MODELS) });
    try {
      for await (const answer of explainLines(foundIn(models, id), lines(), options)) print(answer);
      return 0;
    } finally {
      await models.close();
    }
  },
};

const foundIn = (models: ModelRegistry, id: string) =>
  models.networkIds().includes(id) ? models.network(id) : models.get(id);

function optionsOf(given: Given): LineOptions {
  const [method, output] = [textOf(given, 'method'), textOf(given, 'output')];
  const [seed, maxEvaluations, steps] = ['seed', 'max-evaluations', 'steps'].map((name) =>
    countOf(given, name),
  );
  return {
    ...(method !== undefined && { method }),
    ...(output !== undefined && { output }),
    ...(seed !== undefined && { seed }),
    ...(maxEvaluations !== undefined && { maxEvaluations }),
    ...(steps !== undefined && { steps }),
  };
}

/** @throws Misuse for what is no whole number */
function countOf(given: Given, name: string): number | undefined {
  const text = textOf(given, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Misuse();
  return Number(text);
}
