/**
 * An Open Inference Protocol server of one model, written by hand over node:http: `x` [rows, 2] float32 → `sum` [rows]
 * float32. What it does with a question can be bent, on a real socket.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Golden } from '../../../src/inference/runner/protocol.ts';

export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  /** Is the connection's other side gone before it was answered? */
  readonly left: Promise<boolean>;
}

/** Answers in place of the server. */
export type Bend = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

export interface OipServer {
  readonly url: URL;
  /** Questions to the model, not those about it. */
  readonly inferred: Asked[];
  /** All from now on, questions about the model too where `all` is set; undefined: as it should be. */
  bend(how: Bend | undefined, all?: boolean): void;
  close(): Promise<void>;
  /** The same port again. */
  reopen(): Promise<void>;
}

export interface OipOptions {
  readonly binary?: boolean;
  /** What it adds to every sum: a model that is another. */
  readonly bias?: number;
  readonly outputShape?: readonly number[];
  /** PEM; without it plain text. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export async function oipServer(options: OipOptions = {}): Promise<OipServer> {
  const { binary = true, tls } = options;
  const inferred: Asked[] = [];
  let bent: Bend | undefined;
  let bendsAll = false;
  const listener: RequestListener = async (request, response) => {
    const path = request.url ?? '';
    const { promise, resolve } = Promise.withResolvers<boolean>();
    response.once('close', () => resolve(!response.writableFinished));
    const infers = path.endsWith('/infer');
    if (infers) inferred.push({ path, authorization: request.headers.authorization, left: promise });
    const body = await bodyOf(request).catch(() => Buffer.alloc(0));
    if (bent !== undefined && (infers || bendsAll)) return bent(request, response, body);
    if (infers) return answer(request, response, body, options);
    if (path === '/v2')
      return json(response, { name: 'by hand', extensions: binary ? ['binary_tensor_data'] : [] });
    json(response, metadata(options));
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  return {
    url: new URL(tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`),
    inferred,
    bend: (how, all = false) => {
      [bent, bendsAll] = [how, all];
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
    reopen: async () => void (await listen(port)),
  };
}

export const json = (response: ServerResponse, body: unknown, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const metadata = ({ outputShape = [-1] }: OipOptions) => ({
  name: 'sum',
  versions: ['1'],
  platform: 'onnx_onnxv1',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'sum', datatype: 'FP32', shape: outputShape }],
});

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function answer(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  { bias = 0 }: OipOptions = {},
): void {
  const header = request.headers['inference-header-content-length'];
  const head = JSON.parse(body.subarray(0, header === undefined ? body.length : Number(header)).toString());
  const [{ shape, data }] = head.inputs;
  const numbers: readonly number[] =
    header === undefined ? data.flat() : floats(body.subarray(Number(header)));
  const sums = Float32Array.from(
    { length: shape[0] },
    (_, row) => (numbers[2 * row] ?? 0) + (numbers[2 * row + 1] ?? 0) + bias,
  );
  if (header === undefined) {
    json(response, { model_name: 'sum', outputs: [output(sums, { data: [...sums] })] });
    return;
  }
  const tail = Buffer.from(sums.buffer);
  const said = Buffer.from(
    JSON.stringify({
      model_name: 'sum',
      outputs: [output(sums, { parameters: { binary_data_size: tail.length } })],
    }),
  );
  response
    .writeHead(200, {
      'inference-header-content-length': said.length,
      'content-type': 'application/octet-stream',
    })
    .end(Buffer.concat([said, tail]));
}

const output = (sums: Float32Array, more: object) => ({
  name: 'sum',
  datatype: 'FP32',
  shape: [sums.length],
  ...more,
});

const floats = (bytes: Buffer): readonly number[] =>
  Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at));

/** So many rows of 1 + 2. */
export const batch = (rows = 1) => ({
  rows,
  feeds: {
    x: {
      dtype: 'float32' as const,
      shape: [rows, 2],
      data: Float32Array.from({ length: 2 * rows }, (_, at) => 1 + (at % 2)),
    },
  },
  fetches: ['sum'],
});

export const golden: Golden = {
  batch: batch(2),
  outputs: { sum: { dtype: 'float32', shape: [2], data: Float32Array.of(3, 3) } },
};
