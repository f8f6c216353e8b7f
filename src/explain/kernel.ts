/** Shapley values as a weighted regression over coalitions (KernelSHAP: Lundberg & Lee 2017). */
import { type Board, boardOf } from './coalitions.ts';
import type { Attribution, Game, ScoreOptions } from './game.ts';
import { fewestCoalitions, type KernelPlan, kernelPlan, type Members } from './kernel-coalitions.ts';
import { cholesky, solve } from './linear-solve.ts';
import { randomOf } from './random.ts';
import { type Ends, endsOf, play, worthSegments } from './scores.ts';

export interface KernelOptions extends ScoreOptions {
  readonly seed: number;
  /** Rows that the model may compute for it: each coalition takes one for every background row. */
  readonly maxEvaluations: number;
}

/**
 * The Shapley values as the solution of a least squares problem with the Shapley kernel's weights, under the condition that
 * they add up to value − baseline, without regularisation. Coalition sizes are enumerated from the outside in, the others
 * sampled in complementary pairs. Where there is room for all coalitions the answer is exact, with errors of 0.
 *
 * Standard errors are those of the sampling: the delta method over the pairs drawn (residuals of each pair, taken through
 * the constrained solution, cf. Covert & Lee 2021, section 3), with m / (m − g) for the g values fitted to m pairs.
 *
 * @throws RangeError where maxEvaluations has no room for {@link leastKernelRows}
 * @throws Fault model-unavailable, deadline-passed, overloaded
 */
export async function kernelShap(game: Game, options: KernelOptions): Promise<Attribution> {
  const board = boardOf(game);
  const players = varyingOf(board);
  const room = Math.min(mostCoalitions(players), roomOf(game, options));
  if (room < neededCoalitions(players))
    throw new RangeError(`maxEvaluations is less than the ${leastRows(board)} rows of a regular regression`);
  const plan = players.length < 2 ? unsampled : kernelPlan(players.length, room, randomOf(options.seed));
  const sample = sampleOf(plan, players, game.players.length);
  const { segments, ends } = endsOf(board);
  const worthOf = worthSegments(board, sample.coalitions, sample.worth);
  const evaluations = await play(board, [...segments, ...worthOf], options);
  return attribution(game, players, fitted(plan, sample, players.length, ends()), ends(), evaluations);
}

/** Rows that a game takes at least, so that maxEvaluations can be chosen. */
export const leastKernelRows = (game: Game): number => leastRows(boardOf(game));

const leastRows = (board: Board): number =>
  endRows(board.game) + neededCoalitions(varyingOf(board)) * board.game.backgroundRows;
const endRows = ({ backgroundRows }: Game): number => backgroundRows + 1;
const roomOf = (game: Game, { maxEvaluations }: KernelOptions): number =>
  Math.floor((maxEvaluations - endRows(game)) / game.backgroundRows);
/** The regression is solved on the event loop, beside hooks: 4096 coalitions are all of twelve players. */
const mostCoalitions = (players: Int32Array): number => Math.max(4096, neededCoalitions(players));
const neededCoalitions = ({ length }: Int32Array): number => (length < 2 ? 0 : fewestCoalitions(length));

/** Players who differ from some background row; the others' values are 0. */
const varyingOf = ({ differing }: Board): Int32Array =>
  Int32Array.from(new Set(differing.flatMap((players) => [...players]))).sort();

const unsampled: KernelPlan = { enumerated: [], drawn: [], drawnWeight: 0 };

/** A plan's coalitions, each once, as coalitions of the whole game. */
interface Sample {
  readonly coalitions: readonly Uint8Array[];
  readonly worth: Float64Array;
  readonly placeOf: (members: Members) => number;
}

function sampleOf({ enumerated, drawn }: KernelPlan, players: Int32Array, all: number): Sample {
  const places = new Map<string, number>();
  const coalitions: Uint8Array[] = [];
  for (const members of [...enumerated.map((each) => each.members), ...drawn.flat()]) {
    const key = members.join('');
    if (places.has(key)) continue;
    places.set(key, coalitions.length);
    const whole = new Uint8Array(all);
    for (const [at, player] of players.entries()) whole[player] = members[at] ?? 0;
    coalitions.push(whole);
  }
  const placeOf = (members: Members): number => places.get(members.join('')) ?? -1;
  return { coalitions, worth: new Float64Array(coalitions.length), placeOf };
}

interface Fitted {
  readonly phi: Float64Array;
  readonly error: Float64Array;
}

/** One coalition of the regression: who takes part, what it counts, its worth above the baseline. */
interface Observation {
  readonly members: Members;
  readonly weight: number;
  readonly gain: number;
}

function fitted(plan: KernelPlan, sample: Sample, size: number, { value, baseline }: Ends): Fitted {
  const gainOf = (members: Members): number => (sample.worth[sample.placeOf(members)] ?? 0) - baseline;
  const drawn = plan.drawn.map((pair) =>
    pair.map((members) => ({ members, weight: plan.drawnWeight, gain: gainOf(members) })),
  );
  const enumerated = plan.enumerated.map((each) => ({ ...each, gain: gainOf(each.members) }));
  if (size < 2) return { phi: new Float64Array(size).fill(value - baseline), error: new Float64Array(size) };
  const { matrix, right } = normalEquations([...enumerated, ...drawn.flat()], size);
  const factor = cholesky(matrix, size);
  const along = solve(factor, new Float64Array(size).fill(1));
  const solved = (side: Float64Array, total: number): Float64Array =>
    constrained(solve(factor, side), along, total);
  const phi = solved(right, value - baseline);
  return { phi, error: samplingError(phi, drawn, (side) => solved(side, 0)) };
}

function normalEquations(
  observations: readonly Observation[],
  size: number,
): { readonly matrix: Float64Array; readonly right: Float64Array } {
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(size);
  for (const { members, weight, gain } of observations)
    for (let row = 0; row < size; row++) {
      if (members[row] !== 1) continue;
      right[row] = (right[row] ?? 0) + weight * gain;
      for (let at = row * size, column = 0; column < size; column++, at++)
        if (members[column] === 1) matrix[at] = (matrix[at] ?? 0) + weight;
    }
  return { matrix, right };
}

/**
 * The least squares solution whose values add up to `total` (Covert & Lee 2021, equation 7).
 * @param free the solution without that condition
 * @param along the inverse of the matrix times ones
 */
function constrained(free: Float64Array, along: Float64Array, total: number): Float64Array {
  const step = (total - sum(free)) / sum(along);
  return free.map((each, at) => each + step * (along[at] ?? 0));
}

/** What one pair of coalitions more or less would move the solution by, over the pairs drawn. */
function samplingError(
  phi: Float64Array,
  drawn: readonly (readonly Observation[])[],
  movedBy: (side: Float64Array) => Float64Array,
): Float64Array {
  const size = phi.length;
  const count = drawn.length;
  if (count === 0) return new Float64Array(size);
  const influences = drawn.map((pair) => movedBy(residual(pair, phi)));
  const free = (count / (count - 1)) * (count / Math.max(1, count - size));
  return phi.map((_, player) => {
    const mean = influences.reduce((total, each) => total + (each[player] ?? 0), 0) / count;
    const squares = influences.reduce((total, each) => total + ((each[player] ?? 0) - mean) ** 2, 0);
    return Math.sqrt(squares * free);
  });
}

/** Σ weight · members · (gain − what the solution says), over one pair. */
function residual(pair: readonly Observation[], phi: Float64Array): Float64Array {
  const moved = new Float64Array(phi.length);
  for (const { members, weight, gain } of pair) {
    const stated = phi.reduce((total, each, player) => total + each * (members[player] ?? 0), 0);
    for (let player = 0; player < phi.length; player++)
      moved[player] = (moved[player] ?? 0) + weight * (members[player] ?? 0) * (gain - stated);
  }
  return moved;
}

function attribution(
  game: Game,
  players: Int32Array,
  { phi, error }: Fitted,
  { value, baseline }: Ends,
  evaluations: number,
): Attribution {
  const whole = new Float64Array(game.players.length);
  const standardError = new Float64Array(game.players.length);
  for (const [at, player] of players.entries()) {
    whole[player] = phi[at] ?? 0;
    standardError[player] = error[at] ?? 0;
  }
  return { value, baseline, phi: whole, standardError, evaluations, gap: value - baseline - sum(phi) };
}

const sum = (numbers: Float64Array): number => numbers.reduce((total, each) => total + each, 0);
