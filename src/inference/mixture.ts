/**
 * Rows between two ends: each begins as a row of a background, and players bring their part of the patient into it. Such a
 * row is told by a few numbers, and its elements are made where it is computed: what an explanation asks for stays small.
 *
 * Nothing is computed with elements, so they are copied as machine words, whatever their type: every bit of a NaN or of an
 * int64 stays.
 */
import { arrays, type Dtype, rowSize, type Tensor, type Tensors } from './tensor.ts';

export interface Mixture {
  /** The patient, then one row or more of a background. */
  readonly ends: Tensors;
  /**
   * For each element of a row, one tensor after the other, the player who brings it; −1 for nobody: it is the patient's in
   * every row.
   */
  readonly owners: Int32Array;
}

/** Rows of a mixture. */
export interface MixedRows {
  readonly mixture: Mixture;
  readonly rows: number;
  /**
   * `starts` int32 [rows]: the end as which each begins, 1 for the first of the background. `members` int32 [rows, words]:
   * bit p mod 32 of word ⌊p / 32⌋ says whether player p brings its part.
   */
  readonly feeds: Tensors;
}

/** Words that tell who takes part. */
export const memberWords = (players: number): number => Math.max(1, Math.ceil(players / 32));

/** The rows before the first background row in which so many players, 15 at most, take part or not: row `mask` by its bits. */
export function everyMixture(mixture: Mixture, players: number): MixedRows {
  const rows = 2 ** players;
  const members = Int32Array.from({ length: rows }, (_, mask) => mask);
  return {
    mixture,
    rows,
    feeds: {
      starts: { dtype: 'int32', shape: [rows], data: new Int32Array(rows).fill(1) },
      members: { dtype: 'int32', shape: [rows, 1], data: members },
    },
  };
}

/** The rows themselves. @throws RangeError, TypeError where they are not told as they should be */
export function rowsOf({ mixture, rows, feeds: { starts, members } }: MixedRows): Tensors {
  if (starts?.dtype !== 'int32' || members?.dtype !== 'int32')
    throw new TypeError('rows of a mixture are told by starts and members');
  const told: Told = { rows, starts: starts.data, members: members.data, words: rowSize(members) };
  let from = 0;
  const named = Object.entries(mixture.ends).map(([name, ends]) => {
    const owners = mixture.owners.subarray(from, from + rowSize(ends));
    from += rowSize(ends);
    return [name, mixed(told, ends, owners)] as const;
  });
  return Object.fromEntries(named);
}

interface Told {
  readonly rows: number;
  readonly starts: Int32Array;
  readonly members: Int32Array;
  readonly words: number;
}

function mixed(told: Told, ends: Tensor, owners: Int32Array): Tensor {
  const { dtype, shape } = ends;
  const each = dtype === 'float64' || dtype === 'int64' ? 2 : 1;
  const words = wordsOf(ends);
  const own = words.subarray(0, owners.length * each);
  const table = tableOf(dtype, told.rows * own.length);
  begin(table, groundOf(words, own, owners), told, own.length);
  const joins = each === 1 ? join : joinPair;
  for (const [element, owner] of owners.entries()) if (owner >= 0) joins(table, told, own, element, owner);
  return { dtype, shape: [told.rows, ...shape.slice(1)], data: new arrays[dtype](table.buffer) } as Tensor;
}

type Words = Uint32Array | Uint8Array;

/** A tensor's memory, in words that fit all its elements. */
export const wordsOf = ({ dtype, data }: Tensor): Words =>
  dtype === 'bool' ? data : new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4);

const tableOf = (dtype: Dtype, length: number): Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> =>
  dtype === 'bool' ? new Uint8Array(length) : new Uint32Array(length);

/** The ends with the patient's elements where nobody brings them. */
function groundOf(ends: Words, patient: Words, owners: Int32Array): Words {
  if (!owners.includes(-1)) return ends;
  const each = patient.length / owners.length;
  return ends.map((word, at) => {
    const within = at % patient.length;
    return owners[Math.floor(within / each)] === -1 ? (patient[within] ?? 0) : word;
  });
}

/** Every row as the end it begins as; those that begin alike are written together. */
function begin(table: Words, ground: Words, { rows, starts }: Told, width: number): void {
  for (let from = 0, to = 0; from < rows; from = to) {
    const start = starts[from] ?? -1;
    while (to < rows && starts[to] === start) to++;
    const row = ground.subarray(start * width, (start + 1) * width);
    if (start < 0 || row.length !== width) throw new RangeError('a row begins as none of the ends');
    repeat(table, row, from, to - from);
  }
}

/** `rows` rows from `from` on, each time twice as many as are there. */
function repeat(table: Words, row: Words, from: number, rows: number): void {
  const at = from * row.length;
  table.set(row, at);
  for (let done = 1; done < rows; done *= 2)
    table.copyWithin(at + done * row.length, at, at + Math.min(done, rows - done) * row.length);
}

/** An element of one word, in every row in which its player takes part. */
function join(
  table: Words,
  { rows, members, words }: Told,
  own: Words,
  element: number,
  player: number,
): void {
  const [bit, width, value] = [1 << (player & 31), own.length, own[element] ?? 0];
  for (let row = 0, at = player >> 5, to = element; row < rows; row++, at += words, to += width)
    if (((members[at] ?? 0) & bit) !== 0) table[to] = value;
}

/** The same for an element of two words. */
function joinPair(
  table: Words,
  { rows, members, words }: Told,
  own: Words,
  element: number,
  player: number,
): void {
  const [bit, width] = [1 << (player & 31), own.length];
  const [low, high] = [own[2 * element] ?? 0, own[2 * element + 1] ?? 0];
  for (let row = 0, at = player >> 5, to = 2 * element; row < rows; row++, at += words, to += width) {
    if (((members[at] ?? 0) & bit) === 0) continue;
    table[to] = low;
    table[to + 1] = high;
  }
}
