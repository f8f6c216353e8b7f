/** Shapley values by sampled orders of joining, for games of many players. */
import { type Board, boardOf, type CoalitionRows } from './coalitions.ts';
import type { Attribution, Game, ScoreOptions } from './game.ts';
import { type Random, randomOf } from './random.ts';
import { type Ends, endsOf, play, type Segment } from './scores.ts';

export interface PermutationOptions extends ScoreOptions {
  readonly seed: number;
  /** Enough is known when each standard error is at most this share of |value − baseline|. Absent: 0.01. */
  readonly tolerance?: number;
  /** Rows that the model may compute for it. */
  readonly maxEvaluations: number;
}

/**
 * The same Shapley values as the exact method's, estimated from random orders of joining (Castro et al. 2009), each order
 * taken forwards and backwards (antithetic: Mitchell et al. 2022). A round takes one such pair before every background
 * row, each with an order of its own, so that a round's contributions add up to value − baseline, and so does their mean.
 *
 * The standard error is that of a stratified mean: the variance of a pair before each background row, over its rounds.
 * Rounds stop at the tolerance or at the last one that maxEvaluations has room for.
 *
 * @throws RangeError where maxEvaluations has no room for {@link leastPermutationRows}
 * @throws Fault model-unavailable, deadline-passed, overloaded
 */
export async function permutationShapley(game: Game, options: PermutationOptions): Promise<Attribution> {
  const board = boardOf(game);
  if (options.maxEvaluations < leastRows(board))
    throw new RangeError(`maxEvaluations is less than the ${leastRows(board)} rows of a standard error`);
  const { segments, ends } = endsOf(board);
  let evaluations = await play(board, segments, options);
  const strata = board.differing.map(() => new Stratum(game.players.length));
  const random = randomOf(options.seed);
  let rounds = 0;
  for (let goal = fewestRounds(board); rounds < goal; goal = nextGoal(board, strata, ends(), goal, options)) {
    evaluations += await play(board, pairs(board, strata, ends(), random, goal - rounds), options);
    rounds = goal;
  }
  return attribution(game, strata, ends(), evaluations);
}

/** Rows that a game takes at least, so that maxEvaluations can be chosen. */
export const leastPermutationRows = (game: Game): number => leastRows(boardOf(game));

const leastRows = (board: Board): number => endRows(board) + fewestRounds(board) * roundRows(board);
const endRows = ({ game }: Board): number => game.backgroundRows + 1;
const roundRows = ({ differing }: Board): number =>
  differing.reduce((sum, { length }) => sum + 2 * Math.max(0, length - 1), 0);
/** Two, and as many as give a standard error some fifteen degrees of freedom. */
const fewestRounds = ({ game }: Board): number => 1 + Math.ceil(15 / game.backgroundRows);

/** Half as many rounds again, until the errors are small or the room is used up. */
function nextGoal(
  board: Board,
  strata: readonly Stratum[],
  { value, baseline }: Ends,
  rounds: number,
  { tolerance = 0.01, maxEvaluations }: PermutationOptions,
): number {
  const enough = tolerance * Math.abs(value - baseline);
  const room = Math.floor((maxEvaluations - endRows(board)) / roundRows(board));
  const settled = errorsOf(strata, board.game.players.length).every((error) => error <= enough);
  return settled ? rounds : Math.min(room, Math.ceil(rounds * 1.5));
}

/** Running mean and variance (Welford 1962) of every player's contribution before one background row. */
class Stratum {
  count = 0;
  readonly mean: Float64Array;
  readonly #squares: Float64Array;

  constructor(players: number) {
    this.mean = new Float64Array(players);
    this.#squares = new Float64Array(players);
  }

  /** @param contributions one for each of `players` */
  add(players: Int32Array, contributions: Float64Array): void {
    this.count++;
    for (const [at, player] of players.entries()) {
      const mean = this.mean[player] ?? 0;
      const step = (contributions[at] ?? 0) - mean;
      const moved = mean + step / this.count;
      this.mean[player] = moved;
      this.#squares[player] = (this.#squares[player] ?? 0) + step * ((contributions[at] ?? 0) - moved);
    }
  }

  /** Variance of the mean. */
  varianceOf(player: number): number {
    return (this.#squares[player] ?? 0) / (this.count - 1) / this.count;
  }
}

function* pairs(
  board: Board,
  strata: readonly Stratum[],
  ends: Ends,
  random: Random,
  rounds: number,
): Generator<Segment> {
  for (let round = 0; round < rounds; round++)
    for (const [row, players] of board.differing.entries()) {
      const stratum = strata[row];
      if (stratum !== undefined) yield pairSegment(row, players, random, stratum, ends);
    }
}

/** One order forwards, then backwards; of each the rows between nobody and everybody. */
function pairSegment(
  row: number,
  players: Int32Array,
  random: Random,
  stratum: Stratum,
  { value, ground }: Ends,
): Segment {
  const places = random.shuffled(Int32Array.from(players.keys()));
  const orders = [places, places.toReversed()];
  const between = Math.max(0, players.length - 1);
  return {
    rows: 2 * between,
    write: (rows, at) => {
      for (const [nth, order] of orders.entries()) writeWalk(rows, at + nth * between, row, players, order);
    },
    read: (scores) => {
      const contributions = new Float64Array(players.length);
      for (const [nth, order] of orders.entries()) {
        let before = ground[row] ?? 0;
        for (const [step, place] of order.entries()) {
          const after = step < between ? (scores[nth * between + step] ?? 0) : value;
          contributions[place] = (contributions[place] ?? 0) + (after - before) / 2;
          before = after;
        }
      }
      stratum.add(players, contributions);
    },
  };
}

/** Row k: the first k + 1 of the order take part. */
function writeWalk(
  rows: CoalitionRows,
  at: number,
  background: number,
  players: Int32Array,
  order: Int32Array,
): void {
  for (let step = 0; step < order.length - 1; step++) {
    if (step === 0) rows.start(at, background);
    else rows.repeat(at + step - 1, 1, at + step);
    rows.join(at + step, 1, players[order[step] ?? 0] ?? 0);
  }
}

function errorsOf(strata: readonly Stratum[], players: number): Float64Array {
  return Float64Array.from({ length: players }, (_, player) => {
    const variance = strata.reduce((sum, stratum) => sum + stratum.varianceOf(player), 0);
    return Math.sqrt(variance) / strata.length;
  });
}

function attribution(game: Game, strata: readonly Stratum[], ends: Ends, evaluations: number): Attribution {
  const { value, baseline } = ends;
  const phi = Float64Array.from(game.players, (_, player) =>
    strata.reduce((sum, { mean }) => sum + (mean[player] ?? 0) / strata.length, 0),
  );
  return {
    value,
    baseline,
    phi,
    standardError: errorsOf(strata, game.players.length),
    evaluations,
    gap: value - baseline - phi.reduce((sum, each) => sum + each, 0),
  };
}
