/**
 * Attributions along the straight line from where the comparison starts to the patient. Only the players' elements move;
 * the others are the patient's throughout.
 */
import { Fault } from '../errors.ts';
import { rowSize, type Tensor, type Tensors } from '../inference/tensor.ts';
import type { Urgency } from '../inference/urgency.ts';
import { boardOf } from './coalitions.ts';
import type { Attribution, Game, GamePlayer } from './game.ts';
import { gaussLegendre, maxNodes } from './gauss-legendre.ts';
import { filled, isFloat, meanRow, numbersOf, rowAt, stacked, withNumbers } from './rows.ts';
import { endsOf, play } from './scores.ts';

/**
 * `d_<input>` [rows, axes...]: the gradient of the score by each input.
 * @throws Fault as a network's run does
 */
export type Gradient = (feeds: Tensors, rows: number, urgency?: Urgency) => Promise<Tensors>;

export interface GradientOptions {
  /** Nodes on each line to begin with, 1 to 256. */
  readonly steps?: number;
  /** Most gradient rows for the whole attribution. */
  readonly maxEvaluations?: number;
  /** The nodes of a line are doubled while it leaves more over than this, on the scale of the score. */
  readonly tolerance?: number;
  readonly urgency?: Urgency;
}

/**
 * Integrated gradients (Sundararajan et al. 2017): one line, from the mean of the background. Its `baseline` is the score
 * of that mean, not the mean of the scores.
 * @throws Fault malformed-inference for a player of whole numbers, or of an element that is measured on one end of the
 *   line only; model-unavailable (also for a gradient that is not given or not finite), deadline-passed, overloaded
 */
export const integratedGradients = (
  game: Game,
  gradient: Gradient,
  options: GradientOptions = {},
): Promise<Attribution> => alongLines(game, [meanRow(game.background)], gradient, options);

/**
 * Expected gradients (Erion et al. 2021): the mean over lines from every row of the background. The expectation is not
 * sampled: each row, and the same nodes on each line, so that two runs agree.
 * @throws Fault as {@link integratedGradients}
 */
export function expectedGradients(
  game: Game,
  gradient: Gradient,
  options: GradientOptions = {},
): Promise<Attribution> {
  const rows = Array.from({ length: game.backgroundRows }, (_, row) => rowAt(game.background, row));
  return alongLines(game, rows, gradient, options);
}

async function alongLines(
  game: Game,
  starts: readonly Tensors[],
  gradient: Gradient,
  options: GradientOptions,
): Promise<Attribution> {
  const { patient, players } = game;
  const { maxEvaluations = 8192, tolerance = 1e-3, urgency } = options;
  const share = Math.floor(maxEvaluations / starts.length);
  if (share < 1) throw new Fault('malformed-inference', [`max_evaluations: needs ${starts.length} or more`]);
  const lines = starts.map((start) => filled(patient, start, players));
  const shifts = lines.map((line) => shiftsOf(line, patient, players));
  const board = boardOf({ ...game, background: stacked(lines), backgroundRows: lines.length });
  const { segments, ends } = endsOf(board);
  let evaluations = await play(board, segments, { urgency });
  const { value, ground, baseline } = ends();
  const phi = new Float64Array(players.length);
  for (const [at, from] of lines.entries()) {
    const line = { from, shift: shifts[at] ?? {}, whole: value - (ground[at] ?? Number.NaN), players };
    const { parts, spent } = await integrate(line, gradient, {
      ...options,
      maxEvaluations: share,
      tolerance,
    });
    for (const [player, part] of parts.entries()) phi[player] = (phi[player] ?? 0) + part / lines.length;
    evaluations += spent;
  }
  return { value, baseline, phi, evaluations, gap: value - baseline - sum(phi) };
}

interface Line {
  /** One row. */
  readonly from: Tensors;
  /** Input → patient minus start; 0 for what does not move. */
  readonly shift: Shifts;
  /** What the parts should add up to. */
  readonly whole: number;
  readonly players: readonly GamePlayer[];
}

type Shifts = Readonly<Record<string, Float64Array>>;

function shiftsOf(from: Tensors, patient: Tensors, players: readonly GamePlayer[]): Shifts {
  const moved = new Set(players.flatMap(({ parts }) => parts.map(({ input }) => input)));
  const shifts = Object.entries(patient).map(([name, tensor]) => {
    if (moved.has(name) && !isFloat(tensor)) throw refused(name, 'whole numbers have no gradient');
    const start = numbersOf(from[name] ?? tensor);
    return [name, numbersOf(tensor).map((to, at) => shiftOf(name, start[at] ?? Number.NaN, to))];
  });
  return Object.fromEntries(shifts);
}

/** What is measured on neither end stays so. */
function shiftOf(input: string, from: number, to: number): number {
  if (Number.isNaN(from) !== Number.isNaN(to))
    throw refused(input, 'an element is measured in the patient or in the background only');
  return Number.isNaN(to) ? 0 : to - from;
}

const refused = (input: string, rule: string): Fault =>
  new Fault('malformed-inference', [`${input}: ${rule}`]);

/** Each player's part of one line, with as many nodes as it takes and the options allow. */
async function integrate(
  line: Line,
  gradient: Gradient,
  { steps = 16, maxEvaluations = 0, tolerance = 0, urgency }: GradientOptions,
): Promise<{ readonly parts: Float64Array; readonly spent: number }> {
  let nodes = Math.max(1, Math.min(steps, maxEvaluations, maxNodes));
  let spent = 0;
  for (;;) {
    const parts = await partsOf(line, gradient, nodes, urgency);
    spent += nodes;
    const gap = Math.abs(line.whole - sum(parts));
    nodes *= 2;
    if (gap <= tolerance || nodes > maxNodes || spent + nodes > maxEvaluations) return { parts, spent };
  }
}

async function partsOf(
  { from, shift, players }: Line,
  gradient: Gradient,
  count: number,
  urgency: Urgency | undefined,
): Promise<Float64Array> {
  const { nodes, weights } = gaussLegendre(count);
  const points = Object.entries(from).map(([name, tensor]) => [name, pointsOn(tensor, shift[name], nodes)]);
  const gradients = await gradient(Object.fromEntries(points), count, urgency);
  const slopes = new Map(
    Object.keys(shift).map((name) => [name, meanSlope(gradients[`d_${name}`], weights)]),
  );
  const part = (input: string, element: number): number => {
    const moved = shift[input]?.[element] ?? 0;
    return moved === 0 ? 0 : moved * (slopes.get(input)?.[element] ?? Number.NaN);
  };
  const sums = players.map(({ parts }) =>
    sum(parts.map(({ input, elements }) => sum(Array.from(elements, (element) => part(input, element))))),
  );
  if (!sums.every(Number.isFinite)) throw new Fault('model-unavailable', ['gradient']);
  return Float64Array.from(sums);
}

/** One row for each node of the line. */
function pointsOn(tensor: Tensor, shift: Float64Array | undefined, nodes: Float64Array): Tensor {
  const size = rowSize(tensor);
  const start = numbersOf(tensor);
  const numbers = Float64Array.from({ length: nodes.length * size }, (_, at) => {
    const element = at % size;
    return (start[element] ?? Number.NaN) + (nodes[Math.floor(at / size)] ?? 0) * (shift?.[element] ?? 0);
  });
  return withNumbers(tensor, nodes.length, numbers);
}

/** The mean of each element's gradient over the line; nothing where none is given. */
function meanSlope(slopes: Tensor | undefined, weights: Float64Array): Float64Array {
  if (slopes === undefined) return new Float64Array();
  const size = rowSize(slopes);
  const mean = new Float64Array(size);
  for (const [at, slope] of numbersOf(slopes).entries())
    mean[at % size] = (mean[at % size] ?? 0) + slope * (weights[Math.floor(at / size)] ?? 0);
  return mean;
}

const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
};
