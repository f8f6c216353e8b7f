/** One patient, one model: a prediction, or an abstention with every reason. */
import { Fault } from '../errors.ts';
import type { Features } from '../features/feature.ts';
import type { Manifest, ManifestOutput } from './manifest.ts';
import type { Abstention, InputProblem, Model, Outputs, Result } from './model.ts';
import { encodeRow, type Inputs, inputsFrom, type MissingInputs } from './row.ts';
import type { Urgency } from './urgency.ts';

export interface PredictOptions extends Urgency {
  /** Compute outside the valid range as far as the equation goes. For research and parity; never for a card. */
  readonly allowOutOfRange?: boolean;
  /** Why inputs are missing, for the abstention's words. */
  readonly missing?: MissingInputs;
}

/**
 * Inputs are numbers in the manifest's unit, truths (1 and 0 count as such) or the manifest's words; `null` or absent
 * is missing. Where the graph has no answer for a waived out-of-range input the model abstains after all.
 * @throws Fault model-unavailable (also for anything outside an output's range), deadline-passed
 */
export async function predict(model: Model, inputs: Inputs, options: PredictOptions = {}): Promise<Result> {
  const { manifest } = model;
  const { row, problems, outOfRange } = encodeRow(manifest, inputs, options.missing);
  const because = options.allowOutOfRange ? problems : inOrder(manifest, [...problems, ...outOfRange]);
  if (because.length > 0) return abstain(model, because);
  const [outputs] = await model.run([row], options);
  const broken = outputs === undefined || manifest.outputs.some((output) => !isAnswer(output, outputs));
  if (broken && outOfRange.length > 0) return abstain(model, outOfRange);
  if (broken) throw new Fault('model-unavailable', [manifest.id]);
  return { kind: 'prediction', ...identity(model), row, outputs, labels: labelsOf(manifest, outputs) };
}

/** Each model on the values its manifest names, at once. The order is kept. */
export function predictAll(
  models: readonly Model[],
  features: Features,
  urgency: Urgency = {},
): Promise<readonly Result[]> {
  const one = (model: Model): Promise<Result> => {
    const { inputs, missing } = inputsFrom(model.manifest, features);
    return predict(model, inputs, { ...urgency, missing });
  };
  return Promise.all(models.map(one));
}

/** Label outputs as the manifest's words. A code without a word has none. */
export function labelsOf(manifest: Manifest, outputs: Outputs): Readonly<Record<string, string>> {
  const labels = manifest.outputs.flatMap((output) => {
    const word = output.kind === 'label' ? wordOf(output.codes, outputs[output.name]) : undefined;
    return word === undefined ? [] : [[output.name, word]];
  });
  return Object.fromEntries(labels);
}

/** Label outputs as they are printed: the manifest's display word where it has one, e.g. `hba1c` → "HbA1c". */
export function printedLabels(
  manifest: Manifest,
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const printed = manifest.outputs.flatMap((output) => {
    const word = labels[output.name];
    return output.kind !== 'label' || word === undefined ? [] : [[output.name, output.words?.[word] ?? word]];
  });
  return Object.fromEntries(printed);
}

const wordOf = (codes: Readonly<Record<string, number>>, code: number | undefined): string | undefined =>
  Object.entries(codes).find(([, known]) => known === code)?.[0];

const proportion = { min: 0, max: 1, integer: false };

function isAnswer(output: ManifestOutput, outputs: Outputs): boolean {
  const value = outputs[output.name];
  if (output.kind === 'label') return wordOf(output.codes, value) !== undefined;
  if (value === undefined) return output.appliesTensor !== undefined;
  const { min, max, integer = false } = output.kind === 'number' ? output.range : proportion;
  return value >= min && value <= max && (!integer || Number.isInteger(value));
}

function inOrder(manifest: Manifest, problems: readonly InputProblem[]): readonly InputProblem[] {
  const names = manifest.inputs.map((input) => input.name);
  const place = ({ input }: InputProblem): number =>
    names.includes(input) ? names.indexOf(input) : names.length;
  return problems.toSorted((a, b) => place(a) - place(b));
}

const abstain = (model: Model, because: readonly InputProblem[]): Abstention => ({
  kind: 'abstention',
  ...identity(model),
  because,
});

const identity = (model: Model) => ({
  model: model.manifest.id,
  version: model.manifest.version,
  digest: model.digest,
});
