/** Results of many rows as the columns of the Open Inference Protocol. */
import type { Manifest, ManifestOutput } from '../inference/manifest.ts';
import type { Result } from '../inference/model.ts';
import { reasonsOf } from './reasons.ts';
import { abstainedName, hasMask, maskName, reasonsName } from './signature.ts';
import type { Element, Tensor } from './tensor.ts';

/** In the manifest's order. Where an output does not apply, or the model abstains, there is nothing. */
export const outputTensors = (manifest: Manifest, results: readonly Result[]): readonly Tensor[] =>
  manifest.outputs.flatMap((output): readonly Tensor[] => {
    const { name, kind } = output;
    const column = results.map((result) => elementOf(output, result));
    if (kind === 'label') return [{ name, datatype: 'BYTES', column }];
    const own: Tensor = { name, datatype: 'FP64', column };
    if (!hasMask(output)) return [own];
    return [
      own,
      { name: maskName(name), datatype: 'BOOL', column: column.map((element) => element !== null) },
    ];
  });

/** Minus zero is zero: JSON has only one. */
function elementOf({ name, kind }: ManifestOutput, result: Result): Element {
  if (result.kind === 'abstention') return null;
  if (kind === 'label') return result.labels[name] ?? null;
  const value = result.outputs[name];
  return value === undefined ? null : value + 0;
}

/** For which rows the model abstains, and why. */
export const abstentionTensors = (manifest: Manifest, results: readonly Result[]): readonly Tensor[] => [
  {
    name: abstainedName(manifest.id),
    datatype: 'BOOL',
    column: results.map(({ kind }) => kind === 'abstention'),
  },
  {
    name: reasonsName(manifest.id),
    datatype: 'BYTES',
    column: results.map((result) =>
      result.kind === 'abstention' ? reasonsOf(manifest, result.because) : null,
    ),
  },
];
