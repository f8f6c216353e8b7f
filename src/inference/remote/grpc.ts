/** The Open Inference Protocol over gRPC: GRPCInferenceService, tensors as raw contents. */
import {
  Client,
  type ClientUnaryCall,
  credentials,
  logVerbosity,
  Metadata,
  type MethodDefinition,
  type ServiceError,
  setLogVerbosity,
  status,
} from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { z } from 'zod';
import type { Batch } from '../runner/protocol.ts';
import { bytesOf, type Tensor, type Tensors } from '../tensor.ts';
import { datatypeOf, dtypeOf, tensorOfBytes, tensorOfJson } from './datatype.ts';
import { modelMetadataSchema, signatureOf } from './metadata.ts';
import {
  endedBy,
  NoAnswer,
  type Reason,
  type Transport,
  type TransportOptions,
  type Until,
} from './transport.ts';

/** What the library does when a message is written and read. */
type Method = MethodDefinition<object, object>;

const list = z.array(z.unknown()).default([]);
const outputSchema = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int().min(0)).max(16),
  contents: z
    .object({
      bool_contents: list,
      int_contents: list,
      int64_contents: list,
      fp32_contents: list,
      fp64_contents: list,
    })
    .nullish(),
});
const answerSchema = z.object({
  outputs: z.array(outputSchema).max(256),
  raw_output_contents: z.array(z.instanceof(Uint8Array)).max(256),
});

type Output = z.output<typeof outputSchema>;

/** @param protoFile open_inference_grpc.proto */
export function grpcTransport(endpoint: URL, protoFile: string, options: TransportOptions): Transport {
  const { remote } = options;
  const ask = asker(clientOf(endpoint, options), options);
  const methods = methodsOf(protoFile);
  const name = remote.name ?? remote.model;
  const version = remote.version ?? '';
  return {
    signature: async (until) =>
      signatureOf(
        read(modelMetadataSchema, await ask.unary(methods.ModelMetadata, { name, version }, until)),
      ),
    infer: async (batch, until) => {
      const message = { model_name: name, model_version: version, ...written(batch) };
      return tensorsOf(read(answerSchema, await ask.unary(methods.ModelInfer, message, until)));
    },
    close: async () => ask.close(),
  };
}

function methodsOf(protoFile: string): { readonly ModelMetadata: Method; readonly ModelInfer: Method } {
  const loaded = loadSync(protoFile, { keepCase: true, longs: Number, defaults: true });
  const { ModelMetadata, ModelInfer } = loaded['inference.GRPCInferenceService'] as ServiceDefinition;
  if (ModelMetadata === undefined || ModelInfer === undefined)
    throw new Error(`${protoFile}: there is no GRPCInferenceService`);
  return { ModelMetadata, ModelInfer };
}

/** A proxy named in the environment is not asked: what goes over the wire is patient data. */
function clientOf({ protocol, host, port }: URL, { ca, maxAnswerBytes }: TransportOptions): Client {
  // The library's own lines name metadata with their values, tokens among them.
  setLogVerbosity(logVerbosity.NONE);
  const tls = protocol === 'https:';
  const trust = tls
    ? credentials.createSsl(ca === undefined ? null : Buffer.from(ca))
    : credentials.createInsecure();
  return new Client(port === '' ? `${host}:${tls ? 443 : 80}` : host, trust, {
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': maxAnswerBytes,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 5_000,
  });
}

interface Asker {
  /** @throws NoAnswer */
  unary(method: Method, message: object, until: Until): Promise<object>;
  close(): void;
}

function asker(client: Client, { token }: TransportOptions): Asker {
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  const unary = (method: Method, message: object, { signal, endsAt }: Until): Promise<object> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(endedBy(signal));
      let call: ClientUnaryCall | undefined;
      const cancel = (): void => call?.cancel();
      const done = (thrown: ServiceError | null, answer?: object): void => {
        signal.removeEventListener('abort', cancel);
        if (answer !== undefined) resolve(answer);
        else reject(signal.aborted ? endedBy(signal) : new NoAnswer(reasonOf(thrown)));
      };
      const { path, requestSerialize, responseDeserialize } = method;
      const deadline = Date.now() + Math.max(0, endsAt - performance.now());
      call = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        metadata,
        { deadline },
        done,
      );
      signal.addEventListener('abort', cancel, { once: true });
    });
  return { unary, close: () => client.close() };
}

/** google.rpc.Code; what is not here failed. */
const byCode: Readonly<Record<number, Reason>> = {
  [status.UNAVAILABLE]: 'unreachable',
  [status.CANCELLED]: 'reset',
  [status.DEADLINE_EXCEEDED]: 'late',
  [status.INVALID_ARGUMENT]: 'not-taken',
  [status.OUT_OF_RANGE]: 'not-taken',
  [status.NOT_FOUND]: 'refused',
  [status.PERMISSION_DENIED]: 'refused',
  [status.UNAUTHENTICATED]: 'refused',
  [status.RESOURCE_EXHAUSTED]: 'refused',
  [status.FAILED_PRECONDITION]: 'refused',
  [status.UNIMPLEMENTED]: 'refused',
};

const reasonOf = (thrown: ServiceError | null): Reason => byCode[thrown?.code ?? -1] ?? 'failed';

/** @throws NoAnswer wrong */
function read<T extends z.ZodType>(schema: T, message: object): z.output<T> {
  const parsed = schema.safeParse(message);
  if (!parsed.success) throw new NoAnswer('wrong', 'the message is not that of the protocol');
  return parsed.data;
}

function written({ feeds, fetches }: Batch): object {
  const tensors = Object.entries(feeds);
  return {
    inputs: tensors.map(([name, tensor]) => ({ name, datatype: datatypeOf(tensor), shape: tensor.shape })),
    raw_input_contents: tensors.map(([, tensor]) => bytesOf(tensor)),
    outputs: fetches.map((name) => ({ name })),
  };
}

/** Raw contents, one for each output; or typed contents in every one. @throws NoAnswer wrong */
function tensorsOf({ outputs, raw_output_contents: raw }: z.output<typeof answerSchema>): Tensors {
  if (raw.length !== 0 && raw.length !== outputs.length)
    throw new NoAnswer('wrong', 'raw contents are not as many as outputs');
  return Object.fromEntries(outputs.map((output, at) => [output.name, tensorOf(output, raw[at])]));
}

function tensorOf({ name, datatype, shape, contents }: Output, raw: Uint8Array | undefined): Tensor {
  const dtype = dtypeOf(datatype, name);
  if (raw !== undefined) return tensorOfBytes(dtype, shape, raw, name);
  const lists = {
    bool: contents?.bool_contents,
    int32: contents?.int_contents,
    int64: contents?.int64_contents,
    float32: contents?.fp32_contents,
    float64: contents?.fp64_contents,
  };
  return tensorOfJson(dtype, shape, lists[dtype] ?? [], name);
}
