/** A network through the registry and the real runner: what it takes and what it answers. */
import assert from 'node:assert/strict';
import { sha256 } from '../../src/inference/digest.ts';
import type { Network } from '../../src/inference/network.ts';
import { onnxNetwork } from '../../src/inference/onnx-network.ts';
import { type ModelRegistry, openRegistry } from '../../src/inference/registry.ts';
import { sealPackage } from '../../src/inference/seal.ts';
import type { Tensor, Tensors } from '../../src/inference/tensor.ts';
import { onnxBytes } from './graphs.ts';
import {
  feed,
  network as graph,
  manifest,
  numbers,
  patients,
  risk,
  weights,
  withPackage,
} from './small-network.ts';

const near = (found: readonly number[], expected: readonly number[], within = 1e-6): void => {
  assert.equal(found.length, expected.length);
  for (const [at, value] of expected.entries()) {
    assert.ok(Math.abs((found[at] ?? Number.NaN) - value) <= within, `element ${at}`);
  }
};

describe('network', () => {
  let registry: ModelRegistry;
  let network: Network;
  before(() =>
    withPackage({}, async ({ models, folder }) => {
      await sealPackage(folder);
      registry = await openRegistry(models);
      network = registry.network('small');
    }),
  );
  after(() => registry.close());

  it('stands in the registry beside the clinical models, not among them', () => {
    assert.deepEqual([registry.ids(), registry.networkIds()], [[], ['small']]);
    assert.throws(() => registry.get('small'), { code: 'unknown-model' });
    assert.throws(() => registry.network('prevent'), { code: 'unknown-model' });
    assert.deepEqual(network.background?.rows, 2);
    assert.deepEqual(Buffer.from(network.graph), Buffer.from(onnxBytes(graph)));
  });

  it('answers rows in their order', async () => {
    const { risk: answer } = await network.run(feed(patients), patients.length);
    assert.deepEqual([answer?.dtype, answer?.shape], ['float32', [patients.length]]);
    near(numbers(answer), patients.map(risk));
  });

  it('gives only what is wanted, and knows its outputs', async () => {
    assert.deepEqual(Object.keys(await network.run(feed(patients), 4, {}, ['risk'])), ['risk']);
    await assert.rejects(network.run(feed(patients), 4, {}, ['score']), {
      code: 'malformed-inference',
      details: ['outputs: there is one that the model does not have'],
    });
  });

  it('gives the gradient of the log odds', async () => {
    const slopes = await network.gradient?.(feed(patients), patients.length);
    const expected = patients.flatMap((patient) =>
      patient.map((value, at) => (weights.linear[at] ?? 0) + 2 * value * (weights.square[at] ?? 0)),
    );
    near(numbers(slopes?.d_x), expected);
  });

  const x = (data: Float32Array, shape: readonly number[] = [1, 3]): Tensors => ({
    x: { dtype: 'float32', shape, data },
  });
  const of = (...data: number[]): Tensors => x(Float32Array.from(data), [data.length / 3, 3]);
  for (const [title, feeds, rows, details] of [
    ['no input', {}, 1, ['x: is not given']],
    ['an inherited name', Object.create({ x: of(0, 0, 0).x }), 1, ['x: is not given']],
    [
      'a second input',
      { ...of(0, 0, 0), y: of(0, 0, 0).x },
      1,
      ['inputs: there is one that the model does not have'],
    ],
    [
      'another type',
      { x: { dtype: 'float64', shape: [1, 3], data: new Float64Array(3) } },
      1,
      ['x: is not float32'],
    ],
    ['another shape', x(new Float32Array(4), [1, 4]), 1, ['x: is not of shape [1,3]']],
    ['another order of axes', x(new Float32Array(3), [3, 1]), 3, ['x: is not of shape [3,3]']],
    ['an axis more', x(new Float32Array(3), [1, 3, 1]), 1, ['x: is not of shape [1,3]']],
    ['other rows than were said', of(0, 0, 0), 2, ['x: is not of shape [2,3]']],
    ['too few elements', x(new Float32Array(2)), 1, ['x: has not as many elements as its shape says']],
    ['a number above its bound', of(0, 4.001, 0), 1, ['x: has an element outside -4 to 4']],
    ['a number below its bound', of(0, 0, 0, 0, 0, -5), 2, ['x: has an element outside -4 to 4']],
    ['an infinite number', of(0, Infinity, 0), 1, ['x: has an infinite element']],
    ['an infinite number below', of(0, 0, -Infinity), 1, ['x: has an infinite element']],
    ['NaN', of(Number.NaN, 0, 0), 1, ['x: has an element that is not a number']],
    ['no row', x(new Float32Array(0), [0, 3]), 0, ['rows: is not a whole number from 1']],
    ['half a row', of(0, 0, 0), 0.5, ['rows: is not a whole number from 1']],
  ] as readonly (readonly [string, Tensors, number, readonly string[]])[]) {
    it(`refuses ${title} by its rule, and never says a value`, async () => {
      const fault = { code: 'malformed-inference', details };
      await assert.rejects(network.run(feeds, rows), fault);
      await assert.rejects(async () => network.gradient?.(feeds, rows), fault);
    });
  }

  it('takes a number at its bounds', async () => {
    const bounds = [
      [-4, -4, -4],
      [4, 4, 4],
    ];
    near(numbers((await network.run(feed(bounds), 2)).risk), bounds.map(risk));
  });
});

describe('network over a runner', () => {
  const answering = (answer: Tensors): Network =>
    onnxNetwork(
      { manifest, digest: sha256(''), model: new Uint8Array(), gradient: new Uint8Array() },
      { run: async () => answer },
    );
  const risks = (...data: number[]): Tensor => ({
    dtype: 'float32',
    shape: [data.length],
    data: Float32Array.from(data),
  });

  for (const [title, answer] of [
    ['nothing', {}],
    ['a probability above 1', { risk: risks(1.5) }],
    ['a probability below 0', { risk: risks(-0.001) }],
    ['NaN', { risk: risks(Number.NaN) }],
    ['an infinite number', { risk: risks(Infinity) }],
    ['another number of rows', { risk: risks(0.5, 0.5) }],
    ['another type', { risk: { dtype: 'float64', shape: [1], data: Float64Array.of(0.5) } }],
    ['another shape', { risk: { dtype: 'float32', shape: [1, 1], data: Float32Array.of(0.5) } }],
  ] as readonly (readonly [string, Tensors])[]) {
    it(`has no answer where the graph gives ${title}`, async () => {
      await assert.rejects(answering(answer).run(feed([[0, 0, 0]]), 1), {
        code: 'model-unavailable',
        details: ['small', 'risk'],
      });
    });
  }

  it('has no gradient where the graph gives none that is finite and of the input’s shape', async () => {
    for (const answer of [
      {},
      { d_x: { dtype: 'float32', shape: [1, 3], data: Float32Array.of(1, Number.NaN, 0) } },
      { d_x: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 0) } },
    ] as readonly Tensors[]) {
      await assert.rejects(async () => answering(answer).gradient?.(feed([[0, 0, 0]]), 1), {
        code: 'model-unavailable',
        details: ['small', 'd_x'],
      });
    }
  });
});
