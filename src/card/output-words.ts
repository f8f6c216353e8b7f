/** How outputs of models and thresholds read: a risk in percent, a score in points, a measure in its unit. */
import { halfUp, readablePercent, readableQuantity } from '../features/words.ts';
import type { Manifest, ManifestOutput } from '../inference/manifest.ts';
import type { Prediction } from '../inference/model.ts';
import type { Wording } from './placeholders.ts';
import type { Scope } from './template.ts';
import { beforeName, outputName } from './variables.ts';

/** Outputs and labels of the models that answered, by their names in texts: those that the package's texts insert. */
export function outputWords(predictions: readonly Prediction[], wording: Wording): Scope {
  const { named } = wording.service.shared;
  const words: Record<string, string> = {};
  for (const { model, outputs, labels } of predictions) {
    const manifest = wording.manifests.find(({ id }) => id === model);
    for (const [full, output] of manifest === undefined ? [] : outputsOf(manifest)) {
      if (!named.has(full)) continue;
      const value = outputs[output.name];
      if (output.kind === 'label') words[full] = labels[output.name] ?? 'not known';
      else if (value !== undefined) words[full] = outputWord(full, value, wording);
    }
  }
  return words;
}

export function beforeWords(wording: Wording): Scope {
  const { service, earlier = [] } = wording;
  const { trend } = service;
  const result = earlier.find(({ model }) => model === trend?.model);
  const value =
    result?.kind === 'prediction' && trend !== undefined ? result.outputs[trend.output] : undefined;
  if (trend === undefined || value === undefined) return {};
  const word = outputWord(outputName(trend.model, trend.output), value, wording);
  return { [beforeName(trend.model, trend.output)]: word };
}

/** A risk in percent, a score in points, a measure in its unit with the manifest's decimals. */
function outputWord(full: string, value: number, wording: Wording): string {
  const output = outputOf(full, wording);
  return output?.kind === 'number'
    ? measureWords(Number(halfUp(value, output.rounding.decimals)), output.unit)
    : riskWords(value, full, wording);
}

type OutputsByName = ReadonlyMap<string, ManifestOutput>;

const outputsOfManifests = new WeakMap<Manifest, OutputsByName>();

/** A model's outputs by their names in texts. Worked out once a manifest. */
function outputsOf(manifest: Manifest): OutputsByName {
  const known =
    outputsOfManifests.get(manifest) ??
    new Map(manifest.outputs.map((output) => [outputName(manifest.id, output.name), output]));
  outputsOfManifests.set(manifest, known);
  return known;
}

/** An output by its name in texts. */
function outputOf(full: string, { manifests }: Pick<Wording, 'manifests'>): ManifestOutput | undefined {
  for (const manifest of manifests) {
    const found = outputsOf(manifest).get(full);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `3 points`, `1 point`, `52 mL/min`. */
const measureWords = (value: number, unit: string): string => {
  const said = readableQuantity(value, unit);
  return value === 1 ? said.replace(/(?<=^1 [a-z]+)s$/, '') : said;
};

export function thresholdWords(wording: Wording): Scope {
  const { thresholds, shared } = wording.service;
  const named = Object.entries(thresholds).filter(([name]) => shared.named.has(name));
  const words = named.map(([name, { value, unit, appliesTo }]) => {
    const isRisk = outputOf(appliesTo, wording)?.kind === 'probability';
    return [name, isRisk ? percentWords(value) : measureWords(value, unit)] as const;
  });
  return Object.fromEntries(words);
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
