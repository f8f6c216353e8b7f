/** A network asked in tensors: whole arrays in and out, under its own names, without an object for an element. */
import type { Network } from '../inference/network.ts';
import type { NetworkInput, NetworkManifest, NetworkOutput } from '../inference/network-manifest.ts';
import { datatypes, type Tensor as GraphTensor } from '../inference/tensor.ts';
import type { Urgency } from '../inference/urgency.ts';
import type { InferRequest } from './data-plane.ts';
import type { TensorMetadata } from './signature.ts';
import { refuse, type Tensor } from './tensor.ts';

/** @throws Refusal, Fault malformed-inference; Fault model-unavailable, deadline-passed, overloaded */
export async function askNetwork(
  network: Network,
  { inputs, outputs: wanted }: InferRequest,
  urgency: Urgency,
): Promise<readonly Tensor[]> {
  const { manifest } = network;
  const feeds = feedsOf(manifest, inputs);
  const rows = inputs[0]?.shape[0] ?? 0;
  const names = wanted ?? manifest.outputs.map(({ name }) => name);
  const given = await network.run(feeds, rows, urgency, names);
  return names.flatMap((name) => {
    const tensor = given[name];
    return tensor === undefined ? [] : [{ name, ...wireTensor(tensor) }];
  });
}

/** @throws Refusal malformed-inference */
export function feedsOf(
  { inputs: known }: NetworkManifest,
  tensors: readonly Tensor[],
): Readonly<Record<string, GraphTensor>> {
  const rows = tensors[0]?.shape[0];
  const feeds = tensors.map((tensor, at) => {
    const input = known.find(({ name }) => name === tensor.name);
    const rule = ruleBroken(tensor, input, rows);
    if (rule !== undefined) throw refuse(`inputs[${at}]`, rule);
    return [tensor.name, graphTensor(tensor, `inputs[${at}]`)] as const;
  });
  const given = new Set(tensors.map(({ name }) => name));
  const absent = known.filter(({ name }) => !given.has(name));
  if (absent.length > 0) throw refuse('inputs', `${absent.map(({ name }) => name).join(', ')} missing`);
  return Object.fromEntries(feeds);
}

function ruleBroken(
  { name, datatype, shape, missing }: Tensor,
  input: NetworkInput | undefined,
  rows: number | undefined,
): string | undefined {
  if (input === undefined) return 'the model has no such input';
  const expected = datatypes[input.dtype];
  if (datatype !== expected) return `${name} is taken as ${expected}`;
  if (missing !== undefined) return `${name} holds null, and ${datatype} has no NaN`;
  if (shape[0] !== rows) return 'has another number of rows than the first';
  const axes = ['rows', ...input.axes.map(({ name: axis, size }) => `${axis} ${size}`)];
  const fits = shape.length === axes.length && input.axes.every(({ size }, at) => shape[at + 1] === size);
  return fits ? undefined : `${name} has the shape [${axes.join(', ')}]`;
}

function graphTensor(tensor: Tensor, where: string): GraphTensor {
  const { shape } = tensor;
  switch (tensor.datatype) {
    case 'FP64':
      return { dtype: 'float64', shape, data: tensor.data };
    case 'FP32':
      return { dtype: 'float32', shape, data: tensor.data };
    case 'INT64':
      return { dtype: 'int64', shape, data: tensor.data };
    case 'INT32':
      return { dtype: 'int32', shape, data: tensor.data };
    case 'BOOL':
      return { dtype: 'bool', shape, data: tensor.data };
    case 'BYTES':
      throw refuse(where, 'no network takes words');
  }
}

function wireTensor(tensor: GraphTensor) {
  const { shape } = tensor;
  switch (tensor.dtype) {
    case 'float64':
      return { datatype: 'FP64', shape, data: tensor.data } as const;
    case 'float32':
      return { datatype: 'FP32', shape, data: tensor.data } as const;
    case 'int64':
      return { datatype: 'INT64', shape, data: tensor.data } as const;
    case 'int32':
      return { datatype: 'INT32', shape, data: tensor.data } as const;
    case 'bool':
      return { datatype: 'BOOL', shape, data: tensor.data } as const;
  }
}

/** What is said of a network's tensors, in its manifest's words. */
export const networkMetadata = ({ inputs, outputs }: NetworkManifest) => ({
  inputs: inputs.map((input) =>
    metadataOf(input, {
      ...rangeOf(input.valid),
      ...(input.missing === undefined ? {} : { missing: 'nan' }),
    }),
  ),
  outputs: outputs.map((output) => metadataOf(output, { kind: output.kind, ...rangeOf(output.range) })),
});

const rangeOf = ({ min, max }: NetworkInput['valid']) => ({ min, max });

/** `axes`: their names, comma-separated, after the rows; `labels`: JSON, axis → a word for each position. */
function metadataOf(
  { name, label, dtype, unit, axes }: NetworkInput | NetworkOutput,
  more: TensorMetadata['parameters'],
): TensorMetadata {
  const labels = axes.flatMap((axis) => (axis.labels === undefined ? [] : [[axis.name, axis.labels]]));
  return {
    name,
    datatype: datatypes[dtype],
    shape: [-1, ...axes.map(({ size }) => size)],
    parameters: {
      label,
      ...(unit === undefined ? {} : { unit }),
      axes: axes.map((axis) => axis.name).join(','),
      ...(labels.length === 0 ? {} : { labels: JSON.stringify(Object.fromEntries(labels)) }),
      ...more,
    },
  };
}
