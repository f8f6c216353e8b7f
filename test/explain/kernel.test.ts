import assert from 'node:assert/strict';
import { exactShapley } from '../../src/explain/exact.ts';
import { kernelShap, leastKernelRows } from '../../src/explain/kernel.ts';
import { furthest, gameOf, mlpScore, mlpVectors, randomMlp, rowsOf, scoreOf } from './games.ts';
import { sum } from './networks.ts';

const seeds = Array.from({ length: 40 }, (_, at) => at + 1);

/** A network of eleven columns before three background rows, another for each seed. */
function game(seed: number) {
  const [patient = [], ...background] = rowsOf(1000 + seed, 4, 11);
  return gameOf(scoreOf(randomMlp(seed, 11)), patient, background);
}

describe('KernelSHAP', () => {
  it("is exact where all coalitions fit, and says what Python's KernelExplainer says", async () => {
    const { patients, background, kernel, model } = mlpVectors;
    for (const [at, patient] of patients.entries()) {
      const asked = { seed: 1, maxEvaluations: 256 * background.length };
      const { phi, standardError, gap } = await kernelShap(
        gameOf(mlpScore(model), patient, background),
        asked,
      );
      assert.ok(furthest(phi, kernel[at] ?? []) <= 1e-9);
      assert.ok((standardError ?? [1]).every((error) => error === 0));
      assert.ok(Math.abs(gap ?? 1) < 1e-9);
    }
  });

  it('is exact for 1, 2 and 3 players', async () => {
    for (const columns of [1, 2, 3]) {
      const [patient = [], ...background] = rowsOf(columns, 3, columns);
      const small = gameOf(scoreOf(randomMlp(columns, columns)), patient, background);
      const { phi } = await kernelShap(small, { seed: 1, maxEvaluations: leastKernelRows(small) });
      assert.ok(furthest(phi, (await exactShapley(small)).phi) < 1e-9);
    }
  });

  it('adds up, is repeated by the seed and keeps to its rows', async () => {
    const maxEvaluations = 1000;
    const one = await kernelShap(game(1), { seed: 3, maxEvaluations });
    assert.ok(Math.abs(one.value - one.baseline - sum(one.phi)) < 1e-9);
    assert.ok(one.evaluations <= maxEvaluations);
    assert.deepEqual(await kernelShap(game(1), { seed: 3, maxEvaluations, batchRows: 10 }), one);
    assert.notDeepEqual((await kernelShap(game(1), { seed: 4, maxEvaluations })).phi, one.phi);
  });

  it('comes closer to the exact values, and its standard error covers the distance', async () => {
    const distance: Record<number, number> = {};
    const covered: Record<number, number> = {};
    for (const seed of seeds) {
      const exact = await exactShapley(game(seed));
      for (const maxEvaluations of [450, 1200, 4000]) {
        const { phi, standardError } = await kernelShap(game(seed), { seed, maxEvaluations });
        distance[maxEvaluations] = (distance[maxEvaluations] ?? 0) + furthest(phi, exact.phi) / seeds.length;
        const within = [...phi].filter(
          (each, at) => Math.abs(each - (exact.phi[at] ?? 0)) <= 2 * (standardError?.[at] ?? 0),
        );
        covered[maxEvaluations] = (covered[maxEvaluations] ?? 0) + within.length / phi.length / seeds.length;
      }
    }
    const [few = 0, some = 0, many = 0] = [distance[450], distance[1200], distance[4000]];
    assert.ok(many < some && some < few, `${few}, ${some}, ${many}`);
    for (const share of Object.values(covered))
      assert.ok(share >= 0.9 && share <= 0.99, `${JSON.stringify(covered)}; 0.95 if they are right`);
  });

  it('gives nothing, surely, to who is like the whole background', async () => {
    const [patient = [], ...background] = rowsOf(5, 4, 9);
    const same = background.map((row) => row.with(4, patient[4] ?? 0));
    const alike = gameOf(scoreOf(randomMlp(6, 9)), patient, same);
    const { phi, standardError } = await kernelShap(alike, { seed: 1, maxEvaluations: 600 });
    assert.equal(phi[4], 0);
    assert.equal(standardError?.[4], 0);
  });

  it('refuses fewer rows than a regular regression needs', async () => {
    const least = leastKernelRows(game(1));
    await kernelShap(game(1), { seed: 1, maxEvaluations: least });
    await assert.rejects(kernelShap(game(1), { seed: 1, maxEvaluations: least - 1 }), {
      name: 'RangeError',
      message: /maxEvaluations/,
    });
  });
});
