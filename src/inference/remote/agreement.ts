/** Whether servers agree on a model's tensors, and whether an answer holds the tensors asked for. */
import type { Batch, Signature, TensorType } from '../runner/protocol.ts';
import type { Tensor, Tensors } from '../tensor.ts';
import { NoAnswer } from './transport.ts';

const describe = ({ name, type, shape }: TensorType): string =>
  `${name} ${type} [${shape.map((axis) => (typeof axis === 'number' ? axis : '?')).join()}]`;

/** A tensor that only one of the two has; undefined: there is none. */
export function oddTensor(one: Signature, other: Signature): string | undefined {
  const all = ({ inputs, outputs }: Signature): readonly string[] => [
    ...inputs.map((each) => `input ${describe(each)}`),
    ...outputs.map((each) => `output ${describe(each)}`),
  ];
  const [known, given] = [new Set(all(one)), new Set(all(other))];
  return [...known.symmetricDifference(given)][0];
}

/** The outputs wanted and no other. @throws NoAnswer wrong, where one is absent, or not as the signature says */
export function checked(
  outputs: Tensors,
  { rows, fetches }: Batch,
  signature: Signature | undefined,
): Tensors {
  const types = new Map(signature?.outputs.map((type) => [type.name, type]));
  const wanted = fetches.map((name): readonly [string, Tensor] => {
    const tensor = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
    if (tensor === undefined) throw new NoAnswer('wrong', `${name} is not answered`);
    if (!fits(tensor, rows, types.get(name)))
      throw new NoAnswer('wrong', `${name} has another type or shape`);
    return [name, tensor];
  });
  return Object.fromEntries(wanted);
}

function fits({ dtype, shape }: Tensor, rows: number, type: TensorType | undefined): boolean {
  if (shape[0] !== rows) return false;
  if (type === undefined) return true;
  const axes = type.shape.slice(1);
  return (
    dtype === type.type &&
    shape.length === type.shape.length &&
    axes.every((axis, at) => typeof axis !== 'number' || axis === shape[at + 1])
  );
}
