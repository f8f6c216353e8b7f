/** Clinical models whose graphs take one packed tensor, float32 or whole numbers, as exported from training libraries. */
import assert from 'node:assert/strict';
import type { Json } from '../../src/inference/digest.ts';
import { manifestSchema } from '../../src/inference/manifest.ts';
import type { Model } from '../../src/inference/model.ts';
import { predict } from '../../src/inference/predict.ts';
import { type ModelRegistry, openRegistry } from '../../src/inference/registry.ts';
import { sealPackage } from '../../src/inference/seal.ts';
import { type Graph, onnxBytes } from './graphs.ts';
import { type Files, withPackage } from './small-network.ts';

const weights = [0.02, 0.9, -0.4, 0.3] as const;
const bias = -2;

/** As scikit-learn and XGBoost export a classifier: [N, 4] in, the probabilities of both classes out. */
const packed: Graph = {
  inputs: [{ name: 'x', dtype: 'float32', shape: ['', 4] }],
  outputs: [{ name: 'probabilities', dtype: 'float32', shape: ['', 2] }],
  constants: [
    { name: 'w', dtype: 'float32', shape: [4, 2], data: weights.flatMap((weight) => [0, weight]) },
    { name: 'b', dtype: 'float32', shape: [2], data: [0, bias] },
  ],
  nodes: [
    ['MatMul', ['x', 'w'], 'xw'],
    ['Add', ['xw', 'b'], 'logits'],
    ['Softmax', ['logits'], 'probabilities', { axis: 1 }],
  ],
};

/** [N] of each type: age in years as int64, creatinine as float32. */
const mixed: Graph = {
  inputs: [
    { name: 'age', dtype: 'int64', shape: ['N'] },
    { name: 'creatinine', dtype: 'float32', shape: ['N'] },
  ],
  outputs: [{ name: 'ratio', dtype: 'float32', shape: ['N'] }],
  nodes: [
    ['Cast', ['age'], 'years', { to: 1 }],
    ['Div', ['creatinine', 'years'], 'ratio'],
  ],
};

const unsealed = `sha256:${'0'.repeat(64)}`;
const about = {
  id: 'packed',
  version: '1.0.0',
  title: 'Packed',
  regulatoryTier: 'research',
  intendedUse: 'Tests.',
  population: 'Nobody.',
  validation: 'None.',
  cautions: ['Not for care.'],
  license: 'Apache-2.0',
  citation: 'None.',
  reviewBy: '2027-01-01',
  parity: unsealed,
  digest: unsealed,
};
const place = (at: number) => ({ tensor: 'x', at, dtype: 'float32' });
const inputs = [
  {
    ...place(0),
    name: 'age',
    label: 'Age',
    value: 'age',
    kind: 'number',
    unit: 'a',
    valid: { min: 18, max: 110 },
    ifMissing: 'abstain',
  },
  {
    ...place(1),
    name: 'smoker',
    label: 'Smoker',
    value: 'smoker',
    kind: 'boolean',
    codes: { false: 0, true: 1 },
    ifMissing: 'abstain',
  },
  {
    ...place(3),
    name: 'albumin',
    label: 'Albumin',
    value: 'albumin',
    kind: 'number',
    unit: 'g/dL',
    valid: { min: 0.1, max: 7 },
    ifMissing: { tensor: 'x', at: 2, fill: 4.1 },
  },
] as const;
const outputs = [
  {
    name: 'risk',
    tensor: 'probabilities',
    at: 1,
    dtype: 'float32',
    label: 'Risk',
    kind: 'probability',
    horizon: 'P1Y',
    unit: '1',
    rounding: { unit: '%', decimals: 0, mode: 'half-up' },
  },
] as const;
const manifestJson = (): Record<string, Json> => JSON.parse(JSON.stringify({ ...about, inputs, outputs }));

/** In float64, by hand. */
function risk(age: number, smoker: boolean, albumin: number | null): number {
  const row = [age, smoker ? 1 : 0, albumin === null ? 1 : 0, albumin ?? 4.1];
  const sum = row.reduce((total, value, at) => total + value * (weights[at] ?? 0), bias);
  return 1 / (1 + Math.exp(-sum));
}

const patients = [
  [50, false, 3.5],
  [70.25, true, null],
  [18, true, 7],
] as const;
const parity = patients.map(([age, smoker, albumin], at) =>
  JSON.stringify({
    id: `packed-${at}`,
    input: { age, smoker, albumin },
    expected: { risk: risk(age, smoker, albumin) },
    labels: {},
    tolerance: 1e-6,
    source: 'worked by hand',
  }),
);
const files = (manifest: object, graph: Graph, vectors: readonly string[]): Files => ({
  'manifest.json': JSON.stringify(manifest),
  '1/model.onnx': onnxBytes(graph),
  'parity.jsonl': `${vectors.join('\n')}\n`,
});

async function withModel(given: Files, use: (model: Model) => Promise<void>): Promise<void> {
  await withPackage(
    given,
    async ({ folder, models, remove }) => {
      for (const name of ['1/gradient.onnx', 'background.json']) remove(name);
      await sealPackage(folder);
      const registry: ModelRegistry = await openRegistry(models);
      try {
        await use(registry.get('packed'));
      } finally {
        await registry.close();
      }
    },
    'packed',
  );
}

describe('clinical model with packed inputs', () => {
  it('is served from one float32 tensor and one column of its answer', async () => {
    await withModel(files(manifestJson(), packed, parity), async (model) => {
      for (const [age, smoker, albumin] of patients) {
        const given = new Map<string, number | boolean | null>(Object.entries({ age, smoker, albumin }));
        const result = await predict(model, given);
        assert.ok(result.kind === 'prediction', JSON.stringify(result));
        const value = result.outputs.risk ?? Number.NaN;
        assert.ok(Math.abs(value - risk(age, smoker, albumin)) < 1e-6);
        assert.equal(value, Math.fround(value), 'widened exactly');
      }
    });
  });

  it('keeps rows and columns apart in a batch', async () => {
    await withModel(files(manifestJson(), packed, parity), async (model) => {
      const rows = Array.from({ length: 2500 }, (_, at) => ({
        age: 18 + (at % 90),
        smoker: at % 2,
        albumin: at % 3 === 0 ? null : 3 + (at % 4),
      }));
      const answers = await model.run(rows);
      assert.equal(answers.length, rows.length);
      for (const [at, { age, smoker, albumin }] of rows.entries()) {
        const value = answers[at]?.risk ?? Number.NaN;
        assert.ok(Math.abs(value - risk(age, smoker === 1, albumin)) < 1e-5, `row ${at}`);
      }
    });
  });

  it('abstains, as any model, for what is missing or outside its range', async () => {
    await withModel(files(manifestJson(), packed, parity), async (model) => {
      const result = await predict(model, new Map([['age', 17]]));
      assert.ok(result.kind === 'abstention');
      assert.deepEqual(
        result.because.map(({ input, reason }) => [input, reason]),
        [
          ['age', 'out-of-range'],
          ['smoker', 'missing'],
        ],
      );
    });
  });

  it('refuses a number that float32 cannot hold, by name and without the number', async () => {
    await withModel(files(manifestJson(), packed, parity), async (model) => {
      await assert.rejects(model.run([{ age: 1e39, smoker: 0, albumin: 4 }]), {
        code: 'malformed-inference',
        details: ['age: is no number that float32 holds'],
      });
    });
  });

  const age = { ...inputs[0], tensor: 'age', at: undefined, dtype: 'int64' };
  const creatinine = {
    ...inputs[0],
    tensor: 'creatinine',
    at: undefined,
    name: 'creatinine',
    value: 'creatinine',
  };
  const ratio = {
    name: 'ratio',
    tensor: 'ratio',
    dtype: 'float32',
    label: 'Ratio',
    kind: 'number',
    unit: '1',
    range: { min: 0, max: 10 },
    rounding: { decimals: 2, mode: 'half-up' },
  };
  const vector = JSON.stringify({
    id: 'packed-1',
    input: { age: 50, creatinine: 25 },
    expected: { ratio: 0.5 },
    labels: {},
    tolerance: 0,
    source: 'worked by hand',
  });
  const whole = { ...age, valid: { min: 18, max: 110, integer: true } };

  it('takes whole numbers as int64, each input in its own type', async () => {
    const manifest = { ...about, inputs: [whole, creatinine], outputs: [ratio] };
    await withModel(files(manifest, mixed, [vector]), async (model) => {
      assert.deepEqual(await model.run([{ age: 40, creatinine: 30 }]), [{ ratio: 0.75 }]);
      await assert.rejects(model.run([{ age: 40.5, creatinine: 30 }]), {
        code: 'malformed-inference',
        details: ['age: is no number that int64 holds'],
      });
    });
  });

  it('refuses a manifest whose columns or types are not the graph’s', async () => {
    const other = (change: object, graph: Graph = packed) =>
      files({ ...manifestJson(), ...change }, graph, parity);
    const wider: Graph = { ...packed, inputs: [{ name: 'x', dtype: 'float32', shape: ['N', 5] }] };
    const wide: Graph = {
      ...wider,
      constants: [
        { name: 'w', dtype: 'float32', shape: [5, 2], data: new Array<number>(10).fill(0) },
        ...(packed.constants ?? []).slice(1),
      ],
    };
    for (const [given, expected] of [
      [other({}, wide), /input x: is not of shape \[rows,4\]/],
      [other({ inputs: inputs.map((input) => ({ ...input, dtype: 'float64' })) }), /input x: is not float64/],
      [other({ outputs: [{ ...outputs[0], dtype: undefined }] }), /output probabilities: is not float64/],
      [other({ outputs: [{ ...outputs[0], at: 2 }] }), /probabilities: cannot be computed/],
      [other({ outputs: [{ ...outputs[0], at: undefined }] }), /probabilities: cannot be computed/],
      [other({ outputs: [{ ...outputs[0], at: 0 }] }), /packed-0: risk: is not reproduced/],
    ] as const) {
      await assert.rejects(
        withModel(given, async () => {}),
        expected,
      );
    }
  });

  for (const [title, change, expected] of [
    ['a column that is left out', [inputs[0], inputs[2]], 'inputs: tensor x has no input at column 1'],
    [
      'a column given twice',
      [...inputs, { ...inputs[0], name: 'weight' }],
      'inputs: tensor x at 0 is given twice',
    ],
    [
      'a tensor with a column and without',
      [inputs[0], inputs[1], { ...inputs[2], at: undefined }],
      'inputs: tensor x is given with a column and without',
    ],
    [
      'two types in a tensor',
      [inputs[0], { ...inputs[1], dtype: 'float64' }, inputs[2]],
      'inputs: tensor x has inputs of more than one dtype',
    ],
    ['fractions as int64', [age], 'inputs.0.dtype: int64 holds whole numbers within 2^53 only'],
    [
      'a bound beyond float32',
      [{ ...inputs[0], valid: { min: 0, max: 1e39 } }, inputs[1], inputs[2]],
      'inputs.0.dtype: float32 does not reach so far',
    ],
  ] as const) {
    it(`refuses ${title}`, () => {
      const read = manifestSchema.safeParse({ ...about, inputs: change, outputs });
      const found = read.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
      assert.ok(found.includes(expected), found.join('\n'));
    });
  }
});
