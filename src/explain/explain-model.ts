/** Why a clinical model answers one patient as it does, and what would change the answer. */
import { Fault } from '../errors.ts';
import type { Manifest, ManifestOutput } from '../inference/manifest.ts';
import type { Model, Outputs, Prediction } from '../inference/model.ts';
import type { Urgency } from '../inference/urgency.ts';
import { type Counterfactual, type CounterfactualQuestion, searchCounterfactual } from './counterfactual.ts';
import { modelDials } from './dials.ts';
import { type Explained, logit } from './explained.ts';
import type { Words } from './reference.ts';
import { explainPrediction } from './shapley.ts';

/** Every input is a player of its own, under the manifest's label. */
const noWords: Words = { entries: new Map(), groups: new Map() };

export interface ModelQuestion {
  /** Absent: the first probability; for a counterfactual the first number. */
  readonly output?: string;
  readonly method?: string;
}

/**
 * The exact Shapley values behind every card, in the form of the inference API: against the manifest's reference person,
 * contributions largest first.
 * @param words groups and labels of the vocabulary: correlated inputs are one player; without it each input is one
 * @throws Fault malformed-inference for a model that is not explained, an output that is no probability or does not apply,
 *   another method; model-unavailable, deadline-passed
 */
export async function explainModel(
  model: Model,
  prediction: Prediction,
  { output: asked, method = 'exact-shapley' }: ModelQuestion = {},
  urgency: Urgency = {},
  words: Words = noWords,
): Promise<Explained> {
  const { manifest } = model;
  if (manifest.explain === undefined)
    throw refused('the model is not explained: its answer is a sum or a formula');
  if (method !== 'exact-shapley') throw refused('method: is none of exact-shapley');
  const output = outputOf(manifest, prediction.outputs, asked, ['probability']);
  const explanation = await explainPrediction(model, prediction, output, words, urgency);
  const { baseline, contributions } = explanation;
  const [value, start] = [logit(explanation.value), logit(baseline.value)];
  return {
    model: manifest.id,
    version: manifest.version,
    digest: model.digest,
    output,
    element: 0,
    scale: 'logit',
    method,
    predicted: explanation.value,
    value,
    baseline: start,
    background: { label: baseline.label, source: baseline.source, rows: 1 },
    players: contributions.map(({ label, inputs, phi }) => ({ label, input: inputs.join('+'), phi })),
    gap: value - start - contributions.reduce((sum, { phi }) => sum + phi, 0),
    evaluations: 2 ** contributions.length,
  };
}

/**
 * @throws Fault malformed-inference for an output or an input that the question may not name; model-unavailable,
 *   deadline-passed
 */
export function modelCounterfactual(
  model: Model,
  { row, outputs }: Prediction,
  question: CounterfactualQuestion & Pick<ModelQuestion, 'output'>,
  urgency: Urgency = {},
): Promise<Counterfactual> {
  const output = outputOf(model.manifest, outputs, question.output, ['probability', 'number']);
  const dials = modelDials(model.manifest, row, question.modifiable);
  const ask = async (candidates: readonly ReadonlyMap<string, number>[]): Promise<readonly number[]> => {
    const rows = candidates.map((changes) => ({ ...row, ...Object.fromEntries(changes) }));
    const answers = await model.run(rows, urgency, [output]);
    return answers.map((answer) => answer[output] ?? Number.NaN);
  };
  return searchCounterfactual(dials, ask, output, question);
}

/** The output asked for, or the first of its kind that applies. @throws Fault malformed-inference */
function outputOf(
  manifest: Manifest,
  answered: Outputs,
  asked: string | undefined,
  kinds: readonly ManifestOutput['kind'][],
): string {
  const known = manifest.outputs.filter(({ name, kind }) => kinds.includes(kind) && (asked ?? name) === name);
  if (known.length === 0) throw refused(`outputs: the model has no such ${kinds.join(' or ')}`);
  const applies = known.find(({ name }) => answered[name] !== undefined);
  if (applies === undefined) throw refused('outputs: does not apply to this row');
  return applies.name;
}

const refused = (rule: string): Fault => new Fault('malformed-inference', [rule]);
