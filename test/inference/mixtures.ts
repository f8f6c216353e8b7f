/** Rows of mixtures for tests: any tensors, owners and coalitions from a seed. */
import fc from 'fast-check';
import type { MixedRows, Mixture } from '../../src/inference/mixture.ts';
import { rowSize, type Tensors } from '../../src/inference/tensor.ts';
import { batchOf, type Layout, layouts } from './runner/batches.ts';

export interface Coalition {
  /** An end: 1 for the first row of the background. */
  readonly start: number;
  readonly players: readonly number[];
}

const backgroundRows = 3;
const mostPlayers = 40;

export function mixtureOf(layout: Layout, owners: readonly number[]): Mixture {
  const ends = batchOf(layout, 1 + backgroundRows, 5).feeds;
  const size = Object.values(ends).reduce((sum, tensor) => sum + rowSize(tensor), 0);
  return {
    ends,
    owners: Int32Array.from({ length: size }, (_, at) => owners[at % owners.length] ?? -1),
  };
}

export function toldOf(mixture: Mixture, coalitions: readonly Coalition[], words = 2): MixedRows {
  const rows = coalitions.length;
  const members = new Int32Array(rows * words);
  for (const [row, { players }] of coalitions.entries())
    for (const player of players) {
      const place = row * words + Math.floor(player / 32);
      members[place] = (members[place] ?? 0) | (1 << (player % 32));
    }
  const starts = Int32Array.from(coalitions, ({ start }) => start);
  const feeds: Tensors = {
    starts: { dtype: 'int32', shape: [rows], data: starts },
    members: { dtype: 'int32', shape: [rows, words], data: members },
  };
  return { mixture, rows, feeds };
}

const player = fc.nat(mostPlayers);

export const mixtures: fc.Arbitrary<Mixture> = fc
  .tuple(layouts, fc.array(fc.oneof(player, fc.constant(-1)), { minLength: 1, maxLength: 8 }))
  .map(([layout, owners]) => mixtureOf(layout, owners));

export const coalitions: fc.Arbitrary<readonly Coalition[]> = fc.array(
  fc.record({ start: fc.nat(backgroundRows), players: fc.uniqueArray(player) }),
  { maxLength: 12 },
);
