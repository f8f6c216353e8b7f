import assert from 'node:assert/strict';
import fc from 'fast-check';
import { coalitionOf, shapleyValues } from '../../src/explain/shapley.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Every order in which the players can join. */
const ordersOf = (players: readonly number[]): readonly (readonly number[])[] =>
  players.length === 0
    ? [[]]
    : players.flatMap((first) =>
        ordersOf(players.filter((other) => other !== first)).map((rest) => [first, ...rest]),
      );

/** The definition: an independent way to the same numbers. */
function byOrders(worth: readonly number[], players: number): readonly number[] {
  const orders = ordersOf([...Array(players).keys()]);
  return [...Array(players).keys()].map((player) => {
    const added = orders.map((order) => {
      const before = sum(order.slice(0, order.indexOf(player)).map((each) => 1 << each));
      return (worth[before | (1 << player)] ?? 0) - (worth[before] ?? 0);
    });
    return sum(added) / orders.length;
  });
}

describe('Shapley values', () => {
  it('are the mean of what a player adds over every order of joining', () => {
    const worth = [0, 1, 2, 5, 3, 3.5, 7, 12];
    const expected = byOrders(worth, 3);
    for (const [at, phi] of shapleyValues(worth, 3).entries())
      assert.ok(Math.abs(phi - (expected[at] ?? 0)) < 1e-12);
  });

  const game = fc.integer({ min: 1, max: 8 }).chain((players) =>
    fc.tuple(
      fc.constant(players),
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), {
        minLength: 1 << players,
        maxLength: 1 << players,
      }),
    ),
  );

  it('add up to the whole (efficiency)', () => {
    fc.assert(
      fc.property(game, ([players, worth]) => {
        const whole = (worth.at(-1) ?? 0) - (worth[0] ?? 0);
        assert.ok(Math.abs(sum(shapleyValues(worth, players)) - whole) < 1e-9);
      }),
    );
  });

  it('are nothing for a player who adds nothing (dummy)', () => {
    fc.assert(
      fc.property(game, ([players, worth]) => {
        const doubled = [...worth, ...worth];
        const phi = shapleyValues(doubled, players + 1);
        assert.ok(Math.abs(phi.at(-1) ?? 1) < 1e-12);
        for (const [at, each] of shapleyValues(worth, players).entries())
          assert.ok(Math.abs(each - (phi[at] ?? 0)) < 1e-9);
      }),
    );
  });

  it('are equal for two players who add the same (symmetry)', () => {
    const swap = (mask: number): number => (mask & ~3) | ((mask & 1) << 1) | ((mask & 2) >> 1);
    fc.assert(
      fc.property(game, ([players, worth]) => {
        fc.pre(players >= 2);
        const even = worth.map((each, mask) => (each + (worth[swap(mask)] ?? 0)) / 2);
        const [one = 0, other = 1] = shapleyValues(even, players);
        assert.ok(Math.abs(one - other) < 1e-9);
      }),
    );
  });

  it('take 15 players exactly', () => {
    const worth = Array.from({ length: 1 << 15 }, (_, mask) =>
      sum([...Array(15).keys()].map((at) => ((mask >> at) & 1) * (at + 1))),
    );
    for (const [at, phi] of shapleyValues(worth, 15).entries()) assert.ok(Math.abs(phi - (at + 1)) < 1e-9);
  });
});

describe('coalition of some inputs', () => {
  const players = ['age', 'sbp+bp_tx', 'dm+hba1c', 'bmi', 'smoking'].map((names) => ({
    inputs: names.split('+'),
  }));
  const inputsOf = (order: typeof players, mask: number): readonly string[] =>
    order.flatMap(({ inputs }, at) => ((mask >> at) & 1 ? inputs : [])).toSorted();

  it('holds just these inputs, whatever the order of the players', () => {
    const shuffled = fc.shuffledSubarray(players, { minLength: players.length });
    fc.assert(
      fc.property(shuffled, fc.subarray(players), (order, chosen) => {
        const names = chosen.flatMap(({ inputs }) => inputs);
        assert.deepEqual(inputsOf(order, coalitionOf(order, names) ?? -1), names.toSorted());
      }),
    );
  });

  it('is none where a player has only some of them, and the empty one where no player has any', () => {
    assert.equal(coalitionOf(players, ['age', 'sbp']), undefined);
    assert.equal(coalitionOf(players, ['uacr']), 0);
  });
});
