/** Exact Shapley values of any model, by full enumeration over few players. */
import { type Board, boardOf, type CoalitionRows } from './coalitions.ts';
import type { Attribution, Game, ScoreOptions } from './game.ts';
import { batchRowsOf, patientSegment, play, type Segment } from './scores.ts';
import { maxGroups, shapleyValues } from './shapley.ts';

/**
 * Shapley values (Shapley 1953) of the game in which a coalition is worth the mean, over the background, of the score with
 * the absent players' parts left as the background has them (interventional: Lundberg & Lee 2017; Janzing et al. 2020).
 *
 * Of every background row all coalitions are scored, one row after another, but for what is known already: the patient's
 * own row is the same for all, and a player whose part does not differ from the patient's adds nothing there. So that g
 * players, d of whom differ, cost 2^d − 1 rows for each background row.
 *
 * @throws RangeError for more than 15 players
 * @throws Fault model-unavailable, deadline-passed, overloaded
 */
export async function exactShapley(game: Game, options: ScoreOptions = {}): Promise<Attribution> {
  if (game.players.length > maxGroups)
    throw new RangeError(`exact Shapley values take ${maxGroups} players, not ${game.players.length}`);
  const board = boardOf(game);
  const tally = { value: Number.NaN, baseline: 0, phi: new Float64Array(game.players.length) };
  const evaluations = await play(board, segmentsOf(board, tally, options), options);
  const gap = tally.value - tally.baseline - tally.phi.reduce((sum, each) => sum + each, 0);
  return { ...tally, evaluations, gap };
}

interface Tally {
  value: number;
  baseline: number;
  readonly phi: Float64Array;
}

function* segmentsOf(board: Board, tally: Tally, options: ScoreOptions): Generator<Segment> {
  yield patientSegment(board, (value) => {
    tally.value = value;
  });
  const bits = Math.floor(Math.log2(batchRowsOf(board, options)));
  for (const alike of alikeRows(board)) yield* blocksOf(board, tally, alike, bits);
}

/** Background rows from which the same players differ: what their coalitions are worth is added up before it is shared out. */
interface Alike {
  readonly players: Int32Array;
  readonly rows: readonly number[];
}

function alikeRows({ differing }: Board): Iterable<Alike> {
  const alike = new Map<string, { players: Int32Array; rows: number[] }>();
  for (const [row, players] of differing.entries()) {
    const known = alike.get(players.join());
    if (known === undefined) alike.set(players.join(), { players, rows: [row] });
    else known.rows.push(row);
  }
  return alike.values();
}

/**
 * All coalitions of the players who differ, row after row, in blocks of 2^bits: bit i of a coalition's number says whether
 * player i takes part. The last one, everybody, is the patient's row and is not scored.
 */
function* blocksOf(board: Board, tally: Tally, { players, rows }: Alike, bits: number): Generator<Segment> {
  const worth = new Float64Array(1 << players.length);
  const all = worth.length - 1;
  const size = 1 << Math.min(bits, players.length);
  for (const row of rows)
    for (let from = 0; from <= all; from += size)
      yield {
        rows: Math.min(size, all - from),
        write: (table, at) => writeBlock(table, at, row, players, from, size),
        read: (scores) => {
          addTo(worth, from, scores);
          if (from + size <= all || row !== rows.at(-1)) return;
          worth[all] = tally.value * rows.length;
          share(tally, worth, players, board.game.backgroundRows);
        },
      };
}

function addTo(worth: Float64Array, from: number, scores: Float64Array): void {
  for (let at = 0; at < scores.length; at++) worth[from + at] = (worth[from + at] ?? 0) + (scores[at] ?? 0);
}

/** Coalitions `from` to `from + size`: each player doubles the rows before it. */
function writeBlock(
  rows: CoalitionRows,
  at: number,
  background: number,
  players: Int32Array,
  from: number,
  size: number,
): void {
  rows.start(at, background);
  for (const [bit, player] of players.entries()) if ((from >> bit) & 1) rows.join(at, 1, player);
  for (const [bit, player] of players.entries()) {
    const half = 1 << bit;
    if (half >= size) break;
    rows.repeat(at, half, at + half);
    rows.join(at + half, half, player);
  }
}

/** What some background rows add to the means. */
function share(tally: Tally, worth: Float64Array, players: Int32Array, rows: number): void {
  tally.baseline += (worth[0] ?? Number.NaN) / rows;
  for (const [at, phi] of shapleyValues(worth, players.length).entries()) {
    const player = players[at] ?? 0;
    tally.phi[player] = (tally.phi[player] ?? 0) + phi / rows;
  }
}
