import assert from 'node:assert/strict';
import { additive } from '../../src/explain/additive.ts';
import { exactShapley } from '../../src/explain/exact.ts';
import { furthest, gameOf, linearScore, linearVectors, scoreOf } from './games.ts';

const { model, patients, background } = linearVectors;
const mean = (column: number): number =>
  background.reduce((total, row) => total + (row[column] ?? 0), 0) / background.length;

describe('contributions to an additive model', () => {
  it('are w · (x − mean of the background) for a linear one, as Python shap has them', async () => {
    for (const [at, patient] of patients.entries()) {
      const { phi, evaluations, gap } = await additive(gameOf(linearScore(model), patient, background));
      const closed = patient.map((x, column) => (model.weights[column] ?? 0) * (x - mean(column)));
      assert.ok(furthest(phi, closed) < 1e-12);
      assert.ok(furthest(phi, linearVectors.exact[at] ?? []) <= 1e-9);
      assert.ok(Math.abs(gap ?? 1) < 1e-12);
      assert.ok(evaluations <= 1 + background.length * (1 + patient.length));
    }
  });

  it('are the exact ones where each player is a sum of curves', async () => {
    const score = scoreOf(([a = 0, b = 0, c = 0]) => Math.exp(a) + a * b + Math.abs(c));
    const game = gameOf(
      score,
      [1, -1, 2],
      [
        [0.5, 0.25, -1],
        [0, 3, 1],
      ],
      [[0, 1], [2]],
    );
    const [{ phi }, exact] = await Promise.all([additive(game), exactShapley(game)]);
    assert.ok(furthest(phi, exact.phi) < 1e-12);
  });

  it('are refused for a model that is not additive, even where its interactions cancel out on average', async () => {
    const product = scoreOf(([a = 0, b = 0]) => a * b);
    const refusal = { code: 'model-unavailable', details: ['small is not additive'] };
    await assert.rejects(additive(gameOf(product, [1, 1], [[0, 0]])), refusal);
    await assert.rejects(
      additive(
        gameOf(
          product,
          [1, 1],
          [
            [0, 0],
            [2, 0],
          ],
        ),
      ),
      refusal,
    );
  });
});
