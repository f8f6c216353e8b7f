/** A small network as a package: risk = sigmoid(x·w + x²·q + b) of three numbers, and the gradient of its log odds. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type NetworkManifest, networkManifestSchema } from '../../src/inference/network-manifest.ts';
import type { Tensor, Tensors } from '../../src/inference/tensor.ts';
import { type Graph, onnxBytes, type Value } from './graphs.ts';
import { folder as shipped } from './prevent.ts';

export const weights = { linear: [0.8, -0.5, 0.25], square: [0.1, 0, -0.2], bias: -0.3 } as const;

const x: Value = { name: 'x', dtype: 'float32', shape: ['N', 3] };
const vector = (name: string, data: readonly number[]) =>
  ({ name, dtype: 'float32', shape: [data.length], data }) as const;

export const network: Graph = {
  inputs: [x],
  outputs: [{ name: 'risk', dtype: 'float32', shape: ['N'] }],
  constants: [
    vector('w', weights.linear),
    vector('q', weights.square),
    { ...vector('b', [weights.bias]), shape: [] },
  ],
  nodes: [
    ['MatMul', ['x', 'w'], 'xw'],
    ['Mul', ['x', 'x'], 'xx'],
    ['MatMul', ['xx', 'q'], 'xxq'],
    ['Add', ['xw', 'xxq'], 'sum'],
    ['Add', ['sum', 'b'], 'logit'],
    ['Sigmoid', ['logit'], 'risk'],
  ],
};

export const gradient: Graph = {
  inputs: [x],
  outputs: [{ name: 'd_x', dtype: 'float32', shape: ['N', 3] }],
  constants: [
    vector('w', weights.linear),
    vector(
      'q2',
      weights.square.map((each) => 2 * each),
    ),
  ],
  nodes: [
    ['Mul', ['x', 'q2'], 'xq'],
    ['Add', ['xq', 'w'], 'd_x'],
  ],
};

/** In float64, by hand. */
export function risk(patient: readonly number[]): number {
  const sum = patient.reduce(
    (total, value, at) =>
      total + value * (weights.linear[at] ?? 0) + value * value * (weights.square[at] ?? 0),
    weights.bias,
  );
  return 1 / (1 + Math.exp(-sum));
}

export const patients: readonly (readonly number[])[] = [
  [0, 0, 0],
  [1, 2, -1],
  [-3, 0.5, 2],
  [4, -4, 4],
];

const line = (patient: readonly number[], at: number): string =>
  JSON.stringify({
    id: `small-${at + 1}`,
    input: { x: patient },
    expected: { risk: [risk(patient)] },
    tolerance: 1e-5,
    source: 'worked by hand',
  });

const unsealed = `sha256:${'0'.repeat(64)}`;
const columns = { name: 'column', size: 3, labels: ['age', 'urea', 'pulse'] };

/** Unsealed; a fresh copy each time: a test may bend it. */
export const manifestJson = () => ({
  id: 'small',
  version: '1.0.0',
  title: 'Small network',
  kind: 'network',
  regulatoryTier: 'research',
  intendedUse: 'Tests.',
  population: 'Nobody.',
  validation: 'None.',
  cautions: ['Not for care.'],
  license: 'Apache-2.0',
  citation: 'None.',
  reviewBy: '2027-01-01',
  inputs: [
    { name: 'x', label: 'Columns', dtype: 'float32', axes: [{ ...columns }], valid: { min: -4, max: 4 } },
  ],
  outputs: [
    {
      name: 'risk',
      label: 'Risk',
      dtype: 'float32',
      axes: [],
      kind: 'probability',
      range: { min: 0, max: 1 },
    },
  ],
  explain: {
    output: 'risk',
    scale: 'logit',
    players: [{ input: 'x', by: 'position', axis: 'column' }],
    methods: ['exact-shapley', 'integrated-gradients'],
    background: { label: 'two people', source: 'made for the test' },
  },
  parity: unsealed,
  background: unsealed,
  gradient: unsealed,
  digest: unsealed,
});

/** Read, not sealed. */
export const manifest: NetworkManifest = networkManifestSchema.parse(manifestJson());

export const feed = (rows: readonly (readonly number[])[]): Tensors => ({
  x: { dtype: 'float32', shape: [rows.length, 3], data: Float32Array.from(rows.flat()) },
});

export const numbers = (tensor: Tensor | undefined): readonly number[] =>
  Array.from(tensor?.data ?? [], Number);

/** What lies in the package's folder, by name: text or bytes. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

const files = (): Files => ({
  'manifest.json': JSON.stringify(manifestJson()),
  '1/model.onnx': onnxBytes(network),
  '1/gradient.onnx': onnxBytes(gradient),
  'parity.jsonl': `${patients.map(line).join('\n')}\n`,
  'background.json': JSON.stringify({
    rows: 2,
    inputs: {
      x: [
        [0, 0, 0],
        [1, 1, 1],
      ],
    },
  }),
  'MODEL_CARD.md': '# Small network\n',
  'source-attributes.json': readFileSync(join(shipped, 'source-attributes.json'), 'utf8'),
});

export interface Written {
  /** The folder of packages, and the package in it. */
  readonly models: string;
  readonly folder: string;
  readonly write: (name: string, content: string | Uint8Array) => void;
  readonly remove: (name: string) => void;
}

/** Runs on a throw-away folder that holds the package, its files changed by those given; nothing is sealed yet. */
export async function withPackage<T>(
  change: Files,
  use: (written: Written) => Promise<T>,
  id = 'small',
): Promise<T> {
  const models = mkdtempSync(join(tmpdir(), 'auscult-networks-'));
  const folder = join(models, id);
  const write = (name: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  try {
    for (const [name, content] of Object.entries({ ...files(), ...change })) write(name, content);
    return await use({ models, folder, write, remove: (name) => rmSync(join(folder, name)) });
  } finally {
    rmSync(models, { recursive: true });
  }
}

/** A second folder of packages beside the first: the package again. */
export const copied = (folder: string, id: string): string => {
  const models = mkdtempSync(join(tmpdir(), 'auscult-networks-'));
  cpSync(folder, join(models, id), { recursive: true });
  return models;
};
