/** The model port over a runner: rows become tensors, tensors become outputs by name. */
import type { Manifest } from './manifest.ts';
import { everyMixture } from './mixture.ts';
import type { Digest, Model, Row } from './model.ts';
import { ModelPackageError } from './package.ts';
import { tensorsTaken } from './place.ts';
import { answersOf, feedsOf, fetchesOf, maskOf, outputDtype, ownersOf, rowLayout } from './row-tensors.ts';
import type { Batch, Signature } from './runner/protocol.ts';
import type { Runner } from './runner/runner.ts';

/**
 * @throws from `run`: Fault model-unavailable, deadline-passed, overloaded; Fault internal when a row names an input the
 *   manifest does not have, lacks one, or holds null where the manifest has no place for it; Fault malformed-inference
 *   for a number that the input's type cannot hold
 */
export function onnxModel(manifest: Manifest, digest: Digest, runner: Pick<Runner, 'run'>): Model {
  const layout = rowLayout(manifest);
  return {
    manifest,
    digest,
    async run(rows, urgency, only) {
      if (rows.length === 0) return [];
      const outputs = manifest.outputs.filter(({ name }) => only === undefined || only.includes(name));
      const batch = { rows: rows.length, feeds: feedsOf(layout, rows), fetches: fetchesOf(outputs) };
      const tensors = await runner.run(manifest.id, batch, urgency);
      return answersOf(manifest.id, outputs, rows.length, tensors);
    },
    async between(from, to, players, urgency, only) {
      const outputs = manifest.outputs.filter(({ name }) => only === undefined || only.includes(name));
      const ends = feedsOf(layout, [to, from]);
      const rows = everyMixture({ ends, owners: ownersOf(layout, ends, players) }, players.length);
      const tensors = await runner.run(manifest.id, { ...rows, fetches: fetchesOf(outputs) }, urgency);
      return answersOf(manifest.id, outputs, rows.rows, tensors);
    },
  };
}

/** All outputs of rows, as the runner is asked for them. @throws Fault internal, malformed-inference as `run` does */
export const batchOf = (manifest: Manifest, rows: readonly Row[]): Batch => ({
  rows: rows.length,
  feeds: feedsOf(rowLayout(manifest), rows),
  fetches: fetchesOf(manifest.outputs),
});

/** @throws ModelPackageError when the graph does not take and give exactly what the manifest says */
export function checkSignature(manifest: Manifest, signature: Signature, folder: string): void {
  const file = `${folder}/1/model.onnx`;
  const tensors = tensorsTaken(manifest);
  const needed = tensors.map(({ name }) => name).sort();
  const taken = signature.inputs.map((tensor) => tensor.name).sort();
  if (needed.join() !== taken.join()) {
    const odd = [...needed, ...taken].find((name) => needed.includes(name) !== taken.includes(name));
    throw new ModelPackageError(file, `input ${odd}`, 'is not in both the manifest and the graph');
  }
  for (const { name, dtype, width } of tensors) {
    const found = signature.inputs.find((tensor) => tensor.name === name);
    if (found?.type !== dtype) throw new ModelPackageError(file, `input ${name}`, `is not ${dtype}`);
    const rule = columnsRule(found.shape, width);
    if (rule !== undefined) throw new ModelPackageError(file, `input ${name}`, rule);
  }
  const given = new Map(signature.outputs.map((tensor) => [tensor.name, tensor.type]));
  for (const output of manifest.outputs) {
    expectType(file, output.tensor, outputDtype(output), given);
    const mask = maskOf(output);
    if (mask !== undefined) expectType(file, mask, 'bool', given);
  }
}

/** A size that the graph names, or says nothing about. */
export const isOpen = (size: number | string | undefined): boolean =>
  typeof size === 'string' || (size !== undefined && size < 0);

/** Any number of rows, and as many columns as inputs stand there. */
function columnsRule(
  [rows, ...axes]: readonly (number | string)[],
  width: number | undefined,
): string | undefined {
  if (!isOpen(rows)) return 'does not leave the number of rows open';
  const wanted = width === undefined ? [] : [width];
  const fits = axes.length === wanted.length && axes.every((size, at) => isOpen(size) || size === wanted[at]);
  return fits ? undefined : `is not of shape [${['rows', ...wanted]}]`;
}

function expectType(file: string, tensor: string, type: string, given: ReadonlyMap<string, string>): void {
  if (given.get(tensor) !== type) throw new ModelPackageError(file, `output ${tensor}`, `is not ${type}`);
}
