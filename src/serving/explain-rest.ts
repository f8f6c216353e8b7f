/** `POST /v2/models/{model}/explain`: an inference request of one row, and why it is answered as it is. */
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { Fault } from '../errors.ts';
import type { CounterfactualQuestion } from '../explain/counterfactual.ts';
import type { Explained } from '../explain/explained.ts';
import type { Words } from '../explain/reference.ts';
import { deadlineIn } from '../fhir/deadline.ts';
import type { Model } from '../inference/model.ts';
import type { Network } from '../inference/network.ts';
import { createCourtesy } from './courtesy.ts';
import { type ExplainAnswer, type ExplainRequest, explain } from './explain.ts';
import { type counterfactualSchema, explainRequestSchema } from './explain-schema.ts';
import { hurryOf, patienceOf } from './hurry.ts';
import { readLongJson } from './long-json.ts';
import { bytesOfRequest } from './request-bytes.ts';
import type { ServingLimits } from './rest-inference.ts';
import { readAs } from './schema.ts';
import type { Enter } from './share.ts';
import { inTurns, type Steps } from './steps.ts';
import { refuse, type Tensor } from './tensor.ts';
import { readContents } from './tensor-json.ts';

export interface ExplainDeps {
  /** What answers to a name. @throws Fault unknown-model; Refusal unknown-version, model-unloaded */
  readonly served: (name: string, version?: string) => Model | Network;
  readonly vocabulary: Words;
  /** Whose place it takes. */
  readonly client: string;
  readonly enter: Enter;
  readonly limits: ServingLimits;
}

/** The caller may ask this model: that has been seen to. @throws Fault unsupported-media-type, too-large; as {@link explain} */
export async function answerExplain(
  { served, vocabulary, client, enter, limits }: ExplainDeps,
  { name, version }: { readonly name: string; readonly version?: string },
  req: Request,
  res: Response,
): Promise<void> {
  const [type = ''] = (req.headers['content-type'] ?? '').split(';', 1);
  if (!['', 'application/json'].includes(type.trim().toLowerCase()))
    throw new Fault('unsupported-media-type', ['content-type: is none of application/json']);
  const answer = await enter(async () => {
    const bytes = await bytesOfRequest(req, limits.jsonBytes ?? limits.bodyBytes);
    const request = await inTurns(readExplain(bytes), createCourtesy());
    using deadline = deadlineIn(patienceOf(request, limits.deadlineMs));
    return await explain(served(name, version), request, vocabulary, deadline);
  }, client);
  res.json(writeExplain(answer));
}

/** @throws Fault malformed-json, unsafe-json; Refusal malformed-inference */
function* readExplain(bytes: Buffer): Steps<ExplainRequest> {
  const body = readAs(explainRequestSchema, yield* readLongJson(bytes));
  const { id, inputs, outputs, parameters = {} } = body;
  const { method, seed, max_evaluations: maxEvaluations, steps, counterfactual, timeout } = parameters;
  const { withinMs } = hurryOf({ timeout });
  return {
    inputs: yield* tensorsOf(inputs),
    ...(id !== undefined && { id }),
    ...(outputs !== undefined && { outputs: outputs.map(({ name }) => name) }),
    ...(method !== undefined && { method }),
    ...(seed !== undefined && { seed }),
    ...(maxEvaluations !== undefined && { maxEvaluations }),
    ...(steps !== undefined && { steps }),
    ...(counterfactual !== undefined && { counterfactual: questionOf(counterfactual) }),
    ...(withinMs !== undefined && { withinMs }),
  };
}

type Inputs = z.output<typeof explainRequestSchema>['inputs'];

function* tensorsOf(inputs: Inputs): Steps<readonly Tensor[]> {
  const tensors: Tensor[] = [];
  for (const [at, { name, shape, datatype, data }] of inputs.entries()) {
    const where = `inputs[${at}]`;
    if (data === undefined) throw refuse(where, 'needs data: an explanation is asked in JSON');
    tensors.push({ name, shape, ...(yield* readContents(datatype, shape, data, where)) });
  }
  return tensors;
}

function questionOf({
  modifiable,
  below,
  above,
  max_changes: maxChanges,
}: z.output<typeof counterfactualSchema>): CounterfactualQuestion {
  const target = below === undefined ? { above: above ?? Number.NaN } : { below };
  return { modifiable, target, ...(maxChanges !== undefined && { maxChanges }) };
}

/** In the protocol's spelling; what the head says is not said again. */
function writeExplain({ model, version, digest, id, explanation, counterfactual }: ExplainAnswer) {
  return {
    model_name: model,
    model_version: version,
    ...(id !== undefined && { id }),
    parameters: { digest },
    ...(explanation && { explanation: explanationOf(explanation) }),
    ...(counterfactual && { counterfactual }),
  };
}

function explanationOf({ model, version, digest, players, ...rest }: Explained) {
  const spelled = players.map(({ standardError, ...player }) => ({
    ...player,
    ...(standardError !== undefined && { standard_error: standardError }),
  }));
  return { ...rest, players: spelled };
}
