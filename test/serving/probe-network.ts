/** A network of this test's own beside the clinical models: a float series, tokens, flags. No process computes it. */
import { memoryNetwork } from '../../src/inference/memory-network.ts';
import type { Network } from '../../src/inference/network.ts';
import { type NetworkManifest, networkShape } from '../../src/inference/network-manifest.ts';
import type { Urgency } from '../../src/inference/urgency.ts';
import type { ServedModels } from '../../src/serving/data-plane.ts';

const seal = `sha256:${'0'.repeat(64)}`;
const text = 'For tests.';

export const hours = 3;
export const channels = 2;

const manifest: NetworkManifest = networkShape.parse({
  kind: 'network',
  id: 'probe',
  version: '2.1.0',
  title: 'Probe',
  regulatoryTier: 'research',
  intendedUse: text,
  population: text,
  validation: text,
  cautions: [text],
  license: 'Apache-2.0',
  citation: text,
  reviewBy: '2030-01-01',
  parity: seal,
  digest: seal,
  inputs: [
    {
      name: 'series',
      label: 'Series',
      dtype: 'float32',
      unit: 'mmol/L',
      axes: [
        { name: 'hour', size: hours },
        { name: 'channel', size: channels, labels: ['urea', 'potassium'] },
      ],
      valid: { min: -10, max: 10 },
      missing: 'nan',
    },
    {
      name: 'tokens',
      label: 'Tokens',
      dtype: 'int64',
      axes: [{ name: 'position', size: 4 }],
      valid: { min: 0, max: 99 },
    },
    { name: 'age', label: 'Age', dtype: 'float64', unit: 'a', axes: [], valid: { min: 0, max: 120 } },
  ],
  outputs: [
    {
      name: 'echo',
      label: 'The series',
      dtype: 'float32',
      kind: 'number',
      axes: [
        { name: 'hour', size: hours },
        { name: 'channel', size: channels },
      ],
      range: { min: -10, max: 10 },
    },
    {
      name: 'last',
      label: 'The tokens',
      dtype: 'int64',
      kind: 'number',
      axes: [{ name: 'position', size: 4 }],
      range: { min: 0, max: 99 },
    },
    {
      name: 'risk',
      label: 'Risk',
      dtype: 'float64',
      kind: 'probability',
      axes: [],
      range: { min: 0, max: 1 },
    },
  ],
});

const computed = memoryNetwork(manifest, {
  answer: ({ series, tokens, age }, rows) => ({
    ...(series?.dtype === 'float32'
      ? { echo: { ...series, data: series.data.map((value) => (Number.isNaN(value) ? 0 : value)) } }
      : {}),
    ...(tokens === undefined ? {} : { last: tokens }),
    risk: {
      dtype: 'float64',
      shape: [rows],
      data: Float64Array.from({ length: rows }, (_, row) => Number(age?.data[row]) / 120),
    },
  }),
});

/** The models with the probe. @param told how urgent each run was */
export function withProbe(models: ServedModels, told: Urgency[] = []): ServedModels {
  const probe: Network = {
    ...computed,
    run: (feeds, rows, urgency = {}, only) => {
      told.push(urgency);
      return computed.run(feeds, rows, urgency, only);
    },
  };
  return { get: models.get, ids: models.ids, network: () => probe, networkIds: () => ['probe'] };
}

export interface ProbeInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly data?: unknown;
  readonly parameters?: object;
}

/** Two patients, every input whole. */
export const probeInputs: readonly ProbeInput[] = [
  {
    name: 'series',
    shape: [2, hours, channels],
    datatype: 'FP32',
    data: [0.5, 1.5, 2.5, -3.5, 4.5, 5.5, 6.5, 7.5, 8.5, -9.5, 0, 1],
  },
  { name: 'tokens', shape: [2, 4], datatype: 'INT64', data: [1, 2, 3, 0, 4, 5, 0, 0] },
  { name: 'age', shape: [2], datatype: 'FP64', data: [60, 30] },
];

/** An element array in bytes, written apart from the code under test. */
export function rawOf({ datatype, data }: ProbeInput): Buffer {
  const numbers = (data as readonly (number | null)[]).map((each) => each ?? Number.NaN);
  const view = new DataView(new ArrayBuffer(numbers.length * (datatype === 'FP32' ? 4 : 8)));
  for (const [at, value] of numbers.entries()) {
    if (datatype === 'FP32') view.setFloat32(at * 4, value, true);
    else if (datatype === 'FP64') view.setFloat64(at * 8, value, true);
    else view.setBigInt64(at * 8, BigInt(value), true);
  }
  return Buffer.from(view.buffer);
}
