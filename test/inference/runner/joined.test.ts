import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rowsOf } from '../../../src/inference/mixture.ts';
import {
  concatenate,
  haveRows,
  joinBatches,
  layoutOf,
  plain,
  rowsAreOpen,
  sameBatch,
  slice,
  sliceBatch,
  split,
} from '../../../src/inference/runner/joined.ts';
import type { Batch, TensorType } from '../../../src/inference/runner/protocol.ts';
import type { Tensor, Tensors } from '../../../src/inference/tensor.ts';
import { mixtureOf, toldOf } from '../mixtures.ts';
import { batchOf, type Layout, layouts } from './batches.ts';

const rowsOfSeveral = fc.array(fc.nat(6), { minLength: 1, maxLength: 6 });

/** Every element as text: NaN equals itself, -0 is not 0. */
const words = (tensors: Tensors): unknown =>
  Object.entries(tensors).map(([name, { dtype, shape, data }]) => [
    name,
    dtype,
    shape,
    Array.from<number | bigint, string>(data, (value) => (Object.is(value, -0) ? '-0' : String(value))),
  ]);

const several = (layout: Layout, counts: readonly number[]): Batch[] =>
  counts.map((rows, at) => batchOf(layout, rows, at));

describe('joined batches', () => {
  it('splits into what was joined, of every dtype and shape', () => {
    fc.assert(
      fc.property(layouts, rowsOfSeveral, (layout, counts) => {
        const batches = several(layout, counts);
        const joined = joinBatches(batches);
        assert.equal(
          joined.rows,
          counts.reduce((sum, rows) => sum + rows, 0),
        );
        assert.ok(haveRows(joined.feeds, joined.rows));
        const parts = split(joined.feeds, counts);
        assert.deepEqual(
          parts.map(words),
          batches.map(({ feeds }) => words(feeds)),
        );
      }),
    );
  });

  it('is whole again when its parts are put together', () => {
    fc.assert(
      fc.property(
        layouts,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (layout, rows, part) => {
          const batch = batchOf(layout, rows, 7);
          const starts = Array.from({ length: Math.ceil(rows / part) }, (_, at) => at * part);
          const parts = starts.map((from) => sliceBatch(batch, from, Math.min(rows, from + part)));
          assert.deepEqual(words(concatenate(parts.map(({ feeds }) => feeds))), words(batch.feeds));
          assert.ok(parts.every(({ rows: count, feeds }) => haveRows(feeds, count)));
        },
      ),
    );
  });

  it('hands each its own memory, and leaves what it was given', () => {
    const batches = [1, 2].map((seed) => batchOf([['x', 'float32', [2]]], 2, seed));
    const before = batches.map(({ feeds }) => words(feeds));
    const [first] = split(joinBatches(batches).feeds, [2, 2]);
    assert.equal(first?.x?.data.buffer.byteLength, 16);
    assert.deepEqual(
      batches.map(({ feeds }) => words(feeds)),
      before,
    );
  });

  it('cuts without copying', () => {
    const { feeds } = batchOf([['x', 'float64', [3]]], 10, 1);
    const part = slice(feeds, 2, 5);
    assert.equal(part.x?.data.buffer, feeds.x?.data.buffer);
    assert.deepEqual(part.x?.shape, [3, 3]);
  });

  it('one alone is asked and answered as it is', () => {
    const batch = batchOf([['x', 'int64', []]], 3, 1);
    assert.equal(joinBatches([batch]), batch);
    assert.equal(split(batch.feeds, [3])[0], batch.feeds);
  });

  const one = batchOf(
    [
      ['x', 'float32', [2]],
      ['y', 'bool', []],
    ],
    2,
    1,
  );
  const layoutCases: readonly (readonly [what: string, other: Batch, same: boolean])[] = [
    [
      'more rows',
      batchOf(
        [
          ['x', 'float32', [2]],
          ['y', 'bool', []],
        ],
        5,
        9,
      ),
      true,
    ],
    [
      'feeds in another order',
      { ...one, feeds: Object.fromEntries(Object.entries(one.feeds).reverse()) },
      true,
    ],
    [
      'another row shape',
      batchOf(
        [
          ['x', 'float32', [1, 2]],
          ['y', 'bool', []],
        ],
        2,
        1,
      ),
      false,
    ],
    [
      'another dtype',
      batchOf(
        [
          ['x', 'float64', [2]],
          ['y', 'bool', []],
        ],
        2,
        1,
      ),
      false,
    ],
    ['a feed less', batchOf([['x', 'float32', [2]]], 2, 1), false],
    ['other fetches', { ...one, fetches: ['x'] }, false],
  ];
  for (const [what, other, same] of layoutCases) {
    it(`${what}: ${same ? 'the same layout' : 'never joined'}`, () => {
      assert.equal(layoutOf(one) === layoutOf(other), same);
    });
  }

  it('is the same question only when every byte is', () => {
    fc.assert(
      fc.property(
        layouts,
        fc.integer({ min: 1, max: 5 }),
        fc.nat(3),
        fc.nat(3),
        (layout, rows, seed, other) => {
          const same = sameBatch(batchOf(layout, rows, seed), batchOf(layout, rows, other));
          const [these, those] = [seed, other].map((each) => words(batchOf(layout, rows, each).feeds));
          assert.equal(same, JSON.stringify(these) === JSON.stringify(those));
        },
      ),
    );
    assert.equal(sameBatch(one, { ...one, fetches: ['x'] }), false);
    assert.equal(sameBatch(one, { ...one, rows: 3 }), false);
    assert.equal(sameBatch(one, { ...one, feeds: {} }), false);
  });

  it('sees feeds that have not the rows they say', () => {
    const x: Tensor = { dtype: 'float64', shape: [2], data: Float64Array.of(1, 2, 3) };
    assert.equal(haveRows({ x }, 2), false);
    assert.equal(haveRows({ x: { ...x, shape: [3] } }, 2), false);
    assert.equal(haveRows({ x: { ...x, shape: [3] } }, 3), true);
    assert.equal(haveRows({ x: { ...x, shape: [] } }, 3), false);
  });

  it('joins no graph whose first axis is fixed, in or out', () => {
    const type = (shape: TensorType['shape']): TensorType => ({ name: 'x', type: 'float32', shape });
    const open = type(['rows', 3]);
    assert.equal(rowsAreOpen({ inputs: [open, open], outputs: [open] }), true);
    assert.equal(rowsAreOpen({ inputs: [open, type([1, 28])], outputs: [open] }), false);
    assert.equal(rowsAreOpen({ inputs: [open], outputs: [type([1])] }), false);
    assert.equal(rowsAreOpen({ inputs: [open], outputs: [type([])] }), false);
  });
});

describe('batches of a mixture', () => {
  const told = toldOf(mixtureOf([['x', 'float32', [2]]], [0, 1]), [
    { start: 0, players: [] },
    { start: 1, players: [0] },
    { start: 2, players: [0, 1] },
  ]);
  const batch: Batch = { ...told, fetches: ['y'] };

  it('are plain where their rows are made, and so is every part of them', () => {
    const feeds = rowsOf(told);
    assert.deepEqual(plain(batch), { rows: 3, feeds, fetches: ['y'] });
    assert.deepEqual(words(plain(sliceBatch(batch, 1, 3)).feeds), words(slice(feeds, 1, 3)));
    assert.deepEqual(plain(plain(batch)), plain(batch));
  });

  const { mixture } = told;
  const sameCases: readonly (readonly [string, Batch, boolean])[] = [
    ['a copy of its mixture', { ...batch, mixture: structuredClone(mixture) }, true],
    ['other ends', { ...batch, mixture: { ...mixture, ends: slice(mixture.ends, 0, 3) } }, false],
    ['other owners', { ...batch, mixture: { ...mixture, owners: Int32Array.of(1, 0) } }, false],
    ['the same numbers without a mixture', { ...batch, mixture: undefined }, false],
  ];
  for (const [what, other, same] of sameCases)
    it(`${what}: ${same ? 'the same' : 'another'} question`, () => {
      assert.equal(sameBatch(batch, other), same);
      assert.equal(sameBatch(other, batch), same);
    });
});
