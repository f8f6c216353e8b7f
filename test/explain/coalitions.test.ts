import assert from 'node:assert/strict';
import { boardOf, CoalitionRows } from '../../src/explain/coalitions.ts';
import type { Game } from '../../src/explain/game.ts';
import { rowsOf } from '../../src/inference/mixture.ts';
import type { Dtype, Tensors } from '../../src/inference/tensor.ts';
import { tensor } from './networks.ts';

const dtypes: readonly Dtype[] = ['float64', 'float32', 'int64', 'int32', 'bool'];

const player = (label: string, ...parts: readonly (readonly [string, readonly number[]])[]) => ({
  label,
  parts: parts.map(([input, elements]) => ({ input, elements: Int32Array.from(elements) })),
});

/** Two inputs of 2 × 2 and 1 elements; the last element of x and all of z belong to nobody. */
const gameWith = (dtype: Dtype, change: Partial<Game> = {}): Game => ({
  score: async () => new Float64Array(),
  patient: {
    x: tensor(dtype, [1, 2, 2], [1, 1, 1, 1]),
    y: tensor(dtype, [1, 1], [1]),
    z: tensor('float64', [1, 1], [7]),
  },
  background: {
    x: tensor(dtype, [2, 2, 2], [0, 0, 0, 0, 0, 0, 1, 0]),
    y: tensor(dtype, [2, 1], [0, 1]),
    z: tensor('float64', [2, 1], [8, 9]),
  },
  backgroundRows: 2,
  players: [player('first', ['x', [0, 1]]), player('second', ['x', [2]], ['y', [0]])],
  ...change,
});

const numbers = (feeds: Tensors, name: string): readonly number[] =>
  Array.from(feeds[name]?.data ?? [], Number);

describe('rows of coalitions', () => {
  for (const dtype of dtypes)
    it(`take the parts of who takes part from the patient, the rest from the background: ${dtype}`, () => {
      const rows = new CoalitionRows(boardOf(gameWith(dtype)), 4);
      rows.start(0, 0);
      rows.start(1, 1);
      rows.repeat(0, 2, 2);
      rows.join(2, 2, 0);
      rows.join(3, 1, 1);
      const feeds = rowsOf(rows.told(4));
      assert.deepEqual(numbers(feeds, 'x'), [0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1]);
      assert.deepEqual(numbers(feeds, 'y'), [0, 1, 0, 1]);
      assert.deepEqual(feeds.x?.shape, [4, 2, 2]);
      assert.equal(feeds.x?.dtype, dtype);
    });

  it('leave what belongs to no player as it is in the patient', () => {
    const rows = new CoalitionRows(boardOf(gameWith('float32')), 3);
    rows.start(0, 1);
    assert.deepEqual(numbers(rowsOf(rows.told(3)), 'z'), [7, 7, 7]);
    assert.equal(numbers(rowsOf(rows.told(1)), 'x').at(-1), 1);
  });

  it('keep every bit of an int64 and of what is not measured', () => {
    const large = 2n ** 62n + 1n;
    const game = gameWith('float64', {
      patient: {
        x: { dtype: 'int64', shape: [1, 1], data: BigInt64Array.of(large) },
        y: tensor('float32', [1, 1], [Number.NaN]),
      },
      background: {
        x: { dtype: 'int64', shape: [1, 1], data: BigInt64Array.of(-large) },
        y: tensor('float32', [1, 1], [3]),
      },
      backgroundRows: 1,
      players: [player('both', ['x', [0]], ['y', [0]])],
    });
    const rows = new CoalitionRows(boardOf(game), 2);
    rows.start(0, 0);
    rows.repeat(0, 1, 1);
    rows.join(1, 1, 0);
    const { x, y } = rowsOf(rows.told(2));
    assert.deepEqual([...(x?.data ?? [])], [-large, large]);
    assert.deepEqual([...(y?.data ?? [])], [3, Number.NaN]);
  });

  it('know who differs from each background row', () => {
    const { differing } = boardOf(gameWith('int64'));
    assert.deepEqual(
      differing.map((players) => [...players]),
      [[0, 1], [0]],
    );
  });

  const misfits: readonly (readonly [string, Partial<Game>, RegExp])[] = [
    [
      'a player of an input that is not there',
      { players: [player('stray', ['w', [0]])] },
      /stray.*no input w/,
    ],
    ['an element outside', { players: [player('stray', ['x', [4]])] }, /stray.*outside of x/],
    [
      'an element of two players',
      { players: [player('one', ['x', [0]]), player('two', ['x', [0]])] },
      /two players/,
    ],
    ['no background row', { backgroundRows: 0 }, /background row/],
    ['a background of other rows', { backgroundRows: 3 }, /x: the background/],
    ['a background of other types', { background: gameWith('int32').background }, /x: the background/],
    ['two patients', { patient: gameWith('float64').background }, /x: the patient is one row/],
  ];
  for (const [what, change, message] of misfits)
    it(`refuse ${what}`, () => {
      assert.throws(() => boardOf(gameWith('float64', change)), { name: 'RangeError', message });
    });
});
