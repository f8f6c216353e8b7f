/** One inference request and its answer as HTTP carries them: JSON, and tensors in bytes behind it. */
import { parseJsonObject } from '../fhir/json.ts';
import { createCourtesy } from './courtesy.ts';
import type { InferRequest, InferResponse } from './data-plane.ts';
import { hurryOf } from './hurry.ts';
import { Refusal } from './refusal.ts';
import { type InferRequestBody, inferRequestSchema, readAs } from './schema.ts';
import type { Tensor } from './tensor.ts';
import { bytesOf, contentsOfBytes } from './tensor-bytes.ts';
import { contentsOfJson, textOf } from './tensor-json.ts';

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
  const names = outputs?.length === 0 ? undefined : outputs?.map(({ name }) => name);
  const request = {
    inputs: tensorsOf(body, tail),
    allowAbstention: parameters.allow_abstention ?? false,
    allowOutOfRange: parameters.allow_out_of_range ?? false,
    ...hurryOf(parameters),
    ...(id === undefined ? {} : { id }),
    ...(names === undefined ? {} : { outputs: names }),
  };
  const asked = new Map(outputs?.map(({ name, parameters: own }) => [name, own?.binary_data]));
  return { request, inBytes: (name) => asked.get(name) ?? parameters.binary_data_output ?? false };
}

/** The header's value as a number; 0 where it is none. */
export const jsonLengthOf = (jsonLength = ''): number =>
  /^\d{1,9}$/.test(jsonLength) ? Number(jsonLength) : 0;

function split(bytes: Buffer, jsonLength: string | undefined): { head: Buffer; tail: Buffer } {
  if (jsonLength === undefined) return { head: bytes, tail: Buffer.alloc(0) };
  const length = jsonLengthOf(jsonLength);
  if (length < 1 || length > bytes.length)
    throw malformed('Inference-Header-Content-Length: is not the length of the JSON in this body');
  return { head: bytes.subarray(0, length), tail: bytes.subarray(length) };
}

/** Bytes stand behind the JSON in the order of the inputs, without gaps. */
function tensorsOf({ inputs }: InferRequestBody, tail: Buffer): readonly Tensor[] {
  let at = 0;
  const tensors = inputs.map(({ name, datatype, shape, parameters, data }, index): Tensor => {
    const where = `inputs[${index}]`;
    const size = parameters?.binary_data_size;
    if ((size === undefined) === (data === undefined))
      throw malformed(`${where}: needs either data or binary_data_size`);
    if (data !== undefined) return { name, shape, ...contentsOfJson(datatype, shape, data, where) };
    const bytes = tail.subarray(at, at + (size ?? 0));
    if (bytes.length !== size) throw malformed(`${where}: binary_data_size is more than the body holds`);
    at += bytes.length;
    return { name, shape, ...contentsOfBytes(datatype, shape, bytes, where) };
  });
  if (at !== tail.length) throw malformed('the body holds more bytes than its inputs say');
  return tensors;
}

export interface RestAnswer {
  readonly head: string;
  /** What stands behind the JSON, in the order of the outputs; empty where nothing was asked for in bytes. */
  readonly tail: readonly Buffer[];
}

/** Long columns of numbers are written with pauses in which others have the event loop. */
export async function writeInference(
  response: InferResponse,
  inBytes: RestInference['inBytes'],
): Promise<RestAnswer> {
  const { model, version, digest, id } = response;
  const courtesy = createCourtesy();
  const tail: Buffer[] = [];
  const outputs: string[] = [];
  for (const tensor of response.outputs) {
    const { name, datatype, shape } = tensor;
    const described = open({ name, shape, datatype });
    if (inBytes(name)) {
      const bytes = bytesOf(tensor);
      tail.push(bytes);
      outputs.push(`${described},"parameters":{"binary_data_size":${bytes.length}}}`);
    } else outputs.push(`${described},"data":${await textOf(tensor, courtesy)}}`);
  }
  const about = { model_name: model, model_version: version, id, parameters: { digest } };
  return { head: `${open(about)},"outputs":[${outputs.join(',')}]}`, tail };
}

/** A JSON object to which members are added. */
const open = (members: object): string => JSON.stringify(members).slice(0, -1);
