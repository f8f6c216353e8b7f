/** What stops a network before it is served: file, field and rule. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { ModelPackageError } from '../../src/inference/package.ts';
import { openRegistry } from '../../src/inference/registry.ts';
import { startRunner } from '../../src/inference/runner/runner.ts';
import type { Golden } from '../../src/inference/runner/worker.ts';
import { sealPackage } from '../../src/inference/seal.ts';
import { type Graph, onnxBytes, type Value } from './graphs.ts';
import { models as clinical, folder as prevent } from './prevent.ts';
import {
  copied,
  type Files,
  gradient,
  network,
  numbers,
  patients,
  risk,
  withPackage,
} from './small-network.ts';

const opened = async (models: string | readonly string[]): Promise<void> =>
  (await openRegistry(models)).close();

const withInput = (graph: Graph, change: Partial<Value>): Graph => ({
  ...graph,
  inputs: graph.inputs.map((value) => ({ ...value, ...change })),
});
const withOutput = (graph: Graph, change: Partial<Value>): Graph => ({
  ...graph,
  outputs: graph.outputs.map((value) => ({ ...value, ...change })),
});
const model = (graph: Graph): Files => ({ '1/model.onnx': onnxBytes(graph) });
const slope = (graph: Graph): Files => ({ '1/gradient.onnx': onnxBytes(graph) });
/** The gradient scaled beyond what float32 holds. */
const steep: Graph = {
  ...gradient,
  constants: [...(gradient.constants ?? []), { name: 'big', dtype: 'float32', shape: [], data: [3e38] }],
  nodes: [
    ['Mul', ['x', 'q2'], 'xq'],
    ['Add', ['xq', 'w'], 'sum'],
    ['Mul', ['sum', 'big'], 'huge'],
    ['Mul', ['huge', 'big'], 'd_x'],
  ],
};
/** The log odds instead of the risk. */
const unsquashed: Graph = {
  ...network,
  nodes: [...network.nodes.slice(0, -1), ['Identity', ['logit'], 'risk']],
};
const vector = (change: object): Files => ({
  'parity.jsonl': JSON.stringify({
    id: 'small-1',
    input: { x: patients[1] },
    expected: { risk: [risk(patients[1] ?? [])] },
    tolerance: 1e-5,
    source: 'worked by hand',
    ...change,
  }),
});

describe('a network at the start', () => {
  for (const [title, change, file, field, rule] of [
    [
      'a graph that takes another name',
      model({
        ...withInput(network, { name: 'y' }),
        nodes: network.nodes.map(([kind, inputs, output]) => [
          kind,
          inputs.map((name) => (name === 'x' ? 'y' : name)),
          output,
        ]),
      }),
      '1/model.onnx',
      'input y',
      /not in both/,
    ],
    [
      'a graph that takes another number of columns',
      model({
        ...withInput(network, { shape: ['N', 4] }),
        constants: network.constants?.map((each) =>
          each.shape.length === 0 ? each : { ...each, shape: [4], data: [...each.data, 0] },
        ),
      }),
      '1/model.onnx',
      'input x',
      /^has not 3 positions along column$/,
    ],
    [
      'a graph for one patient only',
      model(withInput(network, { shape: [1, 3] })),
      '1/model.onnx',
      'input x',
      /number of patients open/,
    ],
    [
      'a graph that answers under another name',
      model({
        ...withOutput(network, { name: 'score' }),
        nodes: [...network.nodes.slice(0, -1), ['Sigmoid', ['logit'], 'score']],
      }),
      '1/model.onnx',
      'output risk',
      /not in both/,
    ],
    [
      'a graph that answers in another type',
      model({
        ...withOutput(network, { dtype: 'float64' }),
        nodes: [
          ...network.nodes.slice(0, -1),
          ['Sigmoid', ['logit'], 'narrow'],
          ['Cast', ['narrow'], 'risk', { to: 11 }],
        ],
      }),
      '1/model.onnx',
      'output risk',
      /^is not float32$/,
    ],
    ['a file that is no graph', { '1/model.onnx': 'not a graph' }, '1/model.onnx', '', /^cannot be loaded$/],
    [
      'an answer outside its range',
      model(unsquashed),
      'parity.jsonl',
      'risk',
      /^is answered outside its range$/,
    ],
    [
      'a vector that is not reproduced',
      vector({ expected: { risk: [0.123] } }),
      'parity.jsonl',
      'small-1: risk',
      /not reproduced/,
    ],
    [
      'a vector that lacks an output',
      vector({ expected: {} }),
      'parity.jsonl',
      'small-1: risk',
      /not reproduced/,
    ],
    [
      'a vector with an element more',
      vector({ expected: { risk: [0.1, 0.2] } }),
      'parity.jsonl',
      'small-1: risk',
      /not reproduced/,
    ],
    [
      'a vector with an output more',
      vector({ expected: { risk: [risk(patients[1] ?? [])], score: [1] } }),
      'parity.jsonl',
      'small-1: score',
      /not reproduced/,
    ],
    [
      'a vector without an input',
      vector({ input: {} }),
      'parity.jsonl',
      'small-1: x',
      /^has not 3 elements$/,
    ],
    [
      'a vector with an input more',
      vector({ input: { x: [0, 0, 0], y: [0] } }),
      'parity.jsonl',
      'small-1: y',
      /^is no input$/,
    ],
    [
      'a vector beyond the valid range',
      vector({ input: { x: [0, 0, 5] } }),
      'parity.jsonl',
      'small-1: x',
      /outside -4 to 4/,
    ],
    ['a gradient that is no graph', { '1/gradient.onnx': '' }, '1/gradient.onnx', '', /^cannot be loaded$/],
    ['the model itself as its gradient', slope(network), '1/gradient.onnx', 'output d_x', /not in both/],
    [
      'a gradient for one patient only',
      slope(withOutput(withInput(gradient, { shape: [1, 3] }), { shape: [1, 3] })),
      '1/gradient.onnx',
      'input x',
      /number of patients open/,
    ],
    ['a gradient without end', slope(steep), '1/gradient.onnx', 'd_x', /^is no finite slope/],
  ] as readonly (readonly [string, Files, string, string, RegExp])[]) {
    it(`refuses ${title}`, async () => {
      await withPackage(change, async ({ folder, models }) => {
        await sealPackage(folder);
        await assert.rejects(opened(models), (error) => {
          assert.ok(error instanceof ModelPackageError, String(error));
          assert.deepEqual([error.file, error.field], [`models/small/${file}`, field]);
          assert.match(error.rule, rule);
          return true;
        });
      });
    });
  }

  it('counts the tolerance relative to what is expected, where that is above 1', async () => {
    const counted = JSON.parse(JSON.stringify((await import('./small-network.ts')).manifestJson()));
    Object.assign(counted.outputs[0], { kind: 'number', range: { min: -1e6, max: 1e6 } });
    counted.explain.scale = 'identity';
    const large: Graph = {
      ...unsquashed,
      constants: [...(network.constants ?? []), { name: 'k', dtype: 'float32', shape: [], data: [1e4] }],
      nodes: [...network.nodes.slice(0, -1), ['Mul', ['logit', 'k'], 'risk']],
    };
    const expecting = (number: number): Files =>
      vector({ input: { x: [0, 0, 0] }, expected: { risk: [number] }, tolerance: 1e-4 });
    for (const [number, good] of [
      [-3000.2, true],
      [-3000.5, false],
    ] as const) {
      const files = { ...model(large), ...expecting(number), 'manifest.json': JSON.stringify(counted) };
      await withPackage(files, async ({ folder, models }) => {
        await sealPackage(folder);
        await (good ? opened(models) : assert.rejects(opened(models), /small-1: risk: is not reproduced/));
      });
    }
  });

  it('is opened with other folders; an id twice is an error', async () => {
    await withPackage({}, async ({ folder, models }) => {
      await sealPackage(folder);
      const other = copied(prevent, 'prevent');
      try {
        const registry = await openRegistry([models, other]);
        assert.deepEqual([registry.ids(), registry.networkIds()], [['prevent'], ['small']]);
        await registry.close();
        await assert.rejects(
          opened([clinical, other]),
          /models\/prevent\/manifest\.json: id: is the id of two packages/,
        );
      } finally {
        rmSync(other, { recursive: true });
      }
    });
  });

  it('tells the runner what each graph answered to its vectors, clinical models too', async () => {
    const told = new Map<string, Golden>();
    const runner = Object.assign(startRunner(), {
      prove: async (name: string, golden: Golden): Promise<void> => void told.set(name, golden),
    });
    await withPackage({}, async ({ folder, models }) => {
      await sealPackage(folder);
      const other = copied(prevent, 'prevent');
      await (await openRegistry([models, other], { runner })).close();
      rmSync(other, { recursive: true });
    });
    assert.deepEqual([...told.keys()].sort(), ['prevent', 'small', 'small/gradient']);
    const small = told.get('small');
    assert.equal(small?.batch.rows, patients.length);
    for (const [at, value] of numbers(small?.outputs.risk).entries()) {
      assert.ok(Math.abs(value - risk(patients[at] ?? [])) < 1e-6);
    }
    assert.equal(told.get('prevent')?.batch.rows, 160);
  });

  it('does not start where a process answers otherwise', async () => {
    const runner = Object.assign(startRunner(), {
      prove: () => Promise.reject(new Error('by 0.1 in risk')),
    });
    await withPackage({}, async ({ folder, models }) => {
      await sealPackage(folder);
      await assert.rejects(
        openRegistry(models, { runner }),
        /small\/1\/model\.onnx: is not answered alike by every process/,
      );
    });
  });
});
