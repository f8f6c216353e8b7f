import assert from 'node:assert/strict';
import { lime, weightedRidge } from '../../src/explain/lime.ts';
import { furthest, gameOf, type Row, randomMlp, rowsOf, scoreOf, vectorsOf } from './games.ts';
import { sum } from './networks.ts';

interface LimeVectors {
  readonly coalitions: readonly Row[];
  readonly worth: Row;
  readonly kernelWidth: number;
  readonly ridge: number;
  readonly intercept: number;
  readonly coefficients: Row;
  readonly fit: number;
}

const score = scoreOf(randomMlp(1, 6));
const [patient = [], ...background] = rowsOf(2, 4, 6);
const options = { seed: 1, maxEvaluations: 600 };

describe('LIME', () => {
  it("solves the weighted ridge regression of Python's lime", () => {
    const { coalitions, worth, kernelWidth, ridge, intercept, coefficients, fit } =
      vectorsOf<LimeVectors>('lime');
    const weights = coalitions.map((members) =>
      Math.exp(-(((1 - sum(members) / members.length) / kernelWidth) ** 2)),
    );
    const local = weightedRidge(
      coalitions.map((members) => Uint8Array.from(members)),
      worth,
      weights,
      ridge,
    );
    assert.ok(furthest(local.coefficients, coefficients) < 1e-9);
    assert.ok(Math.abs(local.intercept - intercept) < 1e-9);
    assert.ok(Math.abs(local.fit - fit) < 1e-9);
  });

  it('finds the terms of a sum, where nothing holds the coefficients back, and fits it wholly', async () => {
    const { phi, fit } = await lime(
      gameOf(
        scoreOf(([a = 0, b = 0, c = 0]) => 2 * a - b + c * c),
        [1, 1, 2],
        [[0, 0, 0]],
      ),
      {
        ...options,
        ridge: 1e-9,
      },
    );
    assert.ok(furthest(phi, [2, -1, 4]) < 1e-6);
    assert.ok(Math.abs((fit ?? 0) - 1) < 1e-9);
  });

  it('says how well a network is described, and does not claim to add up', async () => {
    const { fit = 2, gap, evaluations } = await lime(gameOf(score, patient, background), options);
    assert.ok(fit > 0 && fit < 1);
    assert.equal(gap, undefined);
    assert.ok(evaluations <= options.maxEvaluations);
  });

  it('is repeated by the seed', async () => {
    const game = gameOf(score, patient, background);
    const one = await lime(game, options);
    assert.deepEqual(await lime(game, { ...options, batchRows: 7 }), one);
    assert.notDeepEqual((await lime(game, { ...options, seed: 2 })).phi, one.phi);
  });

  it('looks less far with a narrower kernel', async () => {
    /** Near the patient (few absent) the first column matters, far from it the second. */
    const both = scoreOf((row) => (sum(row) > 3 ? (row[0] ?? 0) : 5 * (row[1] ?? 0)));
    const game = gameOf(both, [1, 1, 1, 1, 1, 1], [[0, 0, 0, 0, 0, 0]]);
    const near = await lime(game, { ...options, kernelWidth: 0.2 });
    const far = await lime(game, { ...options, kernelWidth: 10 });
    assert.ok((near.phi[0] ?? 0) > (near.phi[1] ?? 0) && (far.phi[0] ?? 0) < (far.phi[1] ?? 0));
  });

  it('refuses to describe a patient by no coalition', async () => {
    await assert.rejects(
      lime(gameOf(score, patient, background), { seed: 1, maxEvaluations: 6 }),
      RangeError,
    );
  });
});
