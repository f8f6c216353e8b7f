/** Networks in memory, for what explains them: a function of one patient's numbers, and its gradient. */
import { memoryNetwork } from '../../src/inference/memory-network.ts';
import type { Network } from '../../src/inference/network.ts';
import type { NetworkInput, NetworkManifest } from '../../src/inference/network-manifest.ts';
import { type Dtype, rowSize, type Tensor, type Tensors } from '../../src/inference/tensor.ts';

export function tensor(dtype: Dtype, shape: readonly number[], numbers: readonly number[]): Tensor {
  switch (dtype) {
    case 'int64':
      return { dtype, shape, data: BigInt64Array.from(numbers, BigInt) };
    case 'float32':
      return { dtype, shape, data: Float32Array.from(numbers) };
    case 'float64':
      return { dtype, shape, data: Float64Array.from(numbers) };
    case 'int32':
      return { dtype, shape, data: Int32Array.from(numbers) };
    case 'bool':
      return { dtype, shape, data: Uint8Array.from(numbers) };
  }
}

export const float64 = (shape: readonly number[], numbers: readonly number[]): Tensor =>
  tensor('float64', shape, numbers);

/** Numbers of one row. */
export const numbersAt = (given: Tensor | undefined, row = 0): readonly number[] => {
  if (given === undefined) return [];
  const size = rowSize(given);
  return Array.from(given.data.slice(row * size, (row + 1) * size), Number);
};

export const sum = (numbers: Iterable<number>): number =>
  [...numbers].reduce((total, each) => total + each, 0);
export const logit = (p: number): number => Math.log(p / (1 - p));
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

export const inputNamed = (
  name: string,
  axes: NetworkInput['axes'],
  more: Partial<NetworkInput> = {},
): NetworkInput => ({
  name,
  label: `Input ${name}`,
  axes,
  dtype: 'float64',
  valid: { min: -1000, max: 1000 },
  ...more,
});

/** Columns of one patient. */
export const columns = (...labels: readonly string[]): NetworkInput =>
  inputNamed('x', [{ name: 'feature', size: labels.length, labels: [...labels] }]);

type Explain = NonNullable<NetworkManifest['explain']>;

/** A network of one output `risk`, explained as the changes say. */
export const manifestOf = (
  inputs: readonly NetworkInput[],
  explain: Partial<Explain> = {},
  output: Partial<NetworkManifest['outputs'][number]> = {},
): NetworkManifest => ({
  kind: 'network',
  id: 'example',
  version: '1.0.0',
  title: 'Example',
  regulatoryTier: 'research',
  intendedUse: 'Tests',
  population: 'None',
  validation: 'None',
  cautions: ['Not for care'],
  license: 'Apache-2.0',
  citation: 'None',
  reviewBy: '2027-01-01',
  parity: `sha256:${'0'.repeat(64)}`,
  digest: `sha256:${'1'.repeat(64)}`,
  inputs: [...inputs],
  outputs: [
    {
      name: 'risk',
      label: 'Risk',
      axes: [],
      dtype: 'float64',
      kind: 'probability',
      range: { min: 0, max: 1 },
      ...output,
    },
  ],
  explain: {
    output: 'risk',
    scale: 'logit',
    players: [],
    methods: ['integrated-gradients'],
    background: { label: 'patients of the example', source: 'test' },
    ...explain,
  },
});

/** Input → elements of one patient. */
export type Patient = Readonly<Record<string, readonly number[]>>;
interface Slope {
  readonly axes: readonly number[];
  readonly numbers: readonly number[];
}

export interface Answers {
  readonly answer: (patient: Patient) => readonly number[];
  /** Output of the gradient graph → its elements. */
  readonly slope?: (patient: Patient) => Readonly<Record<string, Slope>>;
  readonly background?: Network['background'];
}

export interface Recorded {
  readonly network: Network;
  /** Rows of each call of the network and of its gradient, in order. */
  readonly runs: readonly number[];
  readonly slopes: readonly number[];
}

/** A network that computes row by row. */
export function networkOf(manifest: NetworkManifest, { answer, slope, background }: Answers): Recorded {
  const [runs, slopes]: [number[], number[]] = [[], []];
  const patientsOf = (feeds: Tensors, rows: number): readonly Patient[] =>
    Array.from({ length: rows }, (_, row) =>
      Object.fromEntries(manifest.inputs.map(({ name }) => [name, numbersAt(feeds[name], row)])),
    );
  const run = (feeds: Tensors, rows: number): Tensors => {
    runs.push(rows);
    const numbers = patientsOf(feeds, rows).flatMap(answer);
    const outputs = manifest.outputs.map(({ name, dtype, axes }) => {
      const shape = [rows, ...axes.map(({ size }) => size)];
      return [name, tensor(dtype, shape, numbers)] as const;
    });
    return Object.fromEntries(outputs);
  };
  const gradient = (feeds: Tensors, rows: number): Tensors => {
    slopes.push(rows);
    const each = patientsOf(feeds, rows).map((patient) => slope?.(patient) ?? {});
    const named = Object.entries(each[0] ?? {}).map(([name, { axes }]) => {
      const numbers = each.flatMap((one) => one[name]?.numbers ?? []);
      return [name, float64([rows, ...axes], numbers)] as const;
    });
    return Object.fromEntries(named);
  };
  const parts = { answer: run, ...(background === undefined ? {} : { background }) };
  const network = memoryNetwork(manifest, slope === undefined ? parts : { ...parts, slope: gradient });
  return { network, runs, slopes };
}
