/** GRPCInferenceService of one model, written by hand over the library: `x` [rows, 2] float32 → `sum` [rows] float32. */
import { join } from 'node:path';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';

export const protoFile = join(import.meta.dirname, '../../../src/serving/open_inference_grpc.proto');

export interface InferMessage {
  readonly model_name: string;
  readonly inputs: readonly { readonly shape: readonly number[] }[];
  readonly raw_input_contents: readonly Buffer[];
}

export type GrpcBend = (call: ServerUnaryCall<InferMessage, object>, answer: sendUnaryData<object>) => void;

export interface HandGrpcServer {
  readonly url: URL;
  /** Calls, each with the token it showed and whether it was cancelled. */
  readonly inferred: ServerUnaryCall<InferMessage, object>[];
  bend(how: GrpcBend | undefined): void;
  close(): void;
}

export async function grpcServer(tls?: {
  readonly cert: string;
  readonly key: string;
}): Promise<HandGrpcServer> {
  const inferred: ServerUnaryCall<InferMessage, object>[] = [];
  let bent: GrpcBend | undefined;
  const server = new Server({ 'grpc.max_send_message_length': -1 });
  const loaded = loadSync(protoFile, { keepCase: true, longs: Number, defaults: true });
  server.addService(loaded['inference.GRPCInferenceService'] as ServiceDefinition, {
    ModelMetadata: (_: unknown, answer: sendUnaryData<object>) => answer(null, metadata),
    ModelInfer: (call: ServerUnaryCall<InferMessage, object>, answer: sendUnaryData<object>) => {
      inferred.push(call);
      (bent ?? sum)(call, answer);
    },
  });
  const trust =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) },
        ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', trust, (thrown, bound) =>
      thrown === null ? resolve(bound) : reject(thrown),
    );
  });
  return {
    url: new URL(tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`),
    inferred,
    bend: (how) => {
      bent = how;
    },
    close: () => server.forceShutdown(),
  };
}

const metadata = {
  name: 'sum',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'sum', datatype: 'FP32', shape: [-1] }],
};

export const sum: GrpcBend = ({ request }, answer) => {
  const bytes = request.raw_input_contents[0] ?? Buffer.alloc(0);
  const rows = request.inputs[0]?.shape[0] ?? 0;
  const sums = Float32Array.from(
    { length: rows },
    (_, row) => bytes.readFloatLE(8 * row) + bytes.readFloatLE(8 * row + 4),
  );
  answer(null, {
    outputs: [{ name: 'sum', datatype: 'FP32', shape: [rows] }],
    raw_output_contents: [Buffer.from(sums.buffer)],
  });
};
