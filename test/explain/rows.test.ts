import assert from 'node:assert/strict';
import { filled, meanRow, rowAt, stacked } from '../../src/explain/rows.ts';
import { float64, numbersAt, tensor } from './networks.ts';

const many = {
  x: float64([3, 2], [1, Number.NaN, 3, 4, 8, 6]),
  tokens: tensor('int64', [3, 1], [5, 6, 7]),
};

describe('rows of tensors', () => {
  it('one of many, and many of one', () => {
    assert.deepEqual(rowAt(many, 2), { x: float64([1, 2], [8, 6]), tokens: tensor('int64', [1, 1], [7]) });
    assert.deepEqual(stacked([0, 1, 2].map((row) => rowAt(many, row))), many);
  });

  it('the mean is of what is measured, NaN where nothing is, padding for tokens', () => {
    assert.deepEqual(meanRow(many), { x: float64([1, 2], [4, 5]), tokens: tensor('int64', [1, 1], [0]) });
    const never = { x: float64([2, 1], [Number.NaN, Number.NaN]) };
    assert.deepEqual(numbersAt(meanRow(never).x), [Number.NaN]);
  });

  it('the players’ elements are filled, the others stay, and so does what was given', () => {
    const row = rowAt(many, 1);
    const players = [{ label: 'second', parts: [{ input: 'x', elements: Int32Array.of(1) }] }];
    assert.deepEqual(filled(row, rowAt(many, 2), players), { ...row, x: float64([1, 2], [3, 6]) });
    assert.deepEqual(row, rowAt(many, 1));
  });
});
