import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Game } from '../../src/explain/game.ts';
import { occlusion } from '../../src/explain/occlusion.ts';
import { playersOfNetwork } from '../../src/explain/players.ts';
import { rowsOf } from '../../src/inference/mixture.ts';
import { float64, inputNamed, manifestOf, numbersAt, sum } from './networks.ts';

const side = 8;
const manifest = manifestOf(
  [
    inputNamed('image', [
      { name: 'channel', size: 1 },
      { name: 'row', size: side },
      { name: 'column', size: side },
    ]),
  ],
  { players: [{ input: 'image', by: 'patch', size: 2 }] },
);
const players = playersOfNetwork(manifest);

type Numbers = readonly number[];
function gameOf(of: (image: Numbers) => number, image: Numbers, background: readonly Numbers[]) {
  const calls: number[] = [];
  const shape = [1, side, side];
  const game: Game = {
    score: async (told) => {
      const { rows } = told;
      const feeds = rowsOf(told);
      calls.push(rows);
      return Float64Array.from({ length: rows }, (_, row) => of(numbersAt(feeds.image, row)));
    },
    patient: { image: float64([1, ...shape], image) },
    background: { image: float64([background.length, ...shape], background.flat()) },
    backgroundRows: background.length,
    players,
  };
  return { game, calls };
}

const flat = (value: number): Numbers => Array(side * side).fill(value);
/** Bright where both are within two pixels from the corner on. */
const planted = (row: number, column: number): Numbers =>
  flat(0).map((_, at) => {
    const [y, x] = [Math.floor(at / side), at % side];
    return y >= row && y < row + 2 && x >= column && x < column + 2 ? 1 : 0;
  });

describe('occlusion', () => {
  it('finds the square that was planted, and nothing else', async () => {
    for (const [row, column] of [
      [0, 0],
      [2, 4],
      [6, 6],
    ] as const) {
      const { game } = gameOf((image) => Math.tanh(sum(image)), planted(row, column), [flat(0)]);
      const { phi } = await occlusion(game);
      const found = players.filter((_, at) => phi[at] !== 0).map(({ label }) => label);
      assert.deepEqual(found, [`rows ${row}–${row + 1}, columns ${column}–${column + 1}`]);
      assert.ok(Math.max(...phi) > 0.9);
    }
  });

  it('covers with the mean of the background', async () => {
    const { game } = gameOf(sum, flat(1), [flat(0.2), flat(0.6)]);
    for (const phi of (await occlusion(game)).phi) assert.ok(Math.abs(phi - 4 * (1 - 0.4)) < 1e-12);
  });

  it('covers with what it is told to', async () => {
    const { game } = gameOf(sum, flat(1), [flat(0)]);
    const fill = { image: float64([1, 1, side, side], flat(3)) };
    assert.deepEqual([...(await occlusion(game, { fill })).phi], Array(16).fill(-8));
  });

  it('asks once, a row for each square that differs and one for the patient', async () => {
    const { game, calls } = gameOf(sum, planted(2, 4), [flat(0)]);
    assert.equal((await occlusion(game)).evaluations, 2);
    const whole = gameOf(sum, flat(1), [flat(0)]);
    assert.equal((await occlusion(whole.game)).evaluations, 17);
    assert.deepEqual([...calls, ...whole.calls], [2, 17]);
  });

  it('is for each square the score minus the score without it', async () => {
    const image = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: side * side,
      maxLength: side * side,
    });
    const of = (numbers: Numbers): number => Math.sin(sum(numbers.map((number, at) => number * (at % 5))));
    await fc.assert(
      fc.asyncProperty(image, async (numbers) => {
        const { value, phi } = await occlusion(gameOf(of, numbers, [flat(0.5)]).game);
        for (const [at, { parts }] of players.entries()) {
          const covered = new Set(parts.flatMap(({ elements }) => [...elements]));
          const without = of(numbers.map((number, pixel) => (covered.has(pixel) ? 0.5 : number)));
          assert.ok(Math.abs((phi[at] ?? 0) - (value - without)) < 1e-12);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('does not claim to add up', async () => {
    const made = await occlusion(gameOf(sum, flat(1), [flat(0)]).game);
    assert.deepEqual(Object.keys(made).toSorted(), ['evaluations', 'phi', 'value']);
  });
});
