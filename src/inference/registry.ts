/** The models this service runs: every package of a folder, sealed, loaded and proven against its vectors. */
import { Fault } from '../errors.ts';
import type { Model } from './model.ts';
import { checkSignature, onnxModel } from './onnx-model.ts';
import {
  type ModelPackage,
  ModelPackageError,
  type ParityRow,
  packageFolders,
  readPackage,
} from './package.ts';
import { labelsOf } from './predict.ts';
import { encodeRow } from './row.ts';
import { type Runner, startRunner } from './runner/runner.ts';

export interface ModelRegistry {
  /** @throws Fault unknown-model */
  get(id: string): Model;
  /** Sorted. */
  ids(): readonly string[];
  /** Ends the runner. */
  close(): Promise<void>;
}

export interface RegistryOptions {
  /** The process that runs the graphs; the registry closes it. */
  readonly runner?: Runner;
}

/**
 * Loads every package. It resolves only when each model has reproduced all of its parity.jsonl.
 * @param models folder of package folders
 * @throws ModelPackageError, with file, field and rule; nothing is served then
 */
export async function openRegistry(models: string, options: RegistryOptions = {}): Promise<ModelRegistry> {
  const runner = options.runner ?? startRunner();
  try {
    const loaded = new Map<string, Model>();
    for (const folder of await packageFolders(models)) {
      const model = await loadModel(await readPackage(folder), runner);
      loaded.set(model.manifest.id, model);
    }
    return registryOf(loaded, runner);
  } catch (thrown) {
    await runner.close();
    throw thrown;
  }
}

function registryOf(models: ReadonlyMap<string, Model>, runner: Runner): ModelRegistry {
  return {
    get(id) {
      const model = models.get(id);
      if (model === undefined) throw new Fault('unknown-model', [id]);
      return model;
    },
    ids: () => [...models.keys()],
    close: () => runner.close(),
  };
}

async function loadModel(sealed: ModelPackage, runner: Runner): Promise<Model> {
  const { manifest, digest, folder } = sealed;
  const signature = await runner.load(manifest.id, sealed.model).catch((thrown: unknown) => {
    throw new ModelPackageError(`${folder}/1/model.onnx`, '', 'cannot be loaded', thrown);
  });
  checkSignature(manifest, signature, folder);
  const model = onnxModel(manifest, digest, runner);
  await checkParity(model, sealed.parity, `${folder}/parity.jsonl`);
  return model;
}

/** @throws ModelPackageError naming the first vector the model does not reproduce */
export async function checkParity(model: Model, rows: readonly ParityRow[], file: string): Promise<void> {
  const encoded = rows.map((row) => {
    const {
      row: numbers,
      problems,
      outOfRange,
    } = encodeRow(model.manifest, new Map(Object.entries(row.input)));
    const problem = [...problems, ...outOfRange][0];
    if (problem !== undefined)
      throw new ModelPackageError(file, `${row.id}: ${problem.input}`, problem.reason);
    return numbers;
  });
  const answers = await model.run(encoded);
  for (const [at, row] of rows.entries()) {
    const wrong = difference(model, row, answers[at] ?? {});
    if (wrong !== undefined) throw new ModelPackageError(file, `${row.id}: ${wrong}`, 'is not reproduced');
  }
}

function difference(
  model: Model,
  row: ParityRow,
  outputs: Readonly<Record<string, number>>,
): string | undefined {
  const labels = labelsOf(model.manifest, outputs);
  const odd = model.manifest.outputs.find((output) => {
    const { name } = output;
    if (output.kind === 'label') return labels[name] !== row.labels[name];
    const [expected, value] = [row.expected[name], outputs[name]];
    if (expected === undefined || value === undefined) return expected !== value;
    return !(Math.abs(value - expected) <= row.tolerance);
  });
  const unknown = Object.keys(row.expected).find((name) => !(name in outputs));
  return odd?.name ?? unknown;
}
