/** What a clinical model's graph must take, give and reproduce before it is served. */
import { asFault } from '../errors.ts';
import type { Manifest } from './manifest.ts';
import type { Model, Outputs, Row } from './model.ts';
import { batchOf, checkSignature, onnxModel } from './onnx-model.ts';
import { type ModelPackage, ModelPackageError, type ParityRow } from './package.ts';
import { labelsOf } from './predict.ts';
import { encodeRow } from './row.ts';
import { answersOf } from './row-tensors.ts';
import type { Batch, Signature } from './runner/protocol.ts';
import type { Runner } from './runner/runner.ts';
import type { Golden } from './runner/worker.ts';
import type { Tensors } from './tensor.ts';

/** What a start needs of the runner. */
export type StartRunner = Pick<Runner, 'load' | 'run' | 'prove'>;

/** @throws ModelPackageError when the graph is not the manifest's, or does not reproduce the package's vectors */
export async function startModel(sealed: ModelPackage, runner: StartRunner): Promise<Model> {
  const { manifest, digest, folder } = sealed;
  const file = `${folder}/parity.jsonl`;
  const signature = await loaded(runner, manifest.id, sealed.model, `${folder}/1/model.onnx`);
  checkSignature(manifest, signature, folder);
  const batch = batchOf(manifest, parityInputs(sealed, file));
  const { outputs, answers } = await computed(manifest, batch, runner).catch((thrown: unknown) => {
    throw new ModelPackageError(file, asFault(thrown).details[1] ?? '', 'cannot be computed', thrown);
  });
  checkParity(sealed, answers, file);
  await proven(runner, manifest.id, { batch, outputs }, `${folder}/1/model.onnx`);
  return onnxModel(manifest, digest, runner);
}

async function computed(
  { id, outputs: all }: Manifest,
  batch: Batch,
  runner: StartRunner,
): Promise<{ readonly outputs: Tensors; readonly answers: readonly Outputs[] }> {
  const outputs = await runner.run(id, batch);
  return { outputs, answers: answersOf(id, all, batch.rows, outputs) };
}

/** @throws ModelPackageError for bytes that are no graph */
export const loaded = (
  runner: StartRunner,
  model: string,
  bytes: Uint8Array,
  file: string,
): Promise<Signature> =>
  runner.load(model, bytes).catch((thrown: unknown) => {
    throw new ModelPackageError(file, '', 'cannot be loaded', thrown);
  });

/** @throws ModelPackageError where a process does not answer what the first one answered */
export async function proven(
  runner: StartRunner,
  model: string,
  golden: Golden,
  file: string,
): Promise<void> {
  await runner.prove(model, golden).catch((thrown: unknown) => {
    throw new ModelPackageError(file, '', 'is not answered alike by every process', thrown);
  });
}

/** The vectors' rows. @throws ModelPackageError naming the vector and the input that the model would abstain for */
function parityInputs({ manifest, parity }: ModelPackage, file: string): readonly Row[] {
  return parity.map(({ id, input }) => {
    const { row, problems, outOfRange } = encodeRow(manifest, new Map(Object.entries(input)));
    const problem = [...problems, ...outOfRange][0];
    if (problem === undefined) return row;
    throw new ModelPackageError(file, `${id}: ${problem.input}`, problem.reason);
  });
}

/** @throws ModelPackageError naming the first vector the model does not reproduce */
function checkParity(sealed: ModelPackage, answers: readonly Outputs[], file: string): void {
  for (const [at, row] of sealed.parity.entries()) {
    const wrong = difference(sealed, row, answers[at] ?? {});
    if (wrong !== undefined) throw new ModelPackageError(file, `${row.id}: ${wrong}`, 'is not reproduced');
  }
}

function difference({ manifest }: ModelPackage, row: ParityRow, outputs: Outputs): string | undefined {
  const labels = labelsOf(manifest, outputs);
  const odd = manifest.outputs.find((output) => {
    const { name } = output;
    if (output.kind === 'label') return labels[name] !== row.labels[name];
    const [expected, value] = [row.expected[name], outputs[name]];
    if (expected === undefined || value === undefined) return expected !== value;
    return !(Math.abs(value - expected) <= row.tolerance);
  });
  const unknown = Object.keys(row.expected).find((name) => !(name in outputs));
  return odd?.name ?? unknown;
}
