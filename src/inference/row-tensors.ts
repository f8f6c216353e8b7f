/** Rows of named numbers as the tensors that a clinical graph takes, and its answers as numbers by name. */
import { Fault } from '../errors.ts';
import type { Manifest, ManifestOutput } from './manifest.ts';
import type { Outputs, Row } from './model.ts';
import { companionOf, type InputTensor, type Place, tensorsTaken } from './place.ts';
import type { Tensor, Tensors } from './tensor.ts';

/** How rows become feeds: worked out once for a manifest. */
export interface RowLayout {
  readonly model: string;
  readonly names: ReadonlySet<string>;
  readonly tensors: readonly InputTensor[];
}

export const rowLayout = (manifest: Manifest): RowLayout => ({
  model: manifest.id,
  names: new Set(manifest.inputs.map((input) => input.name)),
  tensors: tensorsTaken(manifest),
});

/**
 * @throws Fault internal when a row names an input the manifest does not have, lacks one, or holds null where the
 *   manifest has no place for it; malformed-inference for a number that the tensor's type cannot hold
 */
export function feedsOf({ model, names, tensors }: RowLayout, rows: readonly Row[]): Tensors {
  for (const row of rows) {
    for (const name in row) if (!names.has(name)) throw new Fault('internal', [model, name]);
  }
  return Object.fromEntries(tensors.map((tensor) => [tensor.name, filled(model, tensor, rows)]));
}

function filled(model: string, { dtype, width, places }: InputTensor, rows: readonly Row[]): Tensor {
  const shape = width === undefined ? [rows.length] : [rows.length, width];
  const numbers = new Float64Array(rows.length * places.length);
  for (const [column, place] of places.entries()) {
    for (let at = 0; at < rows.length; at++) {
      const number = numberAt(place, rows[at]);
      if (number === undefined) throw new Fault('internal', [model, place.input.name]);
      if (!holds(dtype, number)) {
        throw new Fault('malformed-inference', [`${place.input.name}: is no number that ${dtype} holds`]);
      }
      numbers[at * places.length + column] = number;
    }
  }
  switch (dtype) {
    case 'float64':
      return { dtype, shape, data: numbers };
    case 'float32':
      return { dtype, shape, data: Float32Array.from(numbers) };
    case 'int64':
      return { dtype, shape, data: BigInt64Array.from(numbers, BigInt) };
  }
}

/** For each column of a row of feeds, in their order, the player who has its input; −1 for nobody. */
export function ownersOf(
  { tensors }: RowLayout,
  feeds: Tensors,
  players: readonly (readonly string[])[],
): Int32Array {
  const owner = ({ input }: Place): number => players.findIndex((inputs) => inputs.includes(input.name));
  return Int32Array.from(
    Object.keys(feeds).flatMap((name) =>
      (tensors.find((tensor) => tensor.name === name)?.places ?? []).map(owner),
    ),
  );
}

function numberAt({ input, holds: what }: Place, row: Row | undefined): number | undefined {
  const value = row?.[input.name] ?? null;
  if (what === 'missing') return value === null ? 1 : 0;
  return value ?? (input.kind === 'control' ? input.absent : companionOf(input)?.fill);
}

function holds(dtype: InputTensor['dtype'], number: number): boolean {
  if (dtype === 'float64') return true;
  return dtype === 'int64' ? Number.isSafeInteger(number) : Number.isFinite(Math.fround(number));
}

/** The tensors behind outputs, each once: values and, where an output does not always apply, its mask. */
export const fetchesOf = (outputs: readonly ManifestOutput[]): readonly string[] => [
  ...new Set(
    outputs.flatMap((output) => {
      const mask = maskOf(output);
      return mask === undefined ? [output.tensor] : [output.tensor, mask];
    }),
  ),
];

export const maskOf = (output: ManifestOutput): string | undefined =>
  output.kind === 'label' ? undefined : output.appliesTensor;

/** Element types in which an output's values are given. */
export const outputDtype = ({ dtype = 'float64' }: ManifestOutput): 'float64' | 'float32' => dtype;

/** One answer for each row. @throws Fault model-unavailable for a tensor that is not what the manifest says */
export function answersOf(
  model: string,
  outputs: readonly ManifestOutput[],
  count: number,
  tensors: Tensors,
): readonly Outputs[] {
  const columns = outputs.map((output) => {
    const mask = maskOf(output);
    return {
      name: output.name,
      valueAt: columnOf(model, tensors, output.tensor, outputDtype(output), count, output.at),
      appliesAt: mask === undefined ? undefined : columnOf(model, tensors, mask, 'bool', count),
    };
  });
  return Array.from({ length: count }, (_, row) => {
    const answer: Record<string, number> = {};
    for (const { name, valueAt, appliesAt } of columns) {
      if (appliesAt === undefined || appliesAt(row) === 1) answer[name] = valueAt(row);
    }
    return answer;
  });
}

/** One number of each row: the tensor is one column, or has a column `at`. */
function columnOf(
  model: string,
  tensors: Tensors,
  name: string,
  dtype: Tensor['dtype'],
  count: number,
  at?: number,
): (row: number) => number {
  const tensor = tensors[name];
  const width = at === undefined ? 1 : (tensor?.shape[1] ?? 0);
  const column = at ?? 0;
  const fits = tensor?.dtype === dtype && tensor.data.length === count * width && column < width;
  if (!fits) throw new Fault('model-unavailable', [model, name]);
  const { data } = tensor;
  return (row) => Number(data[row * width + column] ?? Number.NaN);
}
