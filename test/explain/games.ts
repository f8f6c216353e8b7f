/** Games in memory, for what plays them: functions of one row of numbers, and the frozen models of training/explanations. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Game, Score } from '../../src/explain/game.ts';
import { randomOf } from '../../src/explain/random.ts';
import { rowsOf as mixedRows } from '../../src/inference/mixture.ts';
import { float64, sum } from './networks.ts';

export type Row = readonly number[];

/** A function of one row as the score of many; `asked` counts them. */
export const scoreOf =
  (each: (row: Row) => number, asked: { rows: number } = { rows: 0 }): Score =>
  async (told) => {
    const { rows } = told;
    asked.rows += rows;
    const numbers = Array.from(mixedRows(told).x?.data ?? [], Number);
    const width = numbers.length / rows;
    return Float64Array.from({ length: rows }, (_, row) =>
      each(numbers.slice(row * width, (row + 1) * width)),
    );
  };

/** Every column is a player, unless they are named in groups. */
export function gameOf(
  score: Score,
  patient: Row,
  background: readonly Row[],
  groups: readonly Row[] = patient.map((_, at) => [at]),
): Game {
  return {
    model: 'small',
    score,
    patient: { x: float64([1, patient.length], patient) },
    background: { x: float64([background.length, patient.length], background.flat()) },
    backgroundRows: background.length,
    players: groups.map((elements) => ({
      label: elements.join(' and '),
      parts: [{ input: 'x', elements: Int32Array.from(elements) }],
    })),
  };
}

/** Rows of numbers between −1 and 1 that a seed repeats. */
export function rowsOf(seed: number, rows: number, columns: number): readonly Row[] {
  const random = randomOf(seed);
  const row = (): Row => Array.from({ length: columns }, () => 2 * random.unit() - 1);
  return Array.from({ length: rows }, row);
}

/** Two layers, tanh between them; interactions of every order. */
export function mlp(
  first: readonly Row[],
  firstBias: Row,
  second: Row,
  secondBias: number,
): (row: Row) => number {
  return (row) => {
    let out = secondBias;
    for (const [unit, bias] of firstBias.entries()) {
      let inner = bias;
      for (let at = 0; at < row.length; at++) inner += (row[at] ?? 0) * (first[at]?.[unit] ?? 0);
      out += Math.tanh(inner) * (second[unit] ?? 0);
    }
    return out;
  };
}

export function randomMlp(seed: number, columns: number, hidden = 6): (row: Row) => number {
  const [bias = [], second = [], ...first] = rowsOf(seed, columns + 2, hidden).map((row) =>
    row.map((x) => 2 * x),
  );
  return mlp(first, bias, second, 0.5);
}

const folder = join(import.meta.dirname, 'vectors');
export const bytesOf = (name: string): Uint8Array => readFileSync(join(folder, name));
export const vectorsOf = <T>(name: string): T =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as T;

/** What shap said of a model. */
export interface Said<Model> {
  readonly model: Model;
  readonly background: readonly Row[];
  readonly patients: readonly Row[];
  readonly value: Row;
  readonly baseline: number;
  readonly exact: readonly Row[];
  readonly kernel: readonly Row[];
}

export interface LinearModel {
  readonly weights: Row;
  readonly bias: number;
}

export interface MlpModel {
  readonly first: readonly Row[];
  readonly firstBias: Row;
  readonly second: Row;
  readonly secondBias: number;
}

export const linearVectors = vectorsOf<Said<LinearModel>>('linear');
export const mlpVectors = vectorsOf<Said<MlpModel>>('mlp');

export const linearScore = ({ weights, bias }: LinearModel): Score =>
  scoreOf((row) => bias + sum(row.map((x, at) => x * (weights[at] ?? 0))));
export const mlpScore = ({ first, firstBias, second, secondBias }: MlpModel): Score =>
  scoreOf(mlp(first, firstBias, second, secondBias));

export const furthest = (some: ArrayLike<number>, other: ArrayLike<number>): number =>
  Math.max(
    Math.abs(some.length - other.length),
    ...Array.from(some, (each, at) => Math.abs(each - (other[at] ?? Number.NaN))),
  );
