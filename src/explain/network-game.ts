/** A network and one patient as the game that its explanations play. */
import { Fault } from '../errors.ts';
import type { Network } from '../inference/network.ts';
import type { NetworkExplain, NetworkManifest } from '../inference/network-manifest.ts';
import { rowSize, type Tensors } from '../inference/tensor.ts';
import type { Urgency } from '../inference/urgency.ts';
import { logit } from './explained.ts';
import type { Game } from './game.ts';
import { playersOfNetwork } from './players.ts';
import { withNumbers } from './rows.ts';

/** @throws Fault malformed-inference where the manifest says nothing of explanations */
export function explainRules({ explain }: NetworkManifest): NetworkExplain {
  if (explain === undefined) throw new Fault('malformed-inference', ['the model is not explained']);
  return explain;
}

/**
 * The score is the explained element of the output, on the scale of the manifest. A network without a background is
 * compared with zeros, or the nearest that is valid: only methods that take a part away ask for that.
 * @param patient one row
 * @throws Fault malformed-inference for more than one row, or where the model is not explained
 */
export function gameOfNetwork(network: Network, patient: Tensors): Game {
  const { manifest } = network;
  const rules = explainRules(manifest);
  assertOneRow(patient);
  const { rows, feeds } = network.background ?? { rows: 1, feeds: neutralRow(manifest, patient) };
  const scale = scaleOf(manifest, rules);
  return {
    model: manifest.id,
    score: async (asked, urgency) => {
      const answer = await network.mix(asked, urgency, [rules.output]);
      return explainedOf(network, answer, asked.rows).map(scale);
    },
    patient,
    background: feeds,
    backgroundRows: rows,
    players: playersOfNetwork(manifest),
  };
}

/** @throws Fault malformed-inference */
export function assertOneRow(patient: Tensors): void {
  const odd = Object.keys(patient).filter((name) => patient[name]?.shape[0] !== 1);
  if (odd.length > 0)
    throw new Fault('malformed-inference', [`${odd.join(', ')}: one row is explained at a time`]);
}

/** The explained element for each row, on the output's own scale. @throws Fault as the network does */
export async function outputOf(
  network: Network,
  feeds: Tensors,
  rows: number,
  urgency?: Urgency,
): Promise<Float64Array> {
  const { output } = explainRules(network.manifest);
  return explainedOf(network, await network.run(feeds, rows, urgency, [output]), rows);
}

function explainedOf({ manifest }: Network, answer: Tensors, rows: number): Float64Array {
  const { output, element = 0 } = explainRules(manifest);
  const { [output]: tensor } = answer;
  if (tensor === undefined) throw new Fault('model-unavailable', [manifest.id, output]);
  const size = rowSize(tensor);
  return Float64Array.from({ length: rows }, (_, row) => Number(tensor.data[row * size + element]));
}

/** What a type can tell from 0, and from 1; and how near to 1 log odds become coarse (steps of about 1 in 250). */
const resolution = {
  float32: { least: 2 ** -126, most: 1 - 2 ** -24, coarse: 1 - 2 ** -16 },
  float64: { least: 2 ** -1022, most: 1 - 2 ** -53, coarse: 1 - 2 ** -45 },
} as const;

const resolutionOf = ({ outputs }: NetworkManifest, { output }: NetworkExplain) =>
  resolution[outputs.find(({ name }) => name === output)?.dtype === 'float32' ? 'float32' : 'float64'];

/** Is the output so near to 1 that differences of its log odds are those of rounding? */
export function isSaturated(manifest: NetworkManifest, predicted: number): boolean {
  const rules = explainRules(manifest);
  return rules.scale === 'logit' && predicted > resolutionOf(manifest, rules).coarse;
}

/** Log odds of a probability; of 0 and 1 those of the nearest that its type can tell from them. */
function scaleOf(manifest: NetworkManifest, rules: NetworkExplain): (value: number) => number {
  if (rules.scale === 'identity') return (value) => value;
  const { least, most } = resolutionOf(manifest, rules);
  return (value) => logit(Math.min(Math.max(value, least), most));
}

function neutralRow({ inputs }: NetworkManifest, patient: Tensors): Tensors {
  const rows = Object.entries(patient).map(([name, tensor]) => {
    const { min = 0, max = 0 } = inputs.find((input) => input.name === name)?.valid ?? {};
    const zero = Math.min(Math.max(0, min), max);
    return [name, withNumbers(tensor, 1, new Float64Array(rowSize(tensor)).fill(zero))];
  });
  return Object.fromEntries(rows);
}
