/** The model port over a runner: rows become one column per tensor, columns become outputs by name. */
import { Fault } from '../errors.ts';
import {
  companionOf,
  inputTensors,
  type Manifest,
  type ManifestInput,
  type ManifestOutput,
} from './manifest.ts';
import type { Digest, Model, Outputs, Row } from './model.ts';
import { ModelPackageError } from './package.ts';
import type { Signature } from './runner/protocol.ts';
import type { Runner } from './runner/runner.ts';
import { column, type Tensor, type Tensors } from './tensor.ts';

/** A run cannot be interrupted: a large batch is cut so that a single patient never waits long behind it. */
const rowsPerRun = 1024;

/**
 * @throws from `run`: Fault model-unavailable, deadline-passed; Fault internal when a row names an input the
 *   manifest does not have, lacks one, or holds null where the manifest has no place for it
 */
export function onnxModel(manifest: Manifest, digest: Digest, runner: Runner): Model {
  return {
    manifest,
    digest,
    async run(rows, urgency, only) {
      const outputs = manifest.outputs.filter(({ name }) => only === undefined || only.includes(name));
      const fetches = outputs.flatMap(tensorsOf);
      const answers: Outputs[] = [];
      for (let from = 0; from < rows.length; from += rowsPerRun) {
        const part = rows.slice(from, from + rowsPerRun);
        const batch = { rows: part.length, feeds: feedsOf(manifest, part), fetches };
        const tensors = await runner.run(manifest.id, batch, urgency);
        answers.push(...outputsOf(manifest.id, outputs, part.length, tensors));
      }
      return answers;
    },
  };
}

/** @throws ModelPackageError when the graph does not take and give exactly what the manifest says */
export function checkSignature(manifest: Manifest, signature: Signature, folder: string): void {
  const file = `${folder}/1/model.onnx`;
  const needed = [...inputTensors(manifest)].sort();
  const taken = signature.inputs.map((tensor) => tensor.name).sort();
  if (needed.join() !== taken.join()) {
    const odd = [...needed, ...taken].find((name) => needed.includes(name) !== taken.includes(name));
    throw new ModelPackageError(file, `input ${odd}`, 'is not in both the manifest and the graph');
  }
  const wrong = signature.inputs.find((tensor) => tensor.type !== 'float64');
  if (wrong !== undefined) throw new ModelPackageError(file, `input ${wrong.name}`, 'is not float64');
  const given = new Map(signature.outputs.map((tensor) => [tensor.name, tensor.type]));
  for (const output of manifest.outputs) {
    expectType(file, output.tensor, 'float64', given);
    if (output.kind !== 'label' && output.appliesTensor !== undefined)
      expectType(file, output.appliesTensor, 'bool', given);
  }
}

function expectType(file: string, tensor: string, type: string, given: ReadonlyMap<string, string>): void {
  if (given.get(tensor) !== type) throw new ModelPackageError(file, `output ${tensor}`, `is not ${type}`);
}

function feedsOf(manifest: Manifest, rows: readonly Row[]): Tensors {
  const known = new Set(manifest.inputs.map((input) => input.name));
  for (const row of rows) {
    for (const name in row) if (!known.has(name)) throw new Fault('internal', [manifest.id, name]);
  }
  return Object.fromEntries(manifest.inputs.flatMap((input) => columnsOf(manifest, input, rows)));
}

function columnsOf(
  manifest: Manifest,
  input: ManifestInput,
  rows: readonly Row[],
): readonly (readonly [string, Tensor])[] {
  const companion = companionOf(input);
  const fill = input.kind === 'control' ? input.absent : companion?.fill;
  const values = new Float64Array(rows.length);
  for (let at = 0; at < rows.length; at++) {
    const value = rows[at]?.[input.name] ?? fill;
    if (value === undefined) throw new Fault('internal', [manifest.id, input.name]);
    values[at] = value;
  }
  if (companion === undefined) return [[input.tensor, column(values)]];
  const missing = Float64Array.from(rows, (row) => ((row[input.name] ?? null) === null ? 1 : 0));
  return [
    [input.tensor, column(values)],
    [companion.tensor, column(missing)],
  ];
}

/** The tensors behind an output: its values and, where it does not always apply, its mask. */
function tensorsOf(output: ManifestOutput): readonly string[] {
  const mask = output.kind === 'label' ? undefined : output.appliesTensor;
  return mask === undefined ? [output.tensor] : [output.tensor, mask];
}

function outputsOf(
  model: string,
  outputs: readonly ManifestOutput[],
  count: number,
  tensors: Tensors,
): readonly Outputs[] {
  const dataOf = (name: string): Float64Array | Uint8Array => {
    const found = tensors[name];
    const fits = found?.dtype === 'float64' || found?.dtype === 'bool';
    if (!fits || found.data.length !== count) throw new Fault('model-unavailable', [model, name]);
    return found.data;
  };
  const columns = outputs.map((output) => {
    const [values, applies] = tensorsOf(output).map(dataOf);
    return { name: output.name, values, applies };
  });
  return Array.from({ length: count }, (_, row) => {
    const answer: Record<string, number> = {};
    for (const { name, values, applies } of columns) {
      if (applies === undefined || applies[row] === 1) answer[name] = values?.[row] ?? Number.NaN;
    }
    return answer;
  });
}
