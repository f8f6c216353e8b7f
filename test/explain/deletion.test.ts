/** Faithfulness of every additive method: what it ranks first matters most to the score (deletion curve, Samek et al. 2017). */
import assert from 'node:assert/strict';
import { exactShapley } from '../../src/explain/exact.ts';
import type { Attribution, Game } from '../../src/explain/game.ts';
import { kernelShap, leastKernelRows } from '../../src/explain/kernel.ts';
import { lime } from '../../src/explain/lime.ts';
import { leastPermutationRows, permutationShapley } from '../../src/explain/permutation.ts';
import { randomOf } from '../../src/explain/random.ts';
import { gameOf, type Row, randomMlp, rowsOf, scoreOf } from './games.ts';
import { sum } from './networks.ts';

const columns = 10;
const seeds = Array.from({ length: 40 }, (_, at) => at + 1);

/** How much of the patient's score is left over, on average, while players are taken away in an order. */
function leftOver(each: (row: Row) => number, patient: Row, ground: Row, order: readonly number[]): number {
  const curve = order.map((_, taken) => {
    const gone = new Set(order.slice(0, taken + 1));
    return each(patient.map((x, at) => (gone.has(at) ? (ground[at] ?? 0) : x)));
  });
  return sum(curve) / curve.length - each(ground);
}

const methods: Readonly<Record<string, (game: Game, seed: number) => Promise<Attribution>>> = {
  'exact Shapley values': (game) => exactShapley(game),
  'sampled permutations': (game, seed) =>
    permutationShapley(game, { seed, maxEvaluations: leastPermutationRows(game) }),
  KernelSHAP: (game, seed) => kernelShap(game, { seed, maxEvaluations: leastKernelRows(game) }),
  LIME: (game, seed) => lime(game, { seed, maxEvaluations: 200 }),
};

describe('taking players away', () => {
  for (const [name, explain] of Object.entries(methods))
    it(`lowers the score faster in the order of ${name} than in a random one`, async () => {
      let [ranked, random] = [0, 0];
      for (const seed of seeds) {
        const each = randomMlp(seed, columns);
        const [one = [], other = []] = rowsOf(500 + seed, 2, columns);
        const [patient, ground] = each(one) > each(other) ? [one, other] : [other, one];
        const { phi } = await explain(gameOf(scoreOf(each), patient, [ground]), seed);
        const players = Int32Array.from(phi.keys());
        const byRank = [...players].sort((a, b) => (phi[b] ?? 0) - (phi[a] ?? 0));
        ranked += leftOver(each, patient, ground, byRank);
        random += leftOver(each, patient, ground, [...randomOf(seed).shuffled(players)]);
      }
      assert.ok(ranked < random / 2, `${ranked} is left over in that order, ${random} in a random one`);
    });
});
