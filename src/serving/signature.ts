/** How a manifest looks in the Open Inference Protocol: which tensors a model takes and gives. */
import {
  companionOf,
  type Manifest,
  type ManifestInput,
  type ManifestOutput,
} from '../inference/manifest.ts';
import type { Datatype } from './tensor.ts';

/** What KServe calls the backend of an ONNX graph. */
export const platform = 'onnx_onnxv1';

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  /** Rows first: -1, any number of them. */
  readonly shape: readonly number[];
  /** What the protocol has no field for; every client may pass over it. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/** The datatypes that an input is taken in; the first is the one its metadata name. */
export function datatypesOf(input: ManifestInput): readonly [Datatype, ...Datatype[]] {
  switch (input.kind) {
    case 'number':
      return ['FP64', 'FP32', 'INT64'];
    case 'boolean':
      return ['BOOL', 'FP64', 'FP32', 'INT64'];
    case 'category':
    case 'control':
      return ['BYTES'];
  }
}

/** May the whole tensor be left out, or hold NaN? */
export const mayBeMissing = (input: ManifestInput): boolean =>
  input.kind === 'control' || companionOf(input) !== undefined;

export const inputMetadata = ({ inputs }: Manifest): readonly TensorMetadata[] =>
  inputs.map((input) => ({
    name: input.name,
    datatype: datatypesOf(input)[0],
    shape: [-1],
    parameters: { label: input.label, optional: mayBeMissing(input), ...rangeOf(input) },
  }));

function rangeOf(input: ManifestInput): Readonly<Record<string, string | number | boolean>> {
  switch (input.kind) {
    case 'number':
      return { unit: input.unit, min: input.valid.min, max: input.valid.max };
    case 'boolean':
      return {};
    case 'category':
    case 'control':
      return { words: Object.keys(input.codes).join(',') };
  }
}

/** An output that does not apply to every row is followed by its mask. */
export const outputMetadata = ({ outputs }: Manifest): readonly TensorMetadata[] =>
  outputs.flatMap((output) => {
    const { name, label } = output;
    const parameters = { label, ...(output.kind === 'label' ? {} : { unit: output.unit }) };
    const datatype = output.kind === 'label' ? 'BYTES' : 'FP64';
    const own: TensorMetadata = { name, datatype, shape: [-1], parameters };
    return hasMask(output) ? [own, maskOf(output)] : [own];
  });

/** BOOL: does the output of that name apply to the row? */
export const maskName = (output: string): string => `${output}_applies`;

export const hasMask = (output: ManifestOutput): boolean =>
  output.kind !== 'label' && output.appliesTensor !== undefined;

const maskOf = ({ name, label }: ManifestOutput): TensorMetadata => ({
  name: maskName(name),
  datatype: 'BOOL',
  shape: [-1],
  parameters: { label: `Does it apply: ${label}` },
});

/** BOOL: does the model abstain for the row? Given where `allow_abstention` is asked for. */
export const abstainedName = (model: string): string => `${model}_abstained`;

/** BYTES: why it does, each input with its reason. */
export const reasonsName = (model: string): string => `${model}_abstention_reasons`;
