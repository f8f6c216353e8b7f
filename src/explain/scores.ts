/** The way of a game's rows to its score and back: in batches, two under way, so that who computes never waits for us. */
import { Fault } from '../errors.ts';
import { rowSize } from '../inference/tensor.ts';
import { type Board, boardOf, CoalitionRows } from './coalitions.ts';
import type { Game, ScoreOptions } from './game.ts';

/** Rows that are written one after another, and whose scores are read together. */
export interface Segment {
  readonly rows: number;
  /** Writes them from row `at` on; it may write one row more, which the next segment overwrites. */
  readonly write: (rows: CoalitionRows, at: number) => void;
  /** One score for each; the array is used again afterwards. */
  readonly read: (scores: Float64Array) => void;
}

const underWay = 2;
const mostRows = 8192;
const mostElements = 1 << 20;

/** Rows of one call of the score. */
export function batchRowsOf({ game }: Board, { batchRows }: ScoreOptions): number {
  if (batchRows !== undefined && !(batchRows >= 1)) throw new RangeError('batchRows is less than 1');
  const elements = Object.values(game.patient).reduce((sum, tensor) => sum + rowSize(tensor), 1);
  return Math.floor(batchRows ?? Math.min(mostRows, Math.max(64, mostElements / elements)));
}

interface Flight {
  readonly segments: readonly Segment[];
  readonly rows: number;
  readonly table: CoalitionRows;
  readonly scores: Promise<Float64Array>;
}

/**
 * Scores segments and lets them read, in their order. A segment is asked for when the one before it is written, and
 * larger ones than a batch go alone.
 * @returns the rows scored
 * @throws Fault model-unavailable (also where a score is not finite), and whatever the score throws
 */
export async function play(
  board: Board,
  segments: Iterable<Segment>,
  options: ScoreOptions,
): Promise<number> {
  const { game } = board;
  const most = batchRowsOf(board, options);
  const flights: Flight[] = [];
  const tables: CoalitionRows[] = [];
  let scored = 0;
  const land = async (flight: Flight): Promise<void> => {
    deliver(game, flight, await flight.scores);
    tables.push(flight.table);
    scored += flight.rows;
  };
  for (const pack of packed(segments, most)) {
    const oldest = flights.length < underWay ? undefined : flights.shift();
    if (oldest !== undefined) await land(oldest);
    flights.push(launch(board, pack, tables.pop(), most, options));
  }
  for (const flight of flights) await land(flight);
  return scored;
}

function* packed(segments: Iterable<Segment>, most: number): Generator<readonly Segment[]> {
  let pack: Segment[] = [];
  let rows = 0;
  for (const segment of segments) {
    if (rows > 0 && rows + segment.rows > most) {
      yield pack;
      pack = [];
      rows = 0;
    }
    pack.push(segment);
    rows += segment.rows;
  }
  if (pack.length > 0) yield pack;
}

const nothing = Promise.resolve(new Float64Array(0));

function launch(
  board: Board,
  segments: readonly Segment[],
  used: CoalitionRows | undefined,
  most: number,
  { urgency }: ScoreOptions,
): Flight {
  const rows = segments.reduce((sum, segment) => sum + segment.rows, 0);
  const table =
    used !== undefined && used.capacity > rows ? used : new CoalitionRows(board, Math.max(most, rows) + 1);
  let at = 0;
  for (const segment of segments) {
    segment.write(table, at);
    at += segment.rows;
  }
  const scores = rows === 0 ? nothing : board.game.score(table.told(rows), urgency);
  scores.catch(() => {});
  return { segments, rows, table, scores };
}

function deliver(game: Game, { segments, rows }: Flight, scores: Float64Array): void {
  if (scores.length !== rows || !allFinite(scores))
    throw new Fault('model-unavailable', [`${nameOf(game)}: a row has no finite score`]);
  let at = 0;
  for (const segment of segments) {
    segment.read(scores.subarray(at, at + segment.rows));
    at += segment.rows;
  }
}

function allFinite(scores: Float64Array): boolean {
  for (let at = 0; at < scores.length; at++) if (!Number.isFinite(scores[at])) return false;
  return true;
}

/** How faults call the model of a game. */
export const nameOf = ({ model }: Game): string => model ?? 'the model';

/** The patient's own row: everybody takes part. */
export const patientSegment = ({ game }: Board, read: (value: number) => void): Segment => ({
  rows: 1,
  write: (rows, at) => {
    rows.start(at, 0);
    for (let player = 0; player < game.players.length; player++) rows.join(at, 1, player);
  },
  read: ([value = Number.NaN]) => read(value),
});

/** The explained output of the patient. @throws Fault as {@link play} does */
export async function patientScore(game: Game, options: ScoreOptions): Promise<number> {
  const board = boardOf({ ...game, background: game.patient, backgroundRows: 1 });
  let value = Number.NaN;
  const read = (score: number): void => {
    value = score;
  };
  await play(board, [patientSegment(board, read)], options);
  return value;
}

/** A background row, before which nobody takes part. */
const groundSegment = (background: number, read: (value: number) => void): Segment => ({
  rows: 1,
  write: (rows, at) => rows.start(at, background),
  read: ([value = Number.NaN]) => read(value),
});

/** Both ends of a game. */
export interface Ends {
  readonly value: number;
  /** One for each background row. */
  readonly ground: Float64Array;
  /** Mean of the ground. */
  readonly baseline: number;
}

/** The segments that find out both ends. */
export function endsOf(board: Board): { readonly segments: readonly Segment[]; readonly ends: () => Ends } {
  let value = Number.NaN;
  const ground = new Float64Array(board.game.backgroundRows);
  const patient = patientSegment(board, (score) => {
    value = score;
  });
  const rows = [...ground.keys()].map((row) =>
    groundSegment(row, (score) => {
      ground[row] = score;
    }),
  );
  return { segments: [patient, ...rows], ends: () => ({ value, ground, baseline: mean(ground) }) };
}

const mean = (numbers: Float64Array): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/**
 * Segments that find out what coalitions are worth: the mean of the score over the background.
 * @param coalitions of each, one byte for every player: 1 takes part
 * @param worth one place for each coalition, filled as the scores come in
 */
export function* worthSegments(
  board: Board,
  coalitions: readonly Uint8Array[],
  worth: Float64Array,
): Generator<Segment> {
  const rows = board.game.backgroundRows;
  for (const [at, members] of coalitions.entries())
    yield {
      rows,
      write: (table, from) => {
        for (let row = 0; row < rows; row++) table.start(from + row, row);
        for (let player = 0; player < members.length; player++)
          if (members[player] === 1) table.join(from, rows, player);
      },
      read: (scores) => {
        worth[at] = mean(scores);
      },
    };
}
