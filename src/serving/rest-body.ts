/** One inference request and its answer as HTTP carries them: JSON, and tensors in bytes behind it. */
import { createCourtesy } from './courtesy.ts';
import type { InferRequest, InferResponse } from './data-plane.ts';
import { hurryOf } from './hurry.ts';
import { readLongJson } from './long-json.ts';
import { Refusal } from './refusal.ts';
import { type InferRequestBody, inferRequestSchema, readAs } from './schema.ts';
import { inTurns, type Steps } from './steps.ts';
import type { Tensor } from './tensor.ts';
import { bytesOf, contentsOfBytes } from './tensor-bytes.ts';
import { readContents, writeData } from './tensor-json.ts';

/** Says how many bytes of the body are JSON (Triton's binary tensor data extension). */
export const jsonLengthHeader = 'inference-header-content-length';

export interface RestInference {
  readonly request: Omit<InferRequest, 'model'>;
  /** Is this output answered in bytes? */
  readonly inBytes: (output: string) => boolean;
}

const malformed = (detail: string): Refusal => new Refusal('malformed-inference', [detail]);

/**
 * A request of any length, in short steps.
 * @param jsonLength the header's value, where it was sent
 * @throws Fault malformed-json, unsafe-json; Refusal malformed-inference
 */
export function* readInference(bytes: Buffer, jsonLength: string | undefined): Steps<RestInference> {
  const { head, tail } = split(bytes, jsonLength);
  const body = readAs(inferRequestSchema, yield* readLongJson(head));
  const { id, parameters = {}, outputs } = body;
  const names = outputs?.length === 0 ? undefined : outputs?.map(({ name }) => name);
  const request = {
    inputs: yield* tensorsOf(body, tail),
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
function* tensorsOf({ inputs }: InferRequestBody, tail: Buffer): Steps<readonly Tensor[]> {
  let at = 0;
  const tensors: Tensor[] = [];
  for (const [index, { name, datatype, shape, parameters, data }] of inputs.entries()) {
    yield;
    const where = `inputs[${index}]`;
    const size = parameters?.binary_data_size;
    if ((size === undefined) === (data === undefined))
      throw malformed(`${where}: needs either data or binary_data_size`);
    if (size === undefined) {
      tensors.push({ name, shape, ...(yield* readContents(datatype, shape, data, where)) });
      continue;
    }
    const bytes = tail.subarray(at, at + size);
    if (bytes.length !== size) throw malformed(`${where}: binary_data_size is more than the body holds`);
    at += size;
    tensors.push({ name, shape, ...contentsOfBytes(datatype, shape, bytes, where) });
  }
  if (at !== tail.length) throw malformed('the body holds more bytes than its inputs say');
  return tensors;
}

export interface RestAnswer {
  /** The JSON. */
  readonly head: readonly Buffer[];
  /** What stands behind it, in the order of the outputs; empty where nothing was asked for in bytes. */
  readonly tail: readonly Buffer[];
}

/** Long columns of numbers are written with pauses in which others have the event loop. */
export const writeInference = (
  response: InferResponse,
  inBytes: RestInference['inBytes'],
): Promise<RestAnswer> => inTurns(written(response, inBytes), createCourtesy());

function* written(
  { model, version, digest, id, outputs }: InferResponse,
  inBytes: RestInference['inBytes'],
): Steps<RestAnswer> {
  const tail: Buffer[] = [];
  const { add, whole } = createText();
  add(`${open({ model_name: model, model_version: version, id, parameters: { digest } })},"outputs":[`);
  for (const [at, tensor] of outputs.entries()) {
    const { name, datatype, shape } = tensor;
    add(`${at === 0 ? '' : ','}${open({ name, shape, datatype })}`);
    if (inBytes(name)) {
      const bytes = bytesOf(tensor);
      tail.push(bytes);
      add(`,"parameters":{"binary_data_size":${bytes.length}}}`);
    } else {
      add(',"data":');
      yield* writeData(tensor, add);
      add('}');
    }
  }
  add(']}');
  return { head: whole(), tail };
}

/** Text becomes bytes as it grows, not all at its end. */
function createText() {
  const parts: Buffer[] = [];
  let text = '';
  const flush = (): void => {
    parts.push(Buffer.from(text));
    text = '';
  };
  return {
    add: (more: string): void => {
      text += more;
      if (text.length >= inOnePart) flush();
    },
    whole: (): readonly Buffer[] => {
      flush();
      return parts;
    },
  };
}

/** Characters. */
const inOnePart = 64 * 1024;

/** A JSON object to which members are added. */
const open = (members: object): string => JSON.stringify(members).slice(0, -1);
