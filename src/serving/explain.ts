/** Explanations beside the Open Inference Protocol, without a transport: the tensors of one inference, asked why. */
import type { Counterfactual, CounterfactualQuestion } from '../explain/counterfactual.ts';
import { explainModel, modelCounterfactual } from '../explain/explain-model.ts';
import { explainNetwork, networkCounterfactual } from '../explain/explain-network.ts';
import type { Explained } from '../explain/explained.ts';
import type { MethodOptions } from '../explain/methods.ts';
import type { Words } from '../explain/reference.ts';
import type { Model, Outputs, Prediction, Row } from '../inference/model.ts';
import { isNetwork, type Network } from '../inference/network.ts';
import { labelsOf } from '../inference/predict.ts';
import type { Urgency } from '../inference/urgency.ts';
import { askClinical } from './clinical.ts';
import type { Hurry } from './hurry.ts';
import { feedsOf } from './networks.ts';
import { refuse, type Tensor } from './tensor.ts';

export interface ExplainRequest extends MethodOptions, Pick<Hurry, 'withinMs'> {
  readonly id?: string;
  /** Of one row, as for an inference. */
  readonly inputs: readonly Tensor[];
  /** One at most; absent: the one that the model is explained for. */
  readonly outputs?: readonly string[];
  /** Absent: the model's first. */
  readonly method?: string;
  readonly counterfactual?: CounterfactualQuestion;
}

export interface ExplainAnswer {
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  readonly id?: string;
  /** Absent where only a counterfactual was asked for. */
  readonly explanation?: Explained;
  readonly counterfactual?: Counterfactual;
}

/**
 * Somebody waits for an explanation, but no EHR: lane app. A request for a counterfactual that names no method is not
 * explained besides.
 * @param words the vocabulary: inputs of a clinical model in one clinical group are one player
 * @throws Refusal, Fault malformed-inference (no row or several, tensors, outputs, methods or inputs that the model does
 *   not have), abstained (reasons); Fault model-unavailable, deadline-passed, overloaded
 */
export async function explain(
  found: Model | Network,
  request: ExplainRequest,
  words: Words,
  { signal, endsAt }: Urgency = {},
): Promise<ExplainAnswer> {
  assertOneRow(request.inputs);
  const urgency = { lane: 'app', ...(signal && { signal }), ...(endsAt && { endsAt }) } as const;
  const { manifest, digest } = found;
  const answer = isNetwork(found)
    ? await ofNetwork(found, request, urgency)
    : await ofModel(found, request, urgency, words);
  const id = request.id === undefined ? {} : { id: request.id };
  return { model: manifest.id, version: manifest.version, digest, ...id, ...answer };
}

function assertOneRow(inputs: readonly Tensor[]): void {
  if (inputs.length === 0) throw refuse('inputs', 'there is none');
  const names = inputs.map(({ name }) => name);
  for (const [at, { shape, name }] of inputs.entries()) {
    if (shape[0] !== 1) throw refuse(`inputs[${at}]`, 'one row is explained at a time');
    if (names.indexOf(name) !== at) throw refuse(`inputs[${at}]`, 'is given twice');
  }
}

type Answer = Pick<ExplainAnswer, 'explanation' | 'counterfactual'>;

const isExplained = ({ method, counterfactual }: ExplainRequest): boolean =>
  method !== undefined || counterfactual === undefined;

async function ofNetwork(network: Network, request: ExplainRequest, urgency: Urgency): Promise<Answer> {
  const { manifest } = network;
  const known = manifest.explain?.output;
  if (known !== undefined && (request.outputs ?? [known]).join() !== known)
    throw refuse('outputs', `this model is explained for ${known}`);
  const feeds = feedsOf(manifest, request.inputs);
  const { counterfactual: question } = request;
  return {
    ...(isExplained(request) && { explanation: await explainNetwork(network, feeds, request, urgency) }),
    ...(question && { counterfactual: await networkCounterfactual(network, feeds, question, urgency) }),
  };
}

async function ofModel(
  model: Model,
  request: ExplainRequest,
  urgency: Urgency,
  words: Words,
): Promise<Answer> {
  const { method, outputs = [], counterfactual: question } = request;
  const [output, another] = outputs;
  if (another !== undefined) throw refuse('outputs', 'one output is explained at a time');
  const prediction = await judged(model, request, urgency);
  const asked = { ...(output !== undefined && { output }), ...(method !== undefined && { method }) };
  return {
    ...(isExplained(request) && {
      explanation: await explainModel(model, prediction, asked, urgency, words),
    }),
    ...(question && {
      counterfactual: await modelCounterfactual(model, prediction, { ...question, ...asked }, urgency),
    }),
  };
}

/** The row as an inference judges it, kept with its answer. @throws as an inference does, abstentions included */
async function judged(model: Model, { inputs }: ExplainRequest, urgency: Urgency): Promise<Prediction> {
  const { manifest, digest } = model;
  let kept: { readonly row: Row; readonly outputs: Outputs } = { row: {}, outputs: {} };
  const keeping: Model = {
    ...model,
    async run(rows, ...rest) {
      const answers = await model.run(rows, ...rest);
      kept = { row: rows[0] ?? {}, outputs: answers[0] ?? {} };
      return answers;
    },
  };
  await askClinical(keeping, { model: manifest.id, inputs }, urgency);
  const identity = { model: manifest.id, version: manifest.version, digest };
  return { kind: 'prediction', ...identity, ...kept, labels: labelsOf(manifest, kept.outputs) };
}
