/** `auscult explain <model-id>`: JSON lines of inputs in, JSON lines of explanations out, one for one and in order. */
import { asFault, Fault } from '../errors.ts';
import type { Model } from '../inference/model.ts';
import { isNetwork, type Network } from '../inference/network.ts';
import type { NetworkManifest } from '../inference/network-manifest.ts';
import { tensorOf } from '../inference/network-tensors.ts';
import { predict } from '../inference/predict.ts';
import type { InputValue } from '../inference/row.ts';
import type { Tensor, Tensors } from '../inference/tensor.ts';
import { explainModel, type ModelQuestion } from './explain-model.ts';
import { type ExplainOptions, explainNetwork } from './explain-network.ts';
import type { Explained } from './explained.ts';

export type ExplanationLine = Explained | { readonly abstained: string } | { readonly error: string };

export type LineOptions = ExplainOptions & ModelQuestion;

/**
 * A line is one JSON object: for a clinical model input name → number, string, boolean or null; for a network input name
 * → its elements, flat and row-major, null where not measured. A line that is not gives `{error}` and the next is read.
 */
export async function* explainLines(
  found: Model | Network,
  lines: AsyncIterable<string> | Iterable<string>,
  options: LineOptions = {},
): AsyncGenerator<ExplanationLine, void, undefined> {
  for await (const line of lines) yield await explainLine(found, line, options);
}

async function explainLine(
  found: Model | Network,
  line: string,
  options: LineOptions,
): Promise<ExplanationLine> {
  try {
    const given = objectOf(line);
    if (isNetwork(found)) return await explainNetwork(found, feedsOf(found.manifest, given), options);
    const result = await predict(found, inputsOf(given));
    if (result.kind === 'prediction') return await explainModel(found, result, options);
    const reasons = result.because.map(({ input, reason, detail }) => `${input}: ${reason} (${detail})`);
    return { abstained: reasons.join('; ') };
  } catch (thrown) {
    const { details, message } = asFault(thrown);
    return { error: details.length > 0 ? details.join('; ') : message };
  }
}

const refused = (rule: string): Fault => new Fault('malformed-inference', [rule]);

function objectOf(line: string): Readonly<Record<string, unknown>> {
  const parsed = parsedOf(line);
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
    throw refused('the line is not a JSON object');
  return parsed as Readonly<Record<string, unknown>>;
}

function parsedOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw refused('the line is not JSON');
  }
}

function inputsOf(given: Readonly<Record<string, unknown>>): ReadonlyMap<string, InputValue> {
  const entries = Object.entries(given);
  const nested = entries.filter(([, value]) => typeof value === 'object' && value !== null);
  if (nested.length > 0)
    throw refused(`not a number, string, boolean or null: ${nested.map(([name]) => name).join(', ')}`);
  return new Map(entries as [string, InputValue][]);
}

/** An input that is left out is left out of the feeds too: the network says so. */
function feedsOf({ inputs }: NetworkManifest, given: Readonly<Record<string, unknown>>): Tensors {
  const feeds = Object.entries(given).map(([name, elements]): [string, Tensor] => {
    const input = inputs.find((each) => each.name === name);
    if (input === undefined) throw refused(`${name}: is not an input of this model`);
    if (!isElements(elements)) throw refused(`${name}: is not a flat array of numbers and null`);
    const tensor = tensorOf(input, [elements]);
    if (typeof tensor === 'string') throw refused(`${name}: ${tensor}`);
    return [name, tensor];
  });
  return Object.fromEntries(feeds);
}

const isElements = (given: unknown): given is readonly (number | null)[] =>
  Array.isArray(given) && given.every((element) => element === null || typeof element === 'number');
