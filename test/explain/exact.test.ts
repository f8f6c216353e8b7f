import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Fault } from '../../src/errors.ts';
import { exactShapley } from '../../src/explain/exact.ts';
import type { Score } from '../../src/explain/game.ts';
import { shapleyValues } from '../../src/explain/shapley.ts';
import {
  furthest,
  gameOf,
  linearScore,
  linearVectors,
  mlpScore,
  mlpVectors,
  type Row,
  randomMlp,
  rowsOf,
  scoreOf,
} from './games.ts';
import { sum } from './networks.ts';

/** The definition, one background row and one coalition at a time. */
function byDefinition(
  each: (row: Row) => number,
  patient: Row,
  background: readonly Row[],
): readonly number[] {
  const games = background.map((ground) => {
    const worth = Array.from({ length: 1 << patient.length }, (_, mask) =>
      each(ground.map((absent, at) => ((mask >> at) & 1 ? (patient[at] ?? 0) : absent))),
    );
    return shapleyValues(worth, patient.length);
  });
  return patient.map((_, at) => sum(games.map((phi) => phi[at] ?? 0)) / background.length);
}

describe('exact Shapley values of a network', () => {
  for (const [name, vectors, score] of [
    ['a logistic model', linearVectors, linearScore(linearVectors.model)],
    ['a network', mlpVectors, mlpScore(mlpVectors.model)],
  ] as const)
    it(`are those of Python shap's ExactExplainer and KernelExplainer over all coalitions: ${name}`, async () => {
      for (const [at, patient] of vectors.patients.entries()) {
        const { phi, value, baseline } = await exactShapley(gameOf(score, patient, vectors.background));
        assert.ok(furthest(phi, vectors.exact[at] ?? []) <= 1e-9);
        assert.ok(furthest(phi, vectors.kernel[at] ?? []) <= 1e-9);
        assert.ok(Math.abs(value - (vectors.value[at] ?? 0)) <= 1e-12);
        assert.ok(Math.abs(baseline - vectors.baseline) <= 1e-12);
      }
    });

  it('are the mean over the background of the definition, however the rows are batched', async () => {
    const each = randomMlp(3, 6);
    const [patient = [], ...background] = rowsOf(4, 5, 6);
    const expected = byDefinition(each, patient, background);
    for (const batchRows of [1, 2, 7, 8, 63, 64, 65, 100_000]) {
      const { phi, evaluations } = await exactShapley(gameOf(scoreOf(each), patient, background), {
        batchRows,
      });
      assert.ok(furthest(phi, expected) < 1e-12, `batches of ${batchRows}`);
      assert.equal(evaluations, 1 + 4 * 63);
    }
  });

  const small = fc.record({
    seed: fc.integer({ min: 1, max: 10_000 }),
    columns: fc.integer({ min: 2, max: 6 }),
    rows: fc.integer({ min: 1, max: 4 }),
  });

  it('add up (efficiency), give nothing to who changes nothing (dummy), the same to the same (symmetry)', () =>
    fc.assert(
      fc.asyncProperty(small, async ({ seed, columns, rows }) => {
        const inner = randomMlp(seed, columns);
        /** Columns 0 and 1 enter as their sum; the last is not looked at. */
        const each = ([one = 0, other = 0, ...rest]: Row): number =>
          inner([one + other, 0, ...rest.slice(0, -1)]);
        const drawn = rowsOf(seed + 1, rows + 1, columns + 1);
        const [patient = [], ...background] = drawn.map(([one = 0, , ...rest]) => [one, one, ...rest]);
        const { phi, value, baseline, gap } = await exactShapley(gameOf(scoreOf(each), patient, background));
        assert.ok(Math.abs(value - baseline - sum(phi)) < 1e-9);
        assert.ok(Math.abs(gap ?? 1) < 1e-9);
        assert.ok(Math.abs(phi.at(-1) ?? 1) < 1e-12);
        assert.ok(Math.abs((phi[0] ?? 0) - (phi[1] ?? 1)) < 1e-9);
      }),
      { numRuns: 40 },
    ));

  it('let grouped columns enter together', async () => {
    const each = randomMlp(5, 4);
    const [patient = [], ground = []] = rowsOf(6, 2, 4);
    const { phi } = await exactShapley(
      gameOf(
        scoreOf(each),
        patient,
        [ground],
        [
          [0, 2],
          [1, 3],
        ],
      ),
    );
    const [a = 0, b = 0, c = 0, d = 0] = patient;
    const [e = 0, f = 0, g = 0, h = 0] = ground;
    const worth = [ground, [a, f, c, h], [e, b, g, d], patient].map(each);
    assert.ok(furthest(phi, shapleyValues(worth, 2)) < 1e-12);
  });

  it('do not ask what is known: who does not differ from a background row, and the patient again', async () => {
    const asked = { rows: 0 };
    const each = randomMlp(7, 5);
    const [patient = [], other = []] = rowsOf(8, 2, 5);
    const half = other.map((x, at) => (at < 3 ? x : (patient[at] ?? 0)));
    const { phi, evaluations } = await exactShapley(gameOf(scoreOf(each, asked), patient, [half, patient]));
    assert.ok(furthest(phi, byDefinition(each, patient, [half, patient])) < 1e-12);
    assert.equal(evaluations, 1 + 7);
    assert.equal(asked.rows, evaluations);
  });

  it('are nothing for the patient who is the whole background', async () => {
    const { phi, value, baseline } = await exactShapley(gameOf(scoreOf(sum), [1, 2], [[1, 2]]));
    assert.deepEqual([...phi, value, baseline], [0, 0, 3, 3]);
  });

  it('keep two batches under way, no more', async () => {
    let [now, most] = [0, 0];
    const score: Score = async ({ rows }) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      return new Float64Array(rows);
    };
    await exactShapley(gameOf(score, [1, 1, 1, 1, 1], [[0, 0, 0, 0, 0]]), { batchRows: 4 });
    assert.equal(most, 2);
  });

  it('refuse more than 15 players', async () => {
    const [patient = [], ...background] = rowsOf(1, 2, 16);
    await assert.rejects(exactShapley(gameOf(scoreOf(sum), patient, background)), {
      name: 'RangeError',
      message: /15 players, not 16/,
    });
  });

  it('pass on what the score throws, and refuse a score that is no number', async () => {
    const late: Score = () => Promise.reject(new Fault('deadline-passed', ['small']));
    await assert.rejects(exactShapley(gameOf(late, [1, 1], [[0, 0]])), { code: 'deadline-passed' });
    const odd = scoreOf(([x = 0]) => (x === 0 ? Number.NEGATIVE_INFINITY : x));
    await assert.rejects(exactShapley(gameOf(odd, [1, 1], [[0, 0]])), {
      code: 'model-unavailable',
      details: ['small: a row has no finite score'],
    });
  });
});
