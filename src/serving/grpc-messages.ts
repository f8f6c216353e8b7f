/**
 * Messages of the protocol's gRPC service as protobuf reads and writes them: names as in open_inference_grpc.proto, int64
 * as a number or its decimal digits, bytes as buffers. Members that were not sent may be absent or empty.
 */
import { Refusal } from './refusal.ts';
import { maxIdLength, maxTensors } from './schema.ts';
import {
  bytesOf,
  columnOfBytes,
  columnOfJson,
  type Datatype,
  datatypes,
  type Element,
  jsonOf,
  rowsOf,
  type Tensor,
  wordOf,
} from './tensor.ts';

type Int64 = number | string;

export interface TensorContents {
  readonly bool_contents?: readonly boolean[];
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

export type InferParameters = Readonly<Record<string, { readonly bool_param?: boolean }>>;

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
    const known = datatypes.find((each) => each === datatype);
    if (known === undefined) throw malformed(`${where}: datatype is none of ${datatypes.join(', ')}`);
    const rows = rowsOf(shape.map(Number), where);
    const bytes = raw[at];
    const column =
      bytes === undefined
        ? columnOfContents(known, rows, contents ?? {}, where)
        : columnOfBytes(known, rows, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), where);
    return { name, datatype: known, column };
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

function columnOfContents(
  datatype: Datatype,
  rows: number,
  contents: TensorContents,
  where: string,
): readonly Element[] {
  switch (datatype) {
    case 'FP64':
      return columnOfJson(datatype, rows, contents.fp64_contents ?? [], where);
    case 'FP32':
      return columnOfJson(datatype, rows, contents.fp32_contents ?? [], where);
    case 'INT64':
      return columnOfJson(datatype, rows, (contents.int64_contents ?? []).map(Number), where);
    case 'BOOL':
      return columnOfJson(datatype, rows, contents.bool_contents ?? [], where);
    case 'BYTES': {
      const words = (contents.bytes_contents ?? []).map((bytes) => wordOf(bytes, where));
      return columnOfJson(datatype, rows, words, where);
    }
  }
}

/** The outputs as they were asked: in bytes where the inputs came so, else typed. */
export function outputsOf(
  tensors: readonly Tensor[],
  raw: boolean,
): Pick<ModelInferResponse, 'outputs' | 'raw_output_contents'> {
  const outputs = tensors.map((tensor) => ({
    name: tensor.name,
    datatype: tensor.datatype,
    shape: [tensor.column.length],
    ...(raw ? {} : { contents: contentsOf(tensor) }),
  }));
  return { outputs, raw_output_contents: raw ? tensors.map(bytesOf) : [] };
}

function contentsOf(tensor: Tensor): TensorContents {
  const column = jsonOf(tensor);
  const numbers = (): readonly number[] => column.map((each) => (each === null ? Number.NaN : Number(each)));
  switch (tensor.datatype) {
    case 'FP64':
      return { fp64_contents: numbers() };
    case 'FP32':
      return { fp32_contents: numbers() };
    case 'INT64':
      return { int64_contents: numbers() };
    case 'BOOL':
      return { bool_contents: column.map(Boolean) };
    case 'BYTES':
      return { bytes_contents: column.map((word) => Buffer.from(String(word))) };
  }
}
