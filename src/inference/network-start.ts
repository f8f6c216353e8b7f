/** What a network's graphs must take, give and reproduce before it is served. */
import { asFault } from '../errors.ts';
import { loaded, proven, type StartRunner } from './model-start.ts';
import type { Network } from './network.ts';
import type { NetworkInput, NetworkManifest } from './network-manifest.ts';
import { type NetworkPackage, type NetworkVector, patientsTensor } from './network-package.ts';
import { isOpen } from './onnx-model.ts';
import { gradientName, gradientOutputs, onnxNetwork } from './onnx-network.ts';
import { ModelPackageError } from './package.ts';
import type { Signature, TensorType } from './runner/protocol.ts';
import type { Tensor, Tensors } from './tensor.ts';

/** @throws ModelPackageError when a graph is not the manifest's, or does not reproduce the package's vectors */
export async function startNetwork(sealed: NetworkPackage, runner: StartRunner): Promise<Network> {
  const { manifest, folder, parity } = sealed;
  const file = `${folder}/1/model.onnx`;
  checkNetworkSignature(manifest, await loaded(runner, manifest.id, sealed.model, file), folder);
  const network = onnxNetwork(sealed, runner);
  const [rows, feeds] = [parity.length, vectorFeeds(sealed)];
  const outputs = await checkNetworkParity(network, feeds, sealed);
  const fetches = manifest.outputs.map(({ name }) => name);
  await proven(runner, manifest.id, { batch: { rows, feeds, fetches }, outputs }, file);
  if (sealed.gradient !== undefined) await startGradient(sealed, sealed.gradient, network, feeds, runner);
  return network;
}

async function startGradient(
  { manifest, folder, parity: { length: rows } }: NetworkPackage,
  bytes: Uint8Array,
  network: Network,
  feeds: Tensors,
  runner: StartRunner,
): Promise<void> {
  const [model, file] = [gradientName(manifest.id), `${folder}/1/gradient.onnx`];
  checkGradientSignature(manifest, await loaded(runner, model, bytes, file), folder);
  const outputs = await network.gradient?.(feeds, rows).catch((thrown: unknown) => {
    const [, output] = asFault(thrown).details;
    throw new ModelPackageError(file, output ?? '', 'is no finite slope at the vectors', thrown);
  });
  const batch = { rows, feeds, fetches: gradientOutputs(manifest) };
  if (outputs !== undefined) await proven(runner, model, { batch, outputs }, file);
}

type Declared = Pick<NetworkInput, 'name' | 'dtype' | 'axes'>;

/** @throws ModelPackageError when the graph does not take and give what the manifest says, for any number of patients */
export function checkNetworkSignature(manifest: NetworkManifest, signature: Signature, folder: string): void {
  const file = `${folder}/1/model.onnx`;
  checkInputs(manifest, signature, file);
  for (const output of manifest.outputs) expectTensor(output, signature.outputs, 'output', file);
}

/** The same for 1/gradient.onnx: a slope like its input for each; for Grad-CAM two stacks of maps of one shape. */
export function checkGradientSignature(
  manifest: NetworkManifest,
  signature: Signature,
  folder: string,
): void {
  const file = `${folder}/1/gradient.onnx`;
  checkInputs(manifest, signature, file);
  for (const name of gradientOutputs(manifest)) {
    const input = manifest.inputs.find((each) => name === `d_${each.name}`);
    if (input !== undefined) expectTensor({ ...input, name }, signature.outputs, 'output', file);
    else expectMaps(name, signature.outputs, file);
  }
}

function checkInputs({ inputs }: NetworkManifest, signature: Signature, file: string): void {
  const unknown = signature.inputs.find(({ name }) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    throw new ModelPackageError(file, `input ${unknown.name}`, 'is not in both the manifest and the graph');
  }
  for (const input of inputs) expectTensor(input, signature.inputs, 'input', file);
}

function expectTensor(
  { name, dtype, axes }: Declared,
  given: readonly TensorType[],
  what: 'input' | 'output',
  file: string,
): void {
  const tensor = found(name, given, what, file);
  const wrong = (rule: string): ModelPackageError => new ModelPackageError(file, `${what} ${name}`, rule);
  if (tensor.type !== dtype) throw wrong(`is not ${dtype}`);
  if (!isOpen(tensor.shape[0])) throw wrong('does not leave the number of patients open');
  if (tensor.shape.length !== axes.length + 1) throw wrong(`has not ${axes.length} axes after the patients`);
  const odd = axes.find(({ size }, at) => tensor.shape[at + 1] !== size && !isOpen(tensor.shape[at + 1]));
  if (odd !== undefined) throw wrong(`has not ${odd.size} positions along ${odd.name}`);
}

function expectMaps(name: string, given: readonly TensorType[], file: string): void {
  const { type, shape } = found(name, given, 'output', file);
  const maps = (type === 'float32' || type === 'float64') && shape.length === 4 && isOpen(shape[0]);
  if (!maps) throw new ModelPackageError(file, `output ${name}`, 'is not [rows, channels, height, width]');
}

function found(
  name: string,
  given: readonly TensorType[],
  what: 'input' | 'output',
  file: string,
): TensorType {
  const tensor = given.find((each) => each.name === name);
  if (tensor !== undefined) return tensor;
  throw new ModelPackageError(file, `${what} ${name}`, 'is not in both the manifest and the graph');
}

/** The vectors' patients as one batch. @throws ModelPackageError naming the vector and the rule that it breaks */
export function vectorFeeds({ manifest, parity, folder }: NetworkPackage): Tensors {
  const file = `${folder}/parity.jsonl`;
  for (const { id, input } of parity) {
    const unknown = Object.keys(input).find((given) => !manifest.inputs.some(({ name }) => name === given));
    if (unknown !== undefined) throw new ModelPackageError(file, `${id}: ${unknown}`, 'is no input');
    for (const known of manifest.inputs) {
      const tensor = patientsTensor(known, [input[known.name] ?? []], 1);
      if (typeof tensor === 'string') throw new ModelPackageError(file, `${id}: ${known.name}`, tensor);
    }
  }
  const feeds = manifest.inputs.flatMap((known) => {
    const patients = parity.map(({ input }) => input[known.name] ?? []);
    const tensor = patientsTensor(known, patients, parity.length);
    return typeof tensor === 'string' ? [] : [[known.name, tensor] as const];
  });
  return Object.fromEntries(feeds);
}

/**
 * What the network made of its vectors.
 * @throws ModelPackageError naming the first vector and output that are not reproduced; an answer outside its range
 *   names the output
 */
export async function checkNetworkParity(
  network: Network,
  feeds: Tensors,
  { parity, folder }: Pick<NetworkPackage, 'parity' | 'folder'>,
): Promise<Tensors> {
  const file = `${folder}/parity.jsonl`;
  const answer = await network.run(feeds, parity.length).catch((thrown: unknown) => {
    const [, output] = asFault(thrown).details;
    const rule = output === undefined ? 'cannot be computed' : 'is answered outside its range';
    throw new ModelPackageError(file, output ?? '', rule, thrown);
  });
  for (const [row, vector] of parity.entries()) {
    const wrong = difference(network.manifest, vector, answer, row);
    if (wrong !== undefined) throw new ModelPackageError(file, `${vector.id}: ${wrong}`, 'is not reproduced');
  }
  return answer;
}

function difference(
  { outputs }: NetworkManifest,
  { expected, tolerance }: NetworkVector,
  answer: Tensors,
  row: number,
): string | undefined {
  const unknown = Object.keys(expected).find((given) => !outputs.some(({ name }) => name === given));
  const odd = outputs.find(({ name }) => {
    const values = patientOf(answer[name], row);
    const wanted = expected[name];
    if (wanted === undefined || wanted.length !== values.length) return true;
    return !wanted.every((number, at) => {
      const off = Math.abs((values[at] ?? Number.NaN) - number);
      return off <= tolerance * Math.max(1, Math.abs(number));
    });
  });
  return odd?.name ?? unknown;
}

/** One patient's elements, widened exactly; an int64 beyond 2^53 is rounded. */
function patientOf(tensor: Tensor | undefined, row: number): readonly number[] {
  if (tensor === undefined) return [];
  const size = tensor.data.length / (tensor.shape[0] ?? 1);
  return Array.from(tensor.data.slice(row * size, (row + 1) * size), Number);
}
