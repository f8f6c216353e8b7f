/**
 * The rows of a game's coalitions as tensors: a background row, with the parts of the players who take part overwritten by
 * the patient's elements. Elements that belong to no player are the patient's in every row.
 *
 * Nothing is computed with elements, so they are copied as machine words, whatever their type: every bit of a NaN or of an
 * int64 stays.
 */
import { rowSize, type Tensor, type TensorArrays, type Tensors } from '../inference/tensor.ts';
import type { Game, GamePlayer } from './game.ts';

type Words = Uint32Array | Uint8Array;

interface BoardInput {
  readonly name: string;
  readonly dtype: Tensor['dtype'];
  readonly axes: readonly number[];
  /** Words of one row. */
  readonly width: number;
  /** One row. */
  readonly patient: Words;
  /** The background's rows, with the patient's elements where no player has them. None: nobody plays this input. */
  readonly ground: Words | undefined;
  /** Words of each player, in the players' order. */
  readonly parts: readonly Int32Array[];
}

/** A game made ready: checked once, then rows are made of it. */
export interface Board {
  readonly game: Game;
  readonly inputs: readonly BoardInput[];
  /**
   * For each background row, the players whose part of it is not the patient's already. The others add nothing before
   * that row, and need not be asked (the dummy axiom of Shapley 1953).
   */
  readonly differing: readonly Int32Array[];
}

/** @throws RangeError where patient, background and players do not fit each other */
export function boardOf(game: Game): Board {
  if (!(game.backgroundRows >= 1)) throw new RangeError('a game needs a background row');
  const inputs = Object.entries(game.patient).map(([name, patient]) => boardInput(game, name, patient));
  for (const { label, parts } of game.players) {
    const stranger = parts.find(({ input }) => game.patient[input] === undefined);
    if (stranger !== undefined) throw new RangeError(`player ${label}: there is no input ${stranger.input}`);
  }
  const rows = Array.from({ length: game.backgroundRows }, (_, row) => row);
  return { game, inputs, differing: rows.map((row) => differingAt(inputs, row, game.players.length)) };
}

function boardInput(game: Game, name: string, patient: Tensor): BoardInput {
  const background = game.background[name];
  const { dtype } = patient;
  const [rows, ...axes] = patient.shape;
  const size = rowSize(patient);
  if (rows !== 1 || patient.data.length !== size) throw new RangeError(`${name}: the patient is one row`);
  if (background?.dtype !== dtype || background.data.length !== size * game.backgroundRows)
    throw new RangeError(`${name}: the background has other elements than the patient`);
  const each = dtype === 'float64' || dtype === 'int64' ? 2 : 1;
  const parts = game.players.map((player) => partOf(player, name, size, each));
  const words = wordsOf(patient);
  const played = playedOf(parts, size * each, name);
  const ground = played.includes(1) ? groundOf(wordsOf(background), words, played) : undefined;
  return { name, dtype, axes, width: size * each, patient: words, ground, parts };
}

const wordsOf = (tensor: Tensor): Words =>
  tensor.dtype === 'bool'
    ? tensor.data
    : new Uint32Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength / 4);

/** The words of one input that a player brings. */
function partOf({ label, parts }: GamePlayer, input: string, size: number, each: number): Int32Array {
  const elements = parts.filter((part) => part.input === input).flatMap((part) => [...part.elements]);
  const outside = elements.some((element) => !(element >= 0 && element < size));
  if (outside) throw new RangeError(`player ${label}: an element is outside of ${input}`);
  return Int32Array.from(
    elements.flatMap((element) => (each === 1 ? [element] : [2 * element, 2 * element + 1])),
  );
}

function playedOf(parts: readonly Int32Array[], width: number, input: string): Uint8Array {
  const played = new Uint8Array(width);
  for (const part of parts)
    for (const word of part) {
      if (played[word] === 1) throw new RangeError(`${input}: an element belongs to two players`);
      played[word] = 1;
    }
  return played;
}

function groundOf(background: Words, patient: Words, played: Uint8Array): Words {
  return background.map((word, at) => {
    const within = at % played.length;
    return played[within] === 1 ? word : (patient[within] ?? 0);
  });
}

function differingAt(inputs: readonly BoardInput[], row: number, players: number): Int32Array {
  const differs = (player: number): boolean =>
    inputs.some(({ ground, patient, width, parts }) => {
      const part = parts[player];
      if (ground === undefined || part === undefined) return false;
      return part.some((word) => ground[row * width + word] !== patient[word]);
    });
  return Int32Array.from({ length: players }, (_, player) => player).filter(differs);
}

/** A table of coalitions that is filled again and again. */
export class CoalitionRows {
  readonly capacity: number;
  readonly #tables: readonly { readonly input: BoardInput; readonly words: Words }[];

  constructor({ inputs }: Board, capacity: number) {
    this.capacity = capacity;
    this.#tables = inputs.map((input) => ({ input, words: emptyTable(input, capacity) }));
  }

  /** Row `at` becomes the coalition of nobody before one background row. */
  start(at: number, background: number): void {
    for (const { input, words } of this.#tables) {
      const { ground, width } = input;
      if (ground !== undefined)
        words.set(ground.subarray(background * width, (background + 1) * width), at * width);
    }
  }

  /** A player joins the coalitions of `rows` rows from `at` on. */
  join(at: number, rows: number, player: number): void {
    for (const { input, words } of this.#tables) {
      const { patient, width, parts } = input;
      for (const word of parts[player] ?? [])
        spread(words, patient[word] ?? 0, at * width + word, rows, width);
    }
  }

  /** `rows` rows from `from` on stand once more from `to` on. */
  repeat(from: number, rows: number, to: number): void {
    for (const { input, words } of this.#tables) {
      const { ground, width } = input;
      if (ground !== undefined) words.copyWithin(to * width, from * width, (from + rows) * width);
    }
  }

  /** The first rows, as views: filling on changes them. */
  feeds(rows: number): Tensors {
    return Object.fromEntries(
      this.#tables.map(({ input, words }) => [input.name, tensorOf(input, words, rows)]),
    );
  }
}

function spread(words: Words, word: number, from: number, rows: number, width: number): void {
  for (let row = 0, at = from; row < rows; row++, at += width) words[at] = word;
}

function emptyTable({ dtype, width, patient, ground }: BoardInput, capacity: number): Words {
  const words = dtype === 'bool' ? new Uint8Array(capacity * width) : new Uint32Array(capacity * width);
  if (ground === undefined) for (let row = 0; row < capacity; row++) words.set(patient, row * width);
  return words;
}

const arrays: {
  readonly [Name in keyof TensorArrays]: (words: Words, length: number) => TensorArrays[Name];
} = {
  float64: ({ buffer }, length) => new Float64Array(buffer, 0, length),
  float32: ({ buffer }, length) => new Float32Array(buffer, 0, length),
  int64: ({ buffer }, length) => new BigInt64Array(buffer, 0, length),
  int32: ({ buffer }, length) => new Int32Array(buffer, 0, length),
  bool: ({ buffer }, length) => new Uint8Array(buffer, 0, length),
};

function tensorOf({ dtype, axes }: BoardInput, words: Words, rows: number): Tensor {
  const shape = [rows, ...axes];
  const length = rows * rowSize({ shape });
  return { dtype, shape, data: arrays[dtype](words, length) } as Tensor;
}
