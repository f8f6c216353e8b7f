/**
 * Messages of the protocol's gRPC service as protobuf reads and writes them: names as in open_inference_grpc.proto, int64
 * as a number or its decimal digits, bytes as buffers. Members that were not sent may be absent or empty.
 */
import { Refusal } from './refusal.ts';
import { maxIdLength, maxTensors } from './schema.ts';
import { type Contents, type Datatype, datatypeOf, maxRows, refuse, type Tensor } from './tensor.ts';
import { bytesOf, contentsOfBytes, wordOf } from './tensor-bytes.ts';
import { contentsOfJson } from './tensor-json.ts';

type Int64 = number | string;

export interface TensorContents {
  readonly bool_contents?: readonly boolean[];
  readonly int_contents?: readonly number[];
  readonly int64_contents?: readonly Int64[];
  readonly fp32_contents?: readonly number[];
  readonly fp64_contents?: readonly number[];
  readonly bytes_contents?: readonly Uint8Array[];
}

export interface InferTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly Int64[];
  readonly contents?: TensorContents | null;
}

export interface InferParameter {
  readonly bool_param?: boolean;
  readonly int64_param?: Int64;
  readonly uint64_param?: Int64;
}

export type InferParameters = Readonly<Record<string, InferParameter>>;

export interface ModelInferRequest {
  readonly model_name: string;
  readonly model_version?: string;
  readonly id?: string;
  readonly parameters?: InferParameters;
  readonly inputs: readonly InferTensor[];
  readonly outputs?: readonly { readonly name: string }[];
  readonly raw_input_contents?: readonly Uint8Array[];
}

export interface ModelInferResponse {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: Readonly<Record<string, { readonly string_param: string }>>;
  readonly outputs: readonly InferTensor[];
  readonly raw_output_contents: readonly Uint8Array[];
}

const malformed = (detail: string): Refusal => new Refusal('malformed-inference', [detail]);

/** @throws Refusal malformed-inference */
export function tensorsOf(request: ModelInferRequest): readonly Tensor[] {
  const { inputs, raw_input_contents: raw = [] } = request;
  const rule = ruleBroken(request);
  if (rule !== undefined) throw malformed(rule);
  return inputs.map(({ name, datatype, shape, contents }, at) => {
    const where = `inputs[${at}]`;
    const numbers = shape.map(Number);
    const known = datatypeOf(datatype, where);
    const bytes = raw[at];
    const elements =
      bytes === undefined
        ? contentsOfJson(known, numbers, elementsOf(known, contents ?? {}, where), where)
        : contentsOfBytes(known, numbers, bytes, where);
    return { name, shape: numbers, ...elements };
  });
}

/** Rules of the message as a whole; REST's are in its schema. */
function ruleBroken(request: ModelInferRequest): string | undefined {
  const { id = '', inputs, outputs = [], raw_input_contents: raw = [] } = request;
  if (id.length > maxIdLength) return `id: is longer than ${maxIdLength} characters`;
  if (inputs.length > maxTensors) return `inputs: are more than ${maxTensors}`;
  if (outputs.length > maxTensors) return `outputs: are more than ${maxTensors}`;
  if (raw.length === 0) return undefined;
  if (raw.length !== inputs.length) return 'raw_input_contents: are not as many as inputs';
  const both = inputs.findIndex(({ contents }) => contents !== undefined && contents !== null);
  return both === -1 ? undefined : `inputs[${both}]: needs either contents or raw_input_contents`;
}

function elementsOf(datatype: Datatype, contents: TensorContents, where: string): readonly unknown[] {
  switch (datatype) {
    case 'FP64':
      return contents.fp64_contents ?? [];
    case 'FP32':
      return contents.fp32_contents ?? [];
    case 'INT64':
      return (contents.int64_contents ?? []).map(Number);
    case 'INT32':
      return contents.int_contents ?? [];
    case 'BOOL':
      return contents.bool_contents ?? [];
    case 'BYTES': {
      const { bytes_contents: words = [] } = contents;
      if (words.length > maxRows) throw refuse(where, `BYTES hold more than ${maxRows} elements`);
      return words.map((bytes) => wordOf(bytes, where));
    }
  }
}

/**
 * A whole number among the parameters; undefined where it was not sent.
 * @throws Refusal malformed-inference where it is another type, or less than 0
 */
export function countIn(parameters: InferParameters, name: string): number | undefined {
  const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (parameter === undefined) return undefined;
  const { int64_param, uint64_param = int64_param } = parameter;
  const value = Number(uint64_param);
  if (!Number.isSafeInteger(value) || value < 0)
    throw refuse(`parameters.${name}`, 'is no whole number from 0 on');
  return value;
}

/** The outputs as they were asked: in bytes where the inputs came so, else typed. */
export function outputsOf(
  tensors: readonly Tensor[],
  raw: boolean,
): Pick<ModelInferResponse, 'outputs' | 'raw_output_contents'> {
  const outputs = tensors.map((tensor) => ({
    name: tensor.name,
    datatype: tensor.datatype,
    shape: tensor.shape,
    ...(raw ? {} : { contents: contentsOf(tensor) }),
  }));
  return { outputs, raw_output_contents: raw ? tensors.map(bytesOf) : [] };
}

function contentsOf({ datatype, data }: Contents): TensorContents {
  switch (datatype) {
    case 'FP64':
      return { fp64_contents: Array.from(data) };
    case 'FP32':
      return { fp32_contents: Array.from(data) };
    case 'INT64':
      return { int64_contents: Array.from(data, String) };
    case 'INT32':
      return { int_contents: Array.from(data) };
    case 'BOOL':
      return { bool_contents: Array.from(data, Boolean) };
    case 'BYTES':
      return { bytes_contents: data.map((word) => Buffer.from(word)) };
  }
}
