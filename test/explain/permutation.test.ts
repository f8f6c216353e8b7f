import assert from 'node:assert/strict';
import { exactShapley } from '../../src/explain/exact.ts';
import { leastPermutationRows, permutationShapley } from '../../src/explain/permutation.ts';
import { furthest, gameOf, linearScore, linearVectors, randomMlp, rowsOf, scoreOf } from './games.ts';
import { sum } from './networks.ts';

const seeds = Array.from({ length: 40 }, (_, at) => at + 1);

/** A network of ten columns before four background rows, another for each seed. */
function game(seed: number) {
  const [patient = [], ...background] = rowsOf(1000 + seed, 5, 10);
  return gameOf(scoreOf(randomMlp(seed, 10)), patient, background);
}

describe('Shapley values by sampled permutations', () => {
  it('add up to the rounding, whatever the number of rounds', async () => {
    for (const rounds of [5, 6, 20]) {
      const maxEvaluations = 5 + rounds * 72;
      const { value, baseline, phi, gap, evaluations } = await permutationShapley(game(1), {
        seed: 1,
        maxEvaluations,
        tolerance: 0,
      });
      assert.ok(Math.abs(value - baseline - sum(phi)) < 1e-10);
      assert.ok(Math.abs(gap ?? 1) < 1e-10);
      assert.equal(evaluations, maxEvaluations);
    }
  });

  it('are repeated by the seed', async () => {
    const options = { maxEvaluations: 1000, tolerance: 0 };
    const one = await permutationShapley(game(2), { seed: 7, ...options });
    assert.deepEqual(await permutationShapley(game(2), { seed: 7, ...options }), one);
    assert.notDeepEqual((await permutationShapley(game(2), { seed: 8, ...options })).phi, one.phi);
    const batched = await permutationShapley(game(2), { seed: 7, ...options, batchRows: 10 });
    assert.deepEqual(batched, one);
  });

  it('come closer to the exact ones, and their standard error covers the distance', async () => {
    const furthestOf: Record<number, number> = {};
    let [covered, all] = [0, 0];
    for (const seed of seeds) {
      const exact = await exactShapley(game(seed));
      for (const maxEvaluations of [400, 6000]) {
        const { phi, standardError } = await permutationShapley(game(seed), {
          seed,
          maxEvaluations,
          tolerance: 0,
        });
        furthestOf[maxEvaluations] =
          (furthestOf[maxEvaluations] ?? 0) + furthest(phi, exact.phi) / seeds.length;
        for (const [at, each] of phi.entries()) {
          all++;
          if (Math.abs(each - (exact.phi[at] ?? 0)) <= 2 * (standardError?.[at] ?? 0)) covered++;
        }
      }
    }
    const [few = 0, many = 0] = [furthestOf[400], furthestOf[6000]];
    assert.ok(many < few / 3, `${many} after 6000 rows, ${few} after 400`);
    const share = covered / all;
    assert.ok(share >= 0.92 && share <= 0.98, `${share} within two standard errors; 0.95 if they are right`);
  });

  it('stop as soon as every standard error is small enough', async () => {
    const maxEvaluations = 200_000;
    const rough = await permutationShapley(game(3), { seed: 1, maxEvaluations, tolerance: 0.1 });
    const fine = await permutationShapley(game(3), { seed: 1, maxEvaluations, tolerance: 0.02 });
    assert.ok(rough.evaluations < fine.evaluations && fine.evaluations < maxEvaluations);
    for (const [{ value, baseline, standardError = [] }, tolerance] of [
      [rough, 0.1],
      [fine, 0.02],
    ] as const)
      for (const error of standardError) assert.ok(error <= tolerance * Math.abs(value - baseline));
  });

  it('are exact, with errors of nothing, for a linear model after the fewest rounds', async () => {
    const [patient = []] = linearVectors.patients;
    const linear = gameOf(linearScore(linearVectors.model), patient, linearVectors.background);
    const { phi, standardError, evaluations } = await permutationShapley(linear, {
      seed: 1,
      maxEvaluations: 1e6,
    });
    assert.ok(furthest(phi, linearVectors.exact[0] ?? []) < 1e-12);
    assert.ok((standardError ?? []).every((error) => error < 1e-12));
    assert.equal(evaluations, leastPermutationRows(linear));
  });

  it('give nothing to who changes nothing, and say so surely', async () => {
    const inner = randomMlp(4, 4);
    const [patient = [], ...background] = rowsOf(5, 4, 5);
    const dummy = gameOf(
      scoreOf((row) => inner(row.slice(0, 4))),
      patient,
      background,
    );
    const { phi, standardError } = await permutationShapley(dummy, { seed: 1, maxEvaluations: 2000 });
    assert.ok(Math.abs(phi[4] ?? 1) < 1e-12);
    assert.ok((standardError?.[4] ?? 1) < 1e-12);
  });

  it('are known without sampling where one player differs, or none', async () => {
    const options = { seed: 1, maxEvaluations: 3 };
    const one = await permutationShapley(gameOf(scoreOf(sum), [1, 5], [[1, 2]]), options);
    assert.deepEqual([...one.phi], [0, 3]);
    const none = await permutationShapley(gameOf(scoreOf(sum), [1, 5], [[1, 5]]), options);
    assert.deepEqual([...none.phi, ...(none.standardError ?? [])], [0, 0, 0, 0]);
  });

  it('refuse fewer rows than a standard error needs', async () => {
    const least = leastPermutationRows(game(1));
    await permutationShapley(game(1), { seed: 1, maxEvaluations: least });
    await assert.rejects(permutationShapley(game(1), { seed: 1, maxEvaluations: least - 1 }), {
      name: 'RangeError',
      message: /maxEvaluations/,
    });
  });
});
