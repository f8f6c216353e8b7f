import assert from 'node:assert/strict';
import type { Game } from '../../src/explain/game.ts';
import { leaveOneOut } from '../../src/explain/leave-one-out.ts';
import { playersOfNetwork } from '../../src/explain/players.ts';
import { rowsOf } from '../../src/inference/mixture.ts';
import { inputNamed, manifestOf, numbersAt, sum, tensor } from './networks.ts';

const tokens = inputNamed('tokens', [{ name: 'event', size: 6 }], { dtype: 'int64' });
const series = inputNamed('series', [
  { name: 'hour', size: 4 },
  { name: 'channel', size: 2 },
]);

function gameOf(of: (numbers: readonly number[]) => number, given: readonly number[], whole: boolean) {
  const input = whole ? tokens : series;
  const players = playersOfNetwork(
    manifestOf([input], { players: [{ input: input.name, by: 'position', axis: whole ? 'event' : 'hour' }] }),
  );
  const shape = input.axes.map(({ size }) => size);
  const row = (numbers: readonly number[]) => ({ [input.name]: tensor(input.dtype, [1, ...shape], numbers) });
  const game: Game = {
    score: async (told) => {
      const feeds = rowsOf(told);
      return Float64Array.from({ length: told.rows }, (_, at) => of(numbersAt(feeds[input.name], at)));
    },
    patient: row(given),
    background: row(given.map(() => (whole ? 7 : 0.5))),
    backgroundRows: 1,
    players,
  };
  return game;
}

describe('leave one out', () => {
  const alarming = 42;
  const alarm = (events: readonly number[]): number => (events.includes(alarming) ? 3 : -1);

  it('finds the planted event, and no other', async () => {
    for (const at of [0, 2, 3]) {
      const events = [5, 9, 5, 11, 0, 0].with(at, alarming);
      const { phi } = await leaveOneOut(gameOf(alarm, events, true));
      assert.deepEqual([...phi], [0, 0, 0, 0, 0, 0].with(at, 4));
    }
  });

  it('puts padding in the place of a token, whatever the background is', async () => {
    const { phi } = await leaveOneOut(gameOf(sum, [5, 9, 5, 11, 0, 0], true));
    assert.deepEqual([...phi], [5, 9, 5, 11, 0, 0]);
  });

  it('does not ask about padding', async () => {
    assert.equal((await leaveOneOut(gameOf(alarm, [5, 9, 5, 11, 0, 0], true))).evaluations, 1 + 4);
  });

  it('puts the mean of the background in the place of an hour', async () => {
    const { phi, evaluations } = await leaveOneOut(gameOf(sum, [1, 2, 0.5, 0.5, 0, 0, 3, 0.5], false));
    assert.deepEqual([...phi], [2, 0, -1, 2.5]);
    assert.equal(evaluations, 1 + 3);
  });

  it('takes away what is not measured like anything else', async () => {
    const measured = (numbers: readonly number[]): number =>
      numbers.filter((each) => !Number.isNaN(each)).length;
    const { phi } = await leaveOneOut(gameOf(measured, [Number.NaN, 1, 1, 1, 1, 1, 1, 1], false));
    assert.deepEqual([...phi], [-1, 0, 0, 0]);
  });
});
