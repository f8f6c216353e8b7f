/**
 * The rows of a game's coalitions: a background row, into which the players who take part bring the patient's elements.
 * They are told, not made: the model's own process makes them.
 */
import { type MixedRows, type Mixture, memberWords, wordsOf } from '../inference/mixture.ts';
import { concatenate } from '../inference/runner/joined.ts';
import { rowSize, type Tensor } from '../inference/tensor.ts';
import type { Game, GamePlayer } from './game.ts';

/** A game made ready: checked once, then rows are told of it. */
export interface Board {
  readonly game: Game;
  readonly mixture: Mixture;
  /**
   * For each background row, the players whose part of it is not the patient's already. The others add nothing before
   * that row, and need not be asked (the dummy axiom of Shapley 1953).
   */
  readonly differing: readonly Int32Array[];
}

/** @throws RangeError where patient, background and players do not fit each other */
export function boardOf(game: Game): Board {
  const { patient, background, backgroundRows, players } = game;
  if (!(backgroundRows >= 1)) throw new RangeError('a game needs a background row');
  const inputs = Object.entries(patient).map(([name, own]) => inputOf(game, name, own));
  for (const { label, parts } of players) {
    const stranger = parts.find(({ input }) => patient[input] === undefined);
    if (stranger !== undefined) throw new RangeError(`player ${label}: there is no input ${stranger.input}`);
  }
  const owners = Int32Array.from(inputs.flatMap((input) => [...input.owners]));
  const rows = Array.from({ length: backgroundRows }, (_, row) => row);
  return {
    game,
    mixture: { ends: concatenate([patient, background]), owners },
    differing: rows.map((row) => differingAt(inputs, row)),
  };
}

interface BoardInput {
  readonly patient: Tensor;
  readonly background: Tensor;
  /** For each element of a row the player who brings it, −1 for nobody. */
  readonly owners: Int32Array;
}

function inputOf({ background, backgroundRows, players }: Game, name: string, patient: Tensor): BoardInput {
  const size = rowSize(patient);
  const ground = background[name];
  if (patient.shape[0] !== 1 || patient.data.length !== size)
    throw new RangeError(`${name}: the patient is one row`);
  if (ground?.dtype !== patient.dtype || ground.data.length !== size * backgroundRows)
    throw new RangeError(`${name}: the background has other elements than the patient`);
  return { patient, background: ground, owners: ownersOf(players, name, size) };
}

function ownersOf(players: readonly GamePlayer[], input: string, size: number): Int32Array {
  const owners = new Int32Array(size).fill(-1);
  for (const [player, { label, parts }] of players.entries())
    for (const element of parts
      .filter((part) => part.input === input)
      .flatMap((part) => [...part.elements])) {
      if (!(element >= 0 && element < size))
        throw new RangeError(`player ${label}: an element is outside of ${input}`);
      if (owners[element] !== -1) throw new RangeError(`${input}: an element belongs to two players`);
      owners[element] = player;
    }
  return owners;
}

function differingAt(inputs: readonly BoardInput[], row: number): Int32Array {
  const differing = new Set<number>();
  for (const { patient, background, owners } of inputs) {
    const [own, ground] = [wordsOf(patient), wordsOf(background)];
    const each = own.length / owners.length;
    for (let word = 0; word < own.length; word++) {
      const owner = owners[Math.floor(word / each)] ?? -1;
      if (owner >= 0 && own[word] !== ground[row * own.length + word]) differing.add(owner);
    }
  }
  return Int32Array.from(differing).sort();
}

/** Coalitions, written down one after another; filled again and again. */
export class CoalitionRows {
  readonly capacity: number;
  readonly #mixture: Mixture;
  readonly #words: number;
  readonly #starts: Int32Array;
  readonly #members: Int32Array;

  constructor({ mixture, game }: Board, capacity: number) {
    this.capacity = capacity;
    this.#mixture = mixture;
    this.#words = memberWords(game.players.length);
    this.#starts = new Int32Array(capacity);
    this.#members = new Int32Array(capacity * this.#words);
  }

  /** Row `at` becomes the coalition of nobody before one background row. */
  start(at: number, background: number): void {
    this.#starts[at] = background + 1;
    this.#members.fill(0, at * this.#words, (at + 1) * this.#words);
  }

  /** A player joins the coalitions of `rows` rows from `at` on. */
  join(at: number, rows: number, player: number): void {
    const [word, bit] = [player >> 5, 1 << (player & 31)];
    for (let row = at; row < at + rows; row++) {
      const place = row * this.#words + word;
      this.#members[place] = (this.#members[place] ?? 0) | bit;
    }
  }

  /** `rows` rows from `from` on stand once more from `to` on. */
  repeat(from: number, rows: number, to: number): void {
    this.#starts.copyWithin(to, from, from + rows);
    this.#members.copyWithin(to * this.#words, from * this.#words, (from + rows) * this.#words);
  }

  /** The first rows, as views: filling on changes them. */
  told(rows: number): MixedRows {
    const words = this.#words;
    const starts = this.#starts.subarray(0, rows);
    const members = this.#members.subarray(0, rows * words);
    return {
      mixture: this.#mixture,
      rows,
      feeds: {
        starts: { dtype: 'int32', shape: [rows], data: starts },
        members: { dtype: 'int32', shape: [rows, words], data: members },
      },
    };
  }
}
