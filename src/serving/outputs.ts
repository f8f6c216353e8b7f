/** Results of many rows as the columns of the Open Inference Protocol. */
import type { Manifest, ManifestOutput } from '../inference/manifest.ts';
import type { Result } from '../inference/model.ts';
import type { Courtesy } from './courtesy.ts';
import { reasonsOf } from './reasons.ts';
import { abstainedName, hasMask, maskName, reasonsName } from './signature.ts';
import type { Tensor } from './tensor.ts';

/**
 * In the manifest's order. Where an output does not apply, or the model abstains, a number is NaN and a label empty.
 * @param wanted names that are needed; all without it
 * @param courtesy asked before every output
 */
export async function outputTensors(
  manifest: Manifest,
  results: readonly Result[],
  wanted: readonly string[] | undefined,
  courtesy: Courtesy,
): Promise<readonly Tensor[]> {
  const tensors: Tensor[] = [];
  for (const output of manifest.outputs) {
    const { name } = output;
    if (wanted?.some((each) => each === name || each === maskName(name)) === false) continue;
    await courtesy();
    tensors.push(...tensorsOf(output, results));
  }
  return tensors;
}

function tensorsOf(output: ManifestOutput, results: readonly Result[]): readonly Tensor[] {
  const { name, kind } = output;
  const shape = [results.length];
  if (kind === 'label')
    return [{ name, shape, datatype: 'BYTES', data: results.map((result) => labelOf(name, result)) }];
  const data = new Float64Array(results.length);
  for (const [row, result] of results.entries()) data[row] = numberIn(name, result);
  const own: Tensor = { name, shape, datatype: 'FP64', data };
  if (!hasMask(output)) return [own];
  const mask = new Uint8Array(data.length);
  for (const [row, value] of data.entries()) mask[row] = Number.isNaN(value) ? 0 : 1;
  return [own, { name: maskName(name), shape, datatype: 'BOOL', data: mask }];
}

const labelOf = (name: string, result: Result): string =>
  result.kind === 'abstention' ? '' : (result.labels[name] ?? '');

/** Minus zero is zero: JSON has only one. */
const numberIn = (name: string, result: Result): number =>
  result.kind === 'abstention' ? Number.NaN : (result.outputs[name] ?? Number.NaN) + 0;

/** Rows between which others have the event loop. */
const atOnce = 256;

/** For which rows the model abstains, and why. */
export async function abstentionTensors(
  manifest: Manifest,
  results: readonly Result[],
  courtesy: Courtesy,
): Promise<readonly Tensor[]> {
  const reasons: string[] = [];
  for (const [row, result] of results.entries()) {
    if (row % atOnce === 0) await courtesy();
    reasons.push(result.kind === 'abstention' ? reasonsOf(manifest, result.because) : '');
  }
  const shape = [results.length];
  const abstained = Uint8Array.from(results, ({ kind }) => Number(kind === 'abstention'));
  return [
    { name: abstainedName(manifest.id), shape, datatype: 'BOOL', data: abstained },
    { name: reasonsName(manifest.id), shape, datatype: 'BYTES', data: reasons },
  ];
}
