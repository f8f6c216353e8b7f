/** A client of GRPCInferenceService as another program would have it: the library and the .proto, nothing of ours. */
import { connect } from 'node:http2';
import { join } from 'node:path';
import {
  type CallOptions,
  Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const proto = join(import.meta.dirname, '../../src/serving/open_inference_grpc.proto');
const service = loadSync(proto, { keepCase: true, longs: Number, defaults: true })[
  'inference.GRPCInferenceService'
] as Record<string, GrpcMethod>;

interface GrpcMethod {
  readonly path: string;
  readonly requestSerialize: (message: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => object;
}

export const inferRequestBytes = (message: object): Buffer => {
  const { ModelInfer } = service;
  if (ModelInfer === undefined) throw new Error('the .proto has no ModelInfer');
  return ModelInfer.requestSerialize(message);
};

export interface GrpcAnswerTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly contents: {
    readonly fp64_contents: readonly number[];
    readonly bool_contents: readonly boolean[];
    readonly bytes_contents: readonly Buffer[];
  } | null;
}

export interface GrpcAnswer {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: Readonly<Record<string, { readonly string_param: string }>>;
  readonly outputs: readonly GrpcAnswerTensor[];
  readonly raw_output_contents: readonly Buffer[];
}

export interface AskOptions extends CallOptions {
  readonly authorization?: string;
  /** Bytes to send instead of a message. */
  readonly bytes?: Buffer;
}

export interface GrpcClient {
  /** @throws ServiceError */
  ask<Answer = Record<string, unknown>>(
    method: string,
    message?: object,
    options?: AskOptions,
  ): Promise<Answer>;
  /** The same, to be cancelled. */
  begin(
    method: string,
    message: object,
  ): { readonly call: ClientUnaryCall; readonly answer: Promise<unknown> };
  close(): void;
}

/** @param root a certificate to trust; without it plain text */
export function grpcClient(port: number, root?: string): GrpcClient {
  const trust = root === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(root));
  const client = new Client(`localhost:${port}`, trust, {
    'grpc.ssl_target_name_override': 'auscult',
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
  });
  const begin = (name: string, message: object, { authorization, bytes, ...options }: AskOptions = {}) => {
    const method = service[name] ?? {
      ...(service.ServerLive as GrpcMethod),
      path: `/inference.GRPCInferenceService/${name}`,
    };
    const metadata = new Metadata();
    if (authorization !== undefined) metadata.set('authorization', authorization);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const done = (thrown: ServiceError | null, answer?: object) =>
      thrown === null ? resolve(answer) : reject(thrown);
    const write = bytes === undefined ? method.requestSerialize : () => bytes;
    const call = client.makeUnaryRequest(
      method.path,
      write,
      method.responseDeserialize,
      message,
      metadata,
      options,
      done,
    );
    return { call, answer: promise };
  };
  return {
    begin,
    ask: async <Answer>(name: string, message = {}, options: AskOptions = {}) =>
      (await begin(name, message, options).answer) as Answer,
    close: () => client.close(),
  };
}

interface Column {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly unknown[];
}

/** A column as typed contents. */
export function typed({ name, datatype, shape, data }: Column): object {
  const numbers = () => data.map((value) => (value === null ? Number.NaN : Number(value)));
  const contents =
    datatype === 'BYTES'
      ? { bytes_contents: data.map((word) => Buffer.from(String(word ?? ''))) }
      : datatype === 'BOOL'
        ? { bool_contents: data.map(Boolean) }
        : { fp64_contents: numbers() };
  return { name, datatype, shape, contents };
}

/** The columns of an answer in typed contents. */
export const columnsOfGrpc = ({ outputs }: GrpcAnswer): Readonly<Record<string, readonly unknown[]>> =>
  Object.fromEntries(
    outputs.map(({ name, datatype, contents }) => {
      if (datatype === 'BOOL') return [name, contents?.bool_contents ?? []];
      if (datatype === 'FP64') return [name, contents?.fp64_contents ?? []];
      return [name, contents?.bytes_contents.map((word) => word.toString()) ?? []];
    }),
  );

/** The status of a call whose headers are sent, and its message never. */
export async function statusWithoutBody(
  port: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ModelInfer',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.write(Buffer.from([0]));
  const answered = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve));
  session.destroy();
  return String(answered['grpc-status']);
}
