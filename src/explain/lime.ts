/** A linear model of the score around one patient (LIME: Ribeiro, Singh & Guestrin 2016). It does not add up. */
import { boardOf } from './coalitions.ts';
import type { Attribution, Game, ScoreOptions } from './game.ts';
import { complement, type Members } from './kernel-coalitions.ts';
import { cholesky, solve } from './linear-solve.ts';
import { type Random, randomOf } from './random.ts';
import { endsOf, play, worthSegments } from './scores.ts';

export interface LimeOptions extends ScoreOptions {
  readonly seed: number;
  /** Rows that the model may compute for it: each coalition takes one for every background row. */
  readonly maxEvaluations: number;
  /** σ of the weight exp(−d² / σ²), d the share of the players who are absent. Absent: 0.5. */
  readonly kernelWidth?: number;
  /** Penalty on the squares of the coefficients, not on the constant. Absent: 1. */
  readonly ridge?: number;
}

/**
 * Coefficients of a weighted ridge regression of the score on who takes part. Coalitions are sampled as in section 3.3 of the
 * paper: how many are absent is drawn evenly, then who. A coalition is worth the mean of the score over the background. The
 * patient's own row is one of them.
 *
 * The values depend on the kernel's width, do not add up to value − baseline and carry no `gap`; `fit` is the weighted R²
 * of the local model: where it is low, they say little.
 *
 * @throws RangeError where maxEvaluations has no room for one coalition
 * @throws Fault model-unavailable, deadline-passed, overloaded
 */
export async function lime(game: Game, options: LimeOptions): Promise<Attribution> {
  const board = boardOf(game);
  const rows = options.maxEvaluations - game.backgroundRows - 1;
  const room = Math.min(mostCoalitions, Math.floor(rows / game.backgroundRows));
  if (!(room >= 1)) throw new RangeError('maxEvaluations has no room for a coalition');
  const random = randomOf(options.seed);
  const sampled = Array.from({ length: room }, () => sampledCoalition(game.players.length, random));
  const worth = new Float64Array(room);
  const { segments, ends } = endsOf(board);
  const evaluations = await play(board, [...segments, ...worthSegments(board, sampled, worth)], options);
  const { value, baseline } = ends();
  const coalitions = [new Uint8Array(game.players.length).fill(1), ...sampled];
  const weights = coalitions.map((members) => proximity(members, options));
  const { coefficients, fit } = weightedRidge(coalitions, [value, ...worth], weights, options.ridge ?? 1);
  return { value, baseline, phi: coefficients, evaluations, fit };
}

/** The regression is solved on the event loop, beside hooks. */
const mostCoalitions = 4096;

function sampledCoalition(players: number, random: Random): Members {
  const absent = new Uint8Array(players);
  const order = random.shuffled(Int32Array.from({ length: players }, (_, player) => player));
  for (const player of order.subarray(0, 1 + random.below(players))) absent[player] = 1;
  return complement(absent);
}

function proximity(members: Members, { kernelWidth = 0.5 }: LimeOptions): number {
  const absent = 1 - members.reduce((sum, member) => sum + member, 0) / Math.max(1, members.length);
  return Math.exp(-((absent / kernelWidth) ** 2));
}

export interface LocalModel {
  readonly intercept: number;
  readonly coefficients: Float64Array;
  /** Weighted R². */
  readonly fit: number;
}

/** Least squares of `worth` on who takes part, weighted, with a penalty on the coefficients (Hoerl & Kennard 1970). */
export function weightedRidge(
  coalitions: readonly Members[],
  worth: readonly number[],
  weights: readonly number[],
  ridge: number,
): LocalModel {
  const size = coalitions[0]?.length ?? 0;
  const means = weightedMeans(coalitions, weights, size);
  const centre = weightedMean(worth, weights);
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(size);
  for (const [nth, members] of coalitions.entries()) {
    const weight = weights[nth] ?? 0;
    const off = means.map((mean, player) => (members[player] ?? 0) - mean);
    for (let row = 0; row < size; row++) {
      const part = weight * (off[row] ?? 0);
      right[row] = (right[row] ?? 0) + part * ((worth[nth] ?? 0) - centre);
      for (let at = row * size, column = 0; column < size; column++, at++)
        matrix[at] = (matrix[at] ?? 0) + part * (off[column] ?? 0);
    }
  }
  for (let at = 0; at < matrix.length; at += size + 1) matrix[at] = (matrix[at] ?? 0) + ridge;
  const coefficients = solve(cholesky(matrix, size), right);
  const intercept = centre - dot(coefficients, means);
  const stated = coalitions.map((members) => intercept + dot(coefficients, members));
  return { intercept, coefficients, fit: weightedFit(worth, stated, weights) };
}

const weightedMean = (numbers: ArrayLike<number>, weights: readonly number[]): number =>
  dot(weights, numbers) / weights.reduce((sum, weight) => sum + weight, 0);

const weightedMeans = (
  coalitions: readonly Members[],
  weights: readonly number[],
  size: number,
): Float64Array =>
  Float64Array.from({ length: size }, (_, player) =>
    weightedMean(
      coalitions.map((members) => members[player] ?? 0),
      weights,
    ),
  );

/** 1 for a worth that never changes: there is nothing to miss. */
function weightedFit(
  worth: readonly number[],
  stated: readonly number[],
  weights: readonly number[],
): number {
  const centre = weightedMean(worth, weights);
  const left = weightedMean(
    worth.map((each, at) => (each - (stated[at] ?? 0)) ** 2),
    weights,
  );
  const spread = weightedMean(
    worth.map((each) => (each - centre) ** 2),
    weights,
  );
  return spread > 0 ? 1 - left / spread : 1;
}

function dot(some: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < some.length; at++) sum += (some[at] ?? 0) * (other[at] ?? 0);
  return sum;
}
