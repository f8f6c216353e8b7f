import assert from 'node:assert/strict';
import fc from 'fast-check';
import { exactShapley } from '../../src/explain/exact.ts';
import type { Game } from '../../src/explain/game.ts';
import { readTrees } from '../../src/explain/onnx-trees.ts';
import { randomOf } from '../../src/explain/random.ts';
import { marginOf, type TreeEnsemble, treeRules } from '../../src/explain/tree-ensemble.ts';
import { treeShap } from '../../src/explain/tree-shap.ts';
import { bytesOf, furthest, gameOf, type Row, scoreOf, vectorsOf } from './games.ts';
import { sum } from './networks.ts';

interface TreeVectors {
  readonly background: readonly Row[];
  readonly patients: readonly Row[];
  readonly value: Row;
  readonly baseline: number;
  readonly exact: readonly Row[];
  readonly tree: readonly Row[];
}

const trees = readTrees(bytesOf('trees.onnx'));
const vectors = vectorsOf<TreeVectors>('trees');

const playedBy = (
  ensemble: TreeEnsemble,
  patient: Row,
  background: readonly Row[],
  groups?: readonly Row[],
): Game =>
  gameOf(
    scoreOf((row) => marginOf(ensemble, row)),
    patient,
    background,
    groups,
  );

/** Full trees of some depth with every rule, over whole numbers and NaN, so that features meet their thresholds. */
function randomTrees(seed: number, columns: number, depth: number, count: number): TreeEnsemble {
  const random = randomOf(seed);
  const size = 2 ** (depth + 1) - 1;
  const each = <T>(make: (within: number, tree: number) => T): readonly T[] =>
    Array.from({ length: count * size }, (_, at) => make(at % size, Math.floor(at / size)));
  const leaf = (within: number): boolean => within >= 2 ** depth - 1;
  return {
    input: 'x',
    float32: false,
    roots: Int32Array.from({ length: count }, (_, tree) => tree * size),
    rule: Uint8Array.from(each((within) => (leaf(within) ? treeRules.indexOf('LEAF') : random.below(6)))),
    feature: Int32Array.from(each(() => random.below(columns))),
    threshold: Float64Array.from(each(() => random.below(3))),
    yes: Int32Array.from(each((within, tree) => tree * size + (leaf(within) ? within : 2 * within + 1))),
    no: Int32Array.from(each((within, tree) => tree * size + (leaf(within) ? within : 2 * within + 2))),
    missingIsYes: Uint8Array.from(each(() => random.below(2))),
    weight: Float64Array.from(each((within) => (leaf(within) ? random.unit() - 0.5 : 0))),
    base: 0.25,
  };
}

function wholeRows(seed: number, rows: number, columns: number): readonly Row[] {
  const random = randomOf(seed);
  const number = (): number => (random.below(8) === 0 ? Number.NaN : random.below(3));
  return Array.from({ length: rows }, () => Array.from({ length: columns }, number));
}

describe('Shapley values of trees', () => {
  it('are those of Python shap: by full enumeration, and by its TreeExplainer, whose weights are float32', async () => {
    for (const [at, patient] of vectors.patients.entries()) {
      const { phi, value, baseline, gap, evaluations } = await treeShap(
        playedBy(trees, patient, vectors.background),
        trees,
      );
      assert.ok(furthest(phi, vectors.exact[at] ?? []) <= 1e-9);
      assert.ok(furthest(phi, vectors.tree[at] ?? []) <= 1e-6);
      assert.ok(Math.abs(value - (vectors.value[at] ?? 0)) <= 1e-9);
      assert.ok(Math.abs(baseline - vectors.baseline) <= 1e-9);
      assert.ok(Math.abs(gap ?? 1) <= 1e-9);
      assert.equal(evaluations, 1 + vectors.background.length);
    }
  });

  const question = fc.record({
    seed: fc.integer({ min: 1, max: 100_000 }),
    columns: fc.integer({ min: 1, max: 8 }),
    depth: fc.integer({ min: 0, max: 5 }),
    rows: fc.integer({ min: 1, max: 4 }),
  });

  it('are those of full enumeration, by any rule and with features that are missing', () =>
    fc.assert(
      fc.asyncProperty(question, async ({ seed, columns, depth, rows }) => {
        const ensemble = randomTrees(seed, columns, depth, 4);
        const [patient = [], ...background] = wholeRows(seed + 1, rows + 1, columns);
        const game = playedBy(ensemble, patient, background);
        const [quick, exact] = await Promise.all([treeShap(game, ensemble), exactShapley(game)]);
        assert.ok(furthest(quick.phi, exact.phi) <= 1e-9);
        assert.ok(Math.abs(quick.value - quick.baseline - sum(quick.phi)) <= 1e-9);
      }),
      { numRuns: 60 },
    ));

  it('are those of full enumeration for groups, with columns that belong to nobody', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const ensemble = randomTrees(seed, 6, 5, 10);
      const [patient = [], ...background] = wholeRows(seed, 5, 6);
      const game = playedBy(ensemble, patient, background, [[0, 3], [1], [5, 2]]);
      const [quick, exact] = await Promise.all([treeShap(game, ensemble), exactShapley(game)]);
      assert.ok(furthest(quick.phi, exact.phi) <= 1e-9);
      assert.ok(sum(exact.phi.map(Math.abs)) > 0);
    }
  });

  it('take more players than can be enumerated', async () => {
    const columns = 60;
    const ensemble = randomTrees(9, columns, 8, 20);
    const [patient = [], ...background] = wholeRows(10, 11, columns);
    const { phi, value, baseline } = await treeShap(playedBy(ensemble, patient, background), ensemble);
    assert.ok(Math.abs(value - baseline - sum(phi)) < 1e-9);
    assert.equal(phi.length, columns);
  });

  it('are refused where the model answers otherwise than its trees', async () => {
    const [patient = []] = vectors.patients;
    const game = gameOf(
      scoreOf((row) => marginOf(trees, row) + 0.1),
      patient,
      vectors.background,
    );
    await assert.rejects(treeShap(game, trees), {
      code: 'model-unavailable',
      details: ['small answers otherwise than its trees'],
    });
  });

  it('are given up where nobody waits any more', async () => {
    const [patient = []] = vectors.patients;
    const urgency = { signal: AbortSignal.abort() };
    await assert.rejects(treeShap(playedBy(trees, patient, vectors.background), trees, { urgency }), {
      code: 'deadline-passed',
    });
  });
});
