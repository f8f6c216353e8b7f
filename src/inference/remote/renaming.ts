/** The names of a graph's tensors, here and on the server; those that are not named are the same. */
import type { Batch, Signature, TensorType } from '../runner/protocol.ts';
import type { Tensors } from '../tensor.ts';

export interface Renaming {
  readonly tensorsThere: (tensors: Tensors) => Tensors;
  readonly tensorsHere: (tensors: Tensors) => Tensors;
  readonly batchThere: (batch: Batch) => Batch;
  readonly signatureHere: (signature: Signature) => Signature;
}

/** @param names name here → name there */
export function renaming(names: Readonly<Record<string, string>>): Renaming {
  const forth = new Map(Object.entries(names));
  const back = new Map([...forth].map(([here, there]) => [there, here]));
  const renamed =
    (known: ReadonlyMap<string, string>) =>
    (tensors: Tensors): Tensors =>
      Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [known.get(name) ?? name, tensor]));
  const typeHere = (type: TensorType): TensorType => ({ ...type, name: back.get(type.name) ?? type.name });
  return {
    tensorsThere: renamed(forth),
    tensorsHere: renamed(back),
    batchThere: ({ rows, feeds, fetches }) => ({
      rows,
      feeds: renamed(forth)(feeds),
      fetches: fetches.map((name) => forth.get(name) ?? name),
    }),
    signatureHere: ({ inputs, outputs }) => ({
      inputs: inputs.map(typeHere),
      outputs: outputs.map(typeHere),
    }),
  };
}
