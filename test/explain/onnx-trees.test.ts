import assert from 'node:assert/strict';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { readTrees } from '../../src/explain/onnx-trees.ts';
import { marginOf } from '../../src/explain/tree-ensemble.ts';
import { type Runner, startRunner } from '../../src/inference/runner/runner.ts';
import { bytesOf, type Row, rowsOf, vectorsOf } from './games.ts';
import { tensor } from './networks.ts';

const grammar = protobuf.loadSync(join(import.meta.dirname, '../../src/explain/onnx.proto'));
const model = grammar.lookupType('onnx.ModelProto');

const text = (word: string): Uint8Array => Buffer.from(word);
const ints = (...numbers: readonly number[]) => ({ ints: numbers });
const floats = (...numbers: readonly number[]) => ({ floats: numbers });
type Attribute = Readonly<Record<string, unknown>>;

/** Two trees of one split each, x[1] ≤ 0.5 and x[0] < 2, with two targets. */
const stumps: Readonly<Record<string, Attribute>> = {
  n_targets: { i: 2 },
  nodes_treeids: ints(7, 7, 7, 3, 3, 3),
  nodes_nodeids: ints(0, 1, 2, 0, 1, 2),
  nodes_featureids: ints(1, 0, 0, 0, 0, 0),
  nodes_values: floats(0.5, 0, 0, 2, 0, 0),
  nodes_modes: { strings: ['BRANCH_LEQ', 'LEAF', 'LEAF', 'BRANCH_LT', 'LEAF', 'LEAF'].map(text) },
  nodes_truenodeids: ints(1, 0, 0, 1, 0, 0),
  nodes_falsenodeids: ints(2, 0, 0, 2, 0, 0),
  nodes_missing_value_tracks_true: ints(1, 0, 0, 0, 0, 0),
  target_treeids: ints(7, 7, 3, 3, 3, 3),
  target_nodeids: ints(1, 2, 1, 2, 1, 2),
  target_ids: ints(0, 0, 0, 0, 1, 1),
  target_weights: floats(1, 2, 10, 20, 100, 200),
  base_values: floats(0.25, 0.5),
};

const regressor = (attributes: Readonly<Record<string, Attribute>>, input = 'x') => ({
  opType: 'TreeEnsembleRegressor',
  domain: 'ai.onnx.ml',
  input: [input],
  output: ['margin'],
  attribute: Object.entries(attributes).map(([name, attribute]) => ({ name, ...attribute })),
});

const written = (...node: readonly object[]): Uint8Array =>
  model.encode(model.fromObject({ graph: { node, input: [{ name: 'x' }] } })).finish();

const changed = (change: Readonly<Record<string, Attribute>>): Uint8Array =>
  written(regressor({ ...stumps, ...change }));

const doubles = (...numbers: readonly number[]): Attribute => ({
  t: { dataType: 11, dims: [numbers.length], rawData: Buffer.from(Float64Array.from(numbers).buffer) },
});

describe('trees of an ONNX graph', () => {
  const sums: readonly (readonly [Row, number])[] = [
    [[0, 0], 11.25],
    [[0, 0.5], 11.25],
    [[0, 0.6], 12.25],
    [[2, 0], 21.25],
    [[Number.NaN, Number.NaN], 21.25],
  ];

  it('add up the leaf that a row comes to in each tree, and the base', () => {
    const trees = readTrees(changed({}));
    for (const [row, margin] of sums) assert.equal(marginOf(trees, row), margin, String(row));
    assert.equal(trees.input, 'x');
  });

  it('are read for each of several targets', () => {
    const other = readTrees(changed({}), 1);
    assert.deepEqual([marginOf(other, [0, 0]), marginOf(other, [2, 0])], [100.5, 200.5]);
    assert.throws(() => readTrees(changed({}), 2), { code: 'model-unavailable' });
  });

  it('are averaged where the graph says so, and start at 0 without a base', () => {
    const { base_values, ...rest } = stumps;
    const trees = readTrees(written(regressor({ ...rest, aggregate_function: { s: text('AVERAGE') } })));
    assert.equal(marginOf(trees, [0, 0]), 5.5);
    assert.ok(base_values !== undefined);
  });

  it('may hold doubles in tensors (operator version 3)', () => {
    const { nodes_values, target_weights, ...rest } = stumps;
    const exact = {
      nodes_values_as_tensor: doubles(0.1, 0, 0, 2, 0, 0),
      target_weights_as_tensor: doubles(0.1, 2, 10, 20, 1, 1),
    };
    const trees = readTrees(written(regressor({ ...rest, ...exact })));
    assert.equal(marginOf(trees, [0, 0.1]), 0.25 + 0.1 + 10);
    assert.ok(nodes_values !== undefined && target_weights !== undefined);
  });

  it('may stand behind casts, which round the features', () => {
    const cast = { opType: 'Cast', input: ['x'], output: ['single'], attribute: [{ name: 'to', i: 1 }] };
    const same = { opType: 'Identity', input: ['single'], output: ['same'] };
    assert.equal(readTrees(written(cast, same, regressor(stumps, 'same'))).float32, true);
    assert.equal(readTrees(written(regressor(stumps))).float32, false);
  });

  const refusals: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['no protobuf', Buffer.from('no graph at all'), /no ONNX file/],
    ['a graph without trees', written({ opType: 'MatMul' }), /not one TreeEnsembleRegressor/],
    ['two ensembles', written(regressor(stumps), regressor(stumps)), /not one TreeEnsembleRegressor/],
    [
      'features that are computed',
      written({ opType: 'Mul', input: ['x'], output: ['y'] }, regressor(stumps, 'y')),
      /as it is/,
    ],
    ['the largest tree', changed({ aggregate_function: { s: text('MAX') } }), /by MAX/],
    ['a probit', changed({ post_transform: { s: text('PROBIT') } }), /followed by PROBIT/],
    [
      'an unknown rule',
      changed({ nodes_modes: { strings: Array(6).fill(text('BRANCH_MEMBER')) } }),
      /by BRANCH_MEMBER/,
    ],
    ['too few thresholds', changed({ nodes_values: floats(1) }), /one value for each node/],
    ['a branch to nowhere', changed({ nodes_truenodeids: ints(9, 0, 0, 1, 0, 0) }), /does not have/],
    ['a branch back to the root', changed({ nodes_truenodeids: ints(0, 0, 0, 1, 0, 0) }), /two ways/],
    [
      'thresholds of a type without reals',
      changed({ nodes_values_as_tensor: { t: { dataType: 7 } } }),
      /neither float/,
    ],
  ];
  for (const [what, bytes, why] of refusals)
    it(`are not read from ${what}`, () => {
      assert.throws(
        () => readTrees(bytes),
        (thrown: { code?: string; details?: readonly string[] }) => {
          assert.equal(thrown.code, 'model-unavailable');
          assert.match(thrown.details?.[0] ?? '', why);
          return true;
        },
      );
    });
});

describe('trees in onnxruntime', function () {
  this.timeout(30_000);
  let runner: Runner;
  before(async () => {
    runner = startRunner();
    await runner.load('trees', bytesOf('trees.onnx'));
  });
  after(() => runner.close());

  it('answer what the trees that were read add up to, on and beside every threshold', async () => {
    const trees = readTrees(bytesOf('trees.onnx'));
    const { patients } = vectorsOf<{ patients: readonly Row[] }>('trees');
    const [patient = []] = patients;
    const onThresholds = [...trees.threshold.keys()].flatMap((node) => {
      const threshold = trees.threshold[node] ?? 0;
      return [threshold, threshold + 1e-6].map((x) => patient.with(trees.feature[node] ?? 0, Math.fround(x)));
    });
    const missing = patient.map((_, at) => patient.with(at, Number.NaN));
    const rows = [...patients, ...rowsOf(1, 200, patient.length), ...onThresholds, ...missing].map((row) =>
      row.map(Math.fround),
    );
    const x = tensor('float32', [rows.length, patient.length], rows.flat());
    const { margin } = await runner.run('trees', { rows: rows.length, feeds: { x }, fetches: ['margin'] });
    for (const [at, row] of rows.entries())
      assert.ok(Math.abs(marginOf(trees, row) - Number(margin?.data[at])) < 1e-5, `row ${at}`);
  });
});
