/** Why a network answers one patient as it does, by a method that its manifest names. */
import { Fault } from '../errors.ts';
import type { Network } from '../inference/network.ts';
import type { ExplanationMethod } from '../inference/network-manifest.ts';
import type { Tensors } from '../inference/tensor.ts';
import type { Urgency } from '../inference/urgency.ts';
import {
  type Ask,
  type Counterfactual,
  type CounterfactualQuestion,
  searchCounterfactual,
} from './counterfactual.ts';
import { type Column, type Dial, networkDials } from './dials.ts';
import type { Explained } from './explained.ts';
import type { GamePlayer } from './game.ts';
import { type MethodOptions, methods } from './methods.ts';
import { assertOneRow, explainRules, gameOfNetwork, isSaturated, outputOf } from './network-game.ts';
import { numbersOf, withNumbers } from './rows.ts';

export interface ExplainOptions extends MethodOptions {
  /** Absent: the first of the manifest. */
  readonly method?: string;
}

/**
 * @param patient one row of every input
 * @throws Fault malformed-inference for feeds that the network does not take, more than one row, a method that the
 *   manifest does not name, or fewer evaluations than it needs; model-unavailable, deadline-passed, overloaded
 */
export async function explainNetwork(
  network: Network,
  patient: Tensors,
  options: ExplainOptions = {},
  urgency: Urgency = {},
): Promise<Explained> {
  const { manifest, digest, background } = network;
  const rules = explainRules(manifest);
  const method = methodOf(rules.methods, options.method);
  const game = gameOfNetwork(network, patient);
  const [predicted = Number.NaN] = await outputOf(network, patient, 1, urgency);
  const made = await methods[method]({ network, game, options, urgency });
  const { value, phi, standardError, evaluations, ...rest } = made;
  return {
    model: manifest.id,
    version: manifest.version,
    digest,
    output: rules.output,
    element: rules.element ?? 0,
    scale: rules.scale,
    method,
    predicted,
    value,
    ...(isSaturated(manifest, predicted) && { saturated: true }),
    background: { ...rules.background, ...(background === undefined ? {} : { rows: background.rows }) },
    players: phi === undefined ? [] : contributed(game.players, phi, standardError),
    evaluations: evaluations + 1,
    ...rest,
  };
}

/** @throws Fault malformed-inference */
function methodOf(known: readonly ExplanationMethod[], asked: string | undefined): ExplanationMethod {
  const method = asked === undefined ? known[0] : known.find((each) => each === asked);
  if (method === undefined)
    throw new Fault('malformed-inference', [`method: is none of ${known.join(', ')}`]);
  return method;
}

const contributed = (
  players: readonly GamePlayer[],
  phi: Float64Array,
  standardError: Float64Array | undefined,
): Explained['players'] =>
  players.map(({ label, parts }, at) => ({
    label,
    input: [...new Set(parts.map(({ input }) => input))].join('+'),
    phi: phi[at] ?? Number.NaN,
    ...(standardError === undefined ? {} : { standardError: standardError[at] ?? Number.NaN }),
  }));

/**
 * The same network with some of its named columns changed; the output is that of the explanation, on its own scale.
 * @throws Fault malformed-inference for a column that the question may not name; else as {@link explainNetwork}
 */
export async function networkCounterfactual(
  network: Network,
  patient: Tensors,
  question: CounterfactualQuestion,
  urgency: Urgency = {},
): Promise<Counterfactual> {
  const { output } = explainRules(network.manifest);
  assertOneRow(patient);
  const dials = networkDials(network, patient, question.modifiable);
  const ask: Ask = async (candidates) => {
    const feeds = withColumns(patient, dials, candidates);
    return [...(await outputOf(network, feeds, candidates.length, urgency))];
  };
  return searchCounterfactual(dials, ask, output, question);
}

/** The patient's row once for each candidate, with its changes. */
function withColumns(
  patient: Tensors,
  dials: readonly (Column & Pick<Dial, 'input'>)[],
  candidates: readonly ReadonlyMap<string, number>[],
): Tensors {
  const changed = Object.entries(patient).map(([name, tensor]) => {
    const own = numbersOf(tensor);
    const columns = dials.filter((dial) => dial.tensor === name);
    const numbers = new Float64Array(own.length * candidates.length);
    for (const [row, candidate] of candidates.entries()) {
      numbers.set(own, row * own.length);
      for (const { input, element } of columns)
        numbers[row * own.length + element] = candidate.get(input) ?? own[element] ?? Number.NaN;
    }
    return [name, withNumbers(tensor, candidates.length, numbers)];
  });
  return Object.fromEntries(changed);
}
