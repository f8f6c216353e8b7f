import assert from 'node:assert/strict';
import fc from 'fast-check';
import { complement, fewestCoalitions, kernelPlan } from '../../src/explain/kernel-coalitions.ts';
import { randomOf } from '../../src/explain/random.ts';
import { sum } from './networks.ts';

const question = fc
  .record({ players: fc.integer({ min: 2, max: 14 }), more: fc.nat({ max: 3000 }), seed: fc.nat() })
  .map(({ players, more, seed }) => ({ players, coalitions: fewestCoalitions(players) + more, seed }));

/** Of a coalition of `size` (Lundberg & Lee 2017). */
const kernelWeight = (players: number, size: number): number => {
  const ways = Array.from({ length: size }, (_, at) => (players - at) / (at + 1)).reduce(
    (all, each) => all * each,
    1,
  );
  return (players - 1) / (ways * size * (players - size));
};

describe('the coalitions of KernelSHAP', () => {
  it('are no more than asked for, each enumerated once, with its complement', () => {
    fc.assert(
      fc.property(question, ({ players, coalitions, seed }) => {
        const { enumerated, drawn } = kernelPlan(players, coalitions, randomOf(seed));
        assert.ok(enumerated.length + 2 * drawn.length <= coalitions);
        const keys = new Set(enumerated.map(({ members }) => members.join('')));
        assert.equal(keys.size, enumerated.length);
        assert.ok(enumerated.every(({ members }) => keys.has(complement(members).join(''))));
        for (const [one, other] of drawn) assert.deepEqual(other, complement(one));
      }),
    );
  });

  it('weigh together what the kernel weighs, whether enumerated or drawn', () => {
    fc.assert(
      fc.property(question, ({ players, coalitions, seed }) => {
        const { enumerated, drawn, drawnWeight } = kernelPlan(players, coalitions, randomOf(seed));
        for (const { members, weight } of enumerated)
          assert.ok(Math.abs(weight / kernelWeight(players, sum(members)) - 1) < 1e-12);
        const given =
          sum(enumerated.map(({ weight }) => weight)) +
          (drawn.length === 0 ? 0 : 2 * drawn.length * drawnWeight);
        const sizes = Array.from({ length: players - 1 }, (_, at) => at + 1);
        const all = sum(sizes.map((size) => (players - 1) / (size * (players - size))));
        assert.ok(Math.abs(given / all - 1) < 1e-9);
      }),
    );
  });

  it('are all there are where there is room', () => {
    for (const players of [2, 3, 5, 8, 12]) {
      const { enumerated, drawn } = kernelPlan(players, 2 ** players - 2, randomOf(1));
      assert.equal(enumerated.length, 2 ** players - 2);
      assert.equal(drawn.length, 0);
    }
  });

  it('are drawn as often as the kernel counts their size', () => {
    const players = 9;
    const { drawn } = kernelPlan(players, 40_000, { ...randomOf(1), below: randomOf(2).below });
    assert.equal(drawn.length, 0, 'all 510 fit');
    const sampled = kernelPlan(40, 40_000, randomOf(3));
    assert.equal(sampled.enumerated.length, 80 + 2 * 780 + 2 * 9880);
    const mass = (size: number): number => (size === 20 ? 1 : 2) / (size * (40 - size));
    const sizes = Array.from({ length: 17 }, (_, at) => at + 4);
    for (const size of [4, 5, 10, 20]) {
      const share =
        sampled.drawn.filter(([one, other]) => [sum(one), sum(other)].includes(size)).length /
        sampled.drawn.length;
      const expected = mass(size) / sum(sizes.map(mass));
      assert.ok(Math.abs(share - expected) < 4 * Math.sqrt(expected / sampled.drawn.length), `size ${size}`);
    }
  });
});
