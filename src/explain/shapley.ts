import { Fault } from '../errors.ts';
import { type ExplainRules, explainOf } from '../inference/manifest.ts';
import type { Model, Outputs, Prediction } from '../inference/model.ts';
import type { Urgency } from '../inference/urgency.ts';
import type { Contribution, Explanation } from './explanation.ts';
import { type Player, playersOf, referenceOf, type Words } from './reference.ts';
import { driverSentence } from './sentence.ts';

/** Above this the enumeration (2^g rows) no longer fits into an answer. */
export const maxGroups = 15;

/**
 * Why a prediction differs from the reference person of the model's manifest: exact Shapley values over clinical
 * groups on the logit scale (Shapley 1953; Lundberg & Lee 2017, one baseline), by full enumeration in one batch
 * of 2^g rows. The inputs that the manifest holds, and the equation variant that answered, are the patient's in
 * every coalition. An optional input absent in both patient and reference plays no part.
 *
 * @param words the vocabulary: it says which inputs are one clinical group, and how they are called
 * @param output a model output that is a proportion strictly between 0 and 1
 * @throws Fault model-unavailable (also when the batch does not reproduce the prediction), deadline-passed
 */
export async function explainPrediction(
  model: Model,
  prediction: Prediction,
  output: string,
  words: Words,
  urgency?: Urgency,
): Promise<Explanation> {
  const reference = referenceOf(model.manifest, prediction);
  const players = playersOf(model.manifest, reference, words);
  if (players.length > maxGroups) throw broken(prediction, output);
  const inputs = players.map((player) => player.inputs);
  const outputs = await model.between(reference.row, reference.patient, inputs, urgency, [output]);
  const worth = outputs.map((row) => logit(row[output]));
  assertReproduced(prediction, outputs, output);
  const phi = shapleyValues(worth, players.length);
  return {
    model: prediction.model,
    digest: prediction.digest,
    output,
    method: 'exact-shapley',
    scale: 'logit',
    baseline: { label: reference.label, source: reference.source, value: outputs[0]?.[output] ?? Number.NaN },
    ...peerOf(explainOf(model.manifest), players, outputs, output),
    value: prediction.outputs[output] ?? Number.NaN,
    contributions: players.map((player, at) => contribution(player, phi[at] ?? 0)).sort(bySize),
  };
}

/**
 * Shapley values of a cooperative game.
 * @param worth worth of every coalition; bit i of the index says whether player i takes part
 * @returns one value per player; they add up to `worth[all] − worth[none]`
 */
export function shapleyValues(worth: ArrayLike<number>, players: number): readonly number[] {
  const weight = coalitionWeights(players);
  const phi = new Float64Array(players);
  for (let mask = 0; mask < 1 << players; mask++) {
    const joined = weight[bitCount(mask)] ?? 0;
    const base = worth[mask] ?? Number.NaN;
    for (let player = 0; player < players; player++) {
      const bit = 1 << player;
      if ((mask & bit) === 0) phi[player] = (phi[player] ?? 0) + joined * ((worth[mask | bit] ?? 0) - base);
    }
  }
  return [...phi];
}

/** Weight of joining a coalition of size s among g players: s! (g − s − 1)! / g!. */
function coalitionWeights(players: number): readonly number[] {
  const weights: number[] = [];
  for (let size = 0, weight = 1 / players; size < players; size++) {
    weights.push(weight);
    weight *= (size + 1) / (players - size - 1);
  }
  return weights;
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The manifest's peer, read off the coalition that it is; none where it is no coalition of these players. */
function peerOf(
  { peer }: ExplainRules,
  players: readonly Player[],
  outputs: readonly Outputs[],
  output: string,
): Pick<Explanation, 'peer'> {
  const mask = peer === undefined ? undefined : coalitionOf(players, peer.inputs);
  const value = mask === undefined ? undefined : outputs[mask]?.[output];
  return peer === undefined || value === undefined ? {} : { peer: { label: peer.label, value } };
}

/**
 * The coalition in which just these inputs are the patient's, as the bits of {@link shapleyValues}; undefined where
 * a player has only some of them, for its inputs enter together.
 */
export function coalitionOf(
  players: readonly Pick<Player, 'inputs'>[],
  inputs: readonly string[],
): number | undefined {
  let mask = 0;
  for (const [at, player] of players.entries()) {
    const named = player.inputs.filter((input) => inputs.includes(input)).length;
    if (named > 0 && named < player.inputs.length) return undefined;
    if (named > 0) mask |= 1 << at;
  }
  return mask;
}

const logit = (proportion: number | undefined): number =>
  proportion === undefined ? Number.NaN : Math.log(proportion / (1 - proportion));

/** The card's number is the explained number: a batch that says otherwise explains nothing. */
function assertReproduced(prediction: Prediction, outputs: readonly Outputs[], output: string): void {
  const stated = prediction.outputs[output] ?? Number.NaN;
  const whole = outputs.at(-1)?.[output] ?? Number.NaN;
  const finite = outputs.every((row) => Number.isFinite(logit(row[output])));
  if (!finite || !(Math.abs(whole - stated) <= 1e-9)) throw broken(prediction, output);
}

const broken = ({ model }: Prediction, output: string): Fault =>
  new Fault('model-unavailable', [`${model}: ${output} cannot be explained`]);

const contribution = ({ group, label, inputs, factors }: Player, phi: number): Contribution => ({
  group,
  label,
  inputs,
  phi,
  sentence: driverSentence(factors, phi),
});

const bySize = (a: Contribution, b: Contribution): number => Math.abs(b.phi) - Math.abs(a.phi);
