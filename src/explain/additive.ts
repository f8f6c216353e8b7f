/** Exact Shapley values of models that are sums of one term for each player: linear and logistic regression, GAMs. */
import { Fault } from '../errors.ts';
import { type Board, boardOf } from './coalitions.ts';
import type { Attribution, Game, ScoreOptions } from './game.ts';
import { type Ends, endsOf, nameOf, play, type Segment } from './scores.ts';

export interface AdditiveOptions extends ScoreOptions {
  /** How far a sum of terms may miss, relative to max(1, |score|). Absent: 1e-4, what log odds of a float32 leave over. */
  readonly tolerance?: number;
}

/**
 * phi_i = mean over the background of f(b with the part of player i from the patient) − f(b): for a linear model
 * w_i · (x_i − mean b_i) (Lundberg & Lee 2017, corollary 1). The score is asked, not the graph: a row for the patient, one
 * for each background row, and one for each player who differs from it. Before every background row the terms must add up to
 * f(patient) − f(b), for else the model is not additive.
 *
 * @throws Fault model-unavailable (`<model> is not additive`), deadline-passed, overloaded
 */
export async function additive(game: Game, options: AdditiveOptions = {}): Promise<Attribution> {
  const board = boardOf(game);
  const { segments, ends } = endsOf(board);
  const single = board.differing.map(({ length }) => new Float64Array(length));
  const evaluations = await play(board, [...segments, ...singleSegments(board, single)], options);
  const { value, ground, baseline } = ends();
  const phi = new Float64Array(game.players.length);
  for (const [row, players] of board.differing.entries()) {
    const terms = (single[row] ?? new Float64Array(0)).map((score) => score - (ground[row] ?? 0));
    assertAdditive(game, { value, ground, baseline }, row, terms, options);
    for (const [at, player] of players.entries())
      phi[player] = (phi[player] ?? 0) + (terms[at] ?? 0) / game.backgroundRows;
  }
  return { value, baseline, phi, evaluations, gap: value - baseline - total(phi) };
}

/** Each background row with one player's part of the patient. */
const singleSegments = (board: Board, scores: readonly Float64Array[]): readonly Segment[] =>
  board.differing.map((players, row) => ({
    rows: players.length,
    write: (rows, from) => {
      for (const [at, player] of players.entries()) {
        rows.start(from + at, row);
        rows.join(from + at, 1, player);
      }
    },
    read: (read) => scores[row]?.set(read),
  }));

function assertAdditive(
  game: Game,
  { value, ground }: Ends,
  row: number,
  terms: Float64Array,
  { tolerance = 1e-4 }: AdditiveOptions,
): void {
  const start = ground[row] ?? 0;
  const allowed = tolerance * Math.max(1, Math.abs(value), Math.abs(start));
  if (!(Math.abs(value - start - total(terms)) <= allowed))
    throw new Fault('model-unavailable', [`${nameOf(game)} is not additive`]);
}

const total = (numbers: Float64Array): number => numbers.reduce((sum, each) => sum + each, 0);
