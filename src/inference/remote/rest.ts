/**
 * The Open Inference Protocol over HTTP (specification/protocol/inference_rest.md): tensors as bytes behind the JSON where
 * the server lists Triton's `binary_tensor_data`, else as JSON.
 */
import { type Dispatcher, errors, Pool } from 'undici';
import { z } from 'zod';
import type { Batch } from '../runner/protocol.ts';
import { bytesOf, type Tensor, type Tensors } from '../tensor.ts';
import { datatypeOf, dtypeOf, jsonOf, tensorOfBytes, tensorOfJson } from './datatype.ts';
import { modelMetadataSchema, signatureOf } from './metadata.ts';
import {
  endedBy,
  NoAnswer,
  type Reason,
  type Transport,
  type TransportOptions,
  type Until,
} from './transport.ts';

const jsonLengthHeader = 'inference-header-content-length';
/** Connections to one endpoint; what is more waits for one. */
const connections = 32;
const connectTimeoutMs = 2_000;

const shape = z.array(z.int().min(0)).max(16);
const serverSchema = z.object({ extensions: z.array(z.string()).default([]) });
const outputSchema = z.object({
  name: z.string(),
  datatype: z.string(),
  shape,
  parameters: z.object({ binary_data_size: z.int().min(0).optional() }).nullish(),
  data: z.array(z.unknown()).nullish(),
});
const answerSchema = z.object({ model_name: z.string().optional(), outputs: z.array(outputSchema).max(256) });

type Output = z.output<typeof outputSchema>;

interface Answer {
  readonly bytes: Buffer;
  /** The JSON's part of the bytes; all of them without it. */
  readonly jsonLength: string | undefined;
}

export function restTransport(endpoint: URL, options: TransportOptions): Transport {
  const { remote, ca } = options;
  const pool = new Pool(endpoint.origin, {
    connections,
    connect: { timeout: connectTimeoutMs, ...(ca === undefined ? {} : { ca }) },
    // The signal ends every wait, a dripping body included.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  });
  const base = `${endpoint.pathname.replace(/\/+$/, '')}/v2`;
  const version = remote.version === undefined ? '' : `/versions/${encodeURIComponent(remote.version)}`;
  const model = `${base}/models/${encodeURIComponent(remote.name ?? remote.model)}${version}`;
  const ask = asker(pool, options);
  let inBytes = false;
  return {
    async signature(until) {
      const { extensions } = read(serverSchema, await ask({ path: base, method: 'GET' }, until));
      inBytes = extensions.includes('binary_tensor_data');
      return signatureOf(read(modelMetadataSchema, await ask({ path: model, method: 'GET' }, until)));
    },
    async infer(batch, until) {
      const question = { path: `${model}/infer`, method: 'POST', ...written(batch, inBytes) } as const;
      return tensorsOf(await ask(question, until));
    },
    close: () => pool.destroy(),
  };
}

type Question = Pick<Dispatcher.RequestOptions, 'path' | 'method' | 'body'> & {
  readonly headers?: Readonly<Record<string, string>>;
};

/** One request, one whole answer 200 of bounded size; no redirect is followed. @throws NoAnswer */
const asker =
  (pool: Pool, { token, maxAnswerBytes }: TransportOptions) =>
  async (question: Question, { signal }: Until): Promise<Answer> => {
    const headers = {
      ...question.headers,
      'accept-encoding': 'identity',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    try {
      const response = await pool.request({ ...question, headers, signal });
      const problem = problemOf(response, maxAnswerBytes);
      if (problem !== undefined) {
        await response.body.dump({ limit: 65_536, signal });
        throw problem;
      }
      const bytes = await readAtMost(response.body, maxAnswerBytes);
      return { bytes, jsonLength: response.headers[jsonLengthHeader]?.toString() };
    } catch (thrown) {
      if (thrown instanceof NoAnswer) throw thrown;
      throw signal.aborted ? endedBy(signal) : new NoAnswer(reasonOf(thrown));
    }
  };

/** What the head of an answer already tells. Words of the server are not read: they may name values. */
function problemOf({ statusCode, headers }: Dispatcher.ResponseData, most: number): NoAnswer | undefined {
  if (statusCode >= 500) return new NoAnswer('failed', `status ${statusCode}`);
  if (statusCode >= 400)
    return new NoAnswer(
      [400, 413, 422].includes(statusCode) ? 'not-taken' : 'refused',
      `status ${statusCode}`,
    );
  if (statusCode !== 200) return new NoAnswer('wrong', `status ${statusCode}`);
  if (!/^(?:identity)?$/i.test(headers['content-encoding']?.toString() ?? ''))
    return new NoAnswer('wrong', 'the body is encoded');
  return Number(headers['content-length'] ?? 0) > most ? tooLarge() : undefined;
}

const tooLarge = (): NoAnswer => new NoAnswer('wrong', 'the answer is too large');

/** Leaving the loop early ends the connection. */
async function readAtMost(body: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > most) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** undici and Node on a connection that ended too early. */
const resets = new Set([
  'ECONNRESET',
  'EPIPE',
  'HPE_INVALID_EOF_STATE',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_SOCKET',
]);

function reasonOf(thrown: unknown): Reason {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (resets.has(code)) return 'reset';
  return thrown instanceof errors.HTTPParserError ? 'wrong' : 'unreachable';
}

/** @throws NoAnswer wrong */
function read<T extends z.ZodType>(schema: T, { bytes }: Pick<Answer, 'bytes'>): z.output<T> {
  const parsed = schema.safeParse(json(bytes));
  if (!parsed.success) throw new NoAnswer('wrong', 'the JSON is not that of the protocol');
  return parsed.data;
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new NoAnswer('wrong', 'it is not JSON');
  }
}

/** @throws NoAnswer cannot-travel */
function written({ feeds, fetches }: Batch, inBytes: boolean): Pick<Question, 'body' | 'headers'> {
  const tensors = Object.entries(feeds);
  const tails = inBytes ? tensors.map(([, tensor]) => bytesOf(tensor)) : [];
  const inputs = tensors.map(([name, tensor], at) => ({
    name,
    shape: tensor.shape,
    datatype: datatypeOf(tensor),
    ...(inBytes ? { parameters: { binary_data_size: tails[at]?.length } } : { data: jsonOf(tensor, name) }),
  }));
  const outputs = fetches.map((name) => ({
    name,
    ...(inBytes ? { parameters: { binary_data: true } } : {}),
  }));
  const head = Buffer.from(JSON.stringify({ inputs, outputs }));
  if (!inBytes) return { body: head, headers: { 'content-type': 'application/json' } };
  const headers = { 'content-type': 'application/octet-stream', [jsonLengthHeader]: String(head.length) };
  return { body: Buffer.concat([head, ...tails]), headers };
}

/** Bytes stand behind the JSON in the order of the outputs, without gaps. @throws NoAnswer wrong */
function tensorsOf({ bytes, jsonLength }: Answer): Tensors {
  const length = jsonLength === undefined ? bytes.length : Number(jsonLength);
  if (!(length >= 0 && length <= bytes.length)) throw new NoAnswer('wrong', 'the JSON has another length');
  const { outputs } = read(answerSchema, { bytes: bytes.subarray(0, length) });
  let at = length;
  const tensors = outputs.map((output): readonly [string, Tensor] => {
    const end = at + (output.parameters?.binary_data_size ?? 0);
    const tensor = tensorOf(output, bytes.subarray(at, end));
    at = end;
    return [output.name, tensor];
  });
  if (at !== bytes.length) throw new NoAnswer('wrong', 'the body holds another number of bytes than it says');
  return Object.fromEntries(tensors);
}

function tensorOf({ name, datatype, shape, parameters, data }: Output, bytes: Buffer): Tensor {
  const dtype = dtypeOf(datatype, name);
  if (parameters?.binary_data_size !== undefined) return tensorOfBytes(dtype, shape, bytes, name);
  return tensorOfJson(dtype, shape, data ?? [], name);
}
