/** How outputs of models and thresholds read: a risk in percent, a score in points, a measure in its unit. */
import { halfUp, readablePercent, readableQuantity } from '../features/words.ts';
import type { Prediction } from '../inference/model.ts';
import type { Wording } from './placeholders.ts';
import type { Scope } from './template.ts';
import { beforeName, outputName } from './variables.ts';

/** Every output and label of a model by its name in texts. */
export function outputWords({ model, outputs, labels }: Prediction, wording: Wording): Scope {
  const numbers = Object.entries(outputs).map(([name, value]) => [
    outputName(model, name),
    outputWord(model, name, value, wording),
  ]);
  const words = Object.entries(labels).map(([name, word]) => [outputName(model, name), word]);
  return Object.fromEntries([...numbers, ...words]);
}

export function beforeWords(wording: Wording): Scope {
  const { service, earlier = [] } = wording;
  const { trend } = service;
  const result = earlier.find(({ model }) => model === trend?.model);
  const value =
    result?.kind === 'prediction' && trend !== undefined ? result.outputs[trend.output] : undefined;
  if (trend === undefined || value === undefined) return {};
  return { [beforeName(trend.model, trend.output)]: outputWord(trend.model, trend.output, value, wording) };
}

/** A risk in percent, a score in points, a measure in its unit with the manifest's decimals. */
function outputWord(model: string, name: string, value: number, wording: Wording): string {
  const output = outputOf(outputName(model, name), wording);
  return output?.kind === 'number'
    ? measureWords(Number(halfUp(value, output.rounding.decimals)), output.unit)
    : riskWords(value, outputName(model, name), wording);
}

const outputOf = (full: string, { manifests }: Pick<Wording, 'manifests'>) =>
  manifests
    .flatMap(({ id, outputs }) => outputs.map((output) => ({ full: outputName(id, output.name), output })))
    .find((each) => each.full === full)?.output;

/** `3 points`, `1 point`, `52 mL/min`. */
const measureWords = (value: number, unit: string): string => {
  const said = readableQuantity(value, unit);
  return value === 1 ? said.replace(/(?<=^1 [a-z]+)s$/, '') : said;
};

export function thresholdWords(name: string, wording: Wording): string {
  const threshold = wording.service.thresholds[name];
  if (threshold === undefined) return 'not known';
  const { value, unit, appliesTo } = threshold;
  const isRisk = outputOf(appliesTo, wording)?.kind === 'probability';
  return isRisk ? percentWords(value) : measureWords(value, unit);
}

const percentWords = (value: number): string => readablePercent(value).replace('.0 %', ' %');

/**
 * A risk rounded half up to 0.1 % for reading. Where rounding alone would lift it onto a threshold of this output,
 * it says so: the decision was taken on the unrounded number.
 */
export function riskWords(value: number, output: string, { service }: Wording): string {
  const said = readablePercent(value);
  const limits = Object.values(service.thresholds).filter(({ appliesTo }) => appliesTo === output);
  const lifted = limits.find((limit) => value < limit.value && readablePercent(limit.value) === said);
  return lifted === undefined ? said : `just under ${percentWords(lifted.value)}`;
}
