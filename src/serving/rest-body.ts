/** One inference request and its answer as HTTP carries them: JSON, and tensors in bytes behind it. */
import { parseJsonObject } from '../fhir/json.ts';
import type { InferRequest, InferResponse } from './data-plane.ts';
import { Refusal } from './refusal.ts';
import { type InferRequestBody, type InferResponseBody, inferRequestSchema, readAs } from './schema.ts';
import { bytesOf, columnOfBytes, columnOfJson, jsonOf, rowsOf, type Tensor } from './tensor.ts';

/** Says how many bytes of the body are JSON (Triton's binary tensor data extension). */
export const jsonLengthHeader = 'inference-header-content-length';

export interface RestInference {
  readonly request: Omit<InferRequest, 'model'>;
  /** Is this output answered in bytes? */
  readonly inBytes: (output: string) => boolean;
}

const malformed = (detail: string): Refusal => new Refusal('malformed-inference', [detail]);

/**
 * @param jsonLength the header's value, where it was sent
 * @throws Fault malformed-json, unsafe-json; Refusal malformed-inference
 */
export function readInference(bytes: Buffer, jsonLength: string | undefined): RestInference {
  const { head, tail } = split(bytes, jsonLength);
  const body = readAs(inferRequestSchema, parseJsonObject(head));
  const { id, parameters = {}, outputs } = body;
  const names = outputs?.map(({ name }) => name);
  const request = {
    inputs: tensorsOf(body, tail),
    allowAbstention: parameters.allow_abstention ?? false,
    allowOutOfRange: parameters.allow_out_of_range ?? false,
    ...(id === undefined ? {} : { id }),
    ...(names === undefined ? {} : { outputs: names }),
  };
  const asked = new Map(outputs?.map(({ name, parameters: own }) => [name, own?.binary_data]));
  return { request, inBytes: (name) => asked.get(name) ?? parameters.binary_data_output ?? false };
}

function split(bytes: Buffer, jsonLength: string | undefined): { head: Buffer; tail: Buffer } {
  if (jsonLength === undefined) return { head: bytes, tail: Buffer.alloc(0) };
  const length = /^\d{1,9}$/.test(jsonLength) ? Number(jsonLength) : 0;
  if (length < 1 || length > bytes.length)
    throw malformed('Inference-Header-Content-Length: is not the length of the JSON in this body');
  return { head: bytes.subarray(0, length), tail: bytes.subarray(length) };
}

/** Bytes stand behind the JSON in the order of the inputs, without gaps. */
function tensorsOf({ inputs }: InferRequestBody, tail: Buffer): readonly Tensor[] {
  let at = 0;
  const tensors = inputs.map(({ name, datatype, shape, parameters, data }, index): Tensor => {
    const where = `inputs[${index}]`;
    const rows = rowsOf(shape, where);
    const size = parameters?.binary_data_size;
    if ((size === undefined) === (data === undefined))
      throw malformed(`${where}: needs either data or binary_data_size`);
    if (data !== undefined) return { name, datatype, column: columnOfJson(datatype, rows, data, where) };
    const bytes = tail.subarray(at, at + (size ?? 0));
    if (bytes.length !== size) throw malformed(`${where}: binary_data_size is more than the body holds`);
    at += bytes.length;
    return { name, datatype, column: columnOfBytes(datatype, rows, bytes, where) };
  });
  if (at !== tail.length) throw malformed('the body holds more bytes than its inputs say');
  return tensors;
}

export interface RestAnswer {
  /** The JSON. */
  readonly head: InferResponseBody;
  /** What stands behind it, in the order of the outputs; empty where nothing was asked for in bytes. */
  readonly tail: readonly Buffer[];
}

export function writeInference(response: InferResponse, inBytes: RestInference['inBytes']): RestAnswer {
  const { model, version, digest, id } = response;
  const outputs = response.outputs.map((tensor) => {
    const { name, datatype, column } = tensor;
    const described = { name, shape: [column.length], datatype };
    if (!inBytes(name)) return { json: { ...described, data: [...jsonOf(tensor)] } };
    const bytes = bytesOf(tensor);
    return { json: { ...described, parameters: { binary_data_size: bytes.length } }, bytes };
  });
  return {
    head: {
      model_name: model,
      model_version: version,
      ...(id === undefined ? {} : { id }),
      parameters: { digest },
      outputs: outputs.map(({ json }) => json),
    },
    tail: outputs.flatMap(({ bytes }) => bytes ?? []),
  };
}
