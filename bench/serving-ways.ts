/** The ways into the inference API, as another program has them: undici for REST, grpc-js for gRPC. */
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { Pool } from 'undici';
import type { Tensor } from '../src/serving/tensor.ts';
import { bytesOf } from '../src/serving/tensor-bytes.ts';

/** One way in: sends the tensors, reads the first number of the answer's first output. */
export type Way = (model: string, tensors: readonly Tensor[]) => Promise<number>;
export type Ways = Readonly<Record<string, Way>>;

const sent = ({ name, datatype, shape }: Tensor) => ({ name, datatype, shape });

export function restWays(port: number): Ways {
  const pool = new Pool(`http://127.0.0.1:${port}`);
  const post = async (model: string, body: Buffer | string, headers: Record<string, string>) => {
    const answer = await pool.request({ path: `/v2/models/${model}/infer`, method: 'POST', headers, body });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
    return { bytes, json: Number(answer.headers['inference-header-content-length'] ?? bytes.length) };
  };
  return {
    'REST, JSON': async (model, tensors) => {
      const inputs = tensors.map((tensor) => ({ ...sent(tensor), data: elementsOf(tensor) }));
      const { bytes } = await post(model, JSON.stringify({ inputs }), { 'content-type': 'application/json' });
      return JSON.parse(bytes.toString()).outputs[0].data[0];
    },
    'REST, bytes': async (model, tensors) => {
      const tails = tensors.map(bytesOf);
      const inputs = tensors.map((tensor, at) => ({
        ...sent(tensor),
        parameters: { binary_data_size: tails[at]?.length },
      }));
      const head = Buffer.from(JSON.stringify({ parameters: { binary_data_output: true }, inputs }));
      const { bytes, json } = await post(model, Buffer.concat([head, ...tails]), {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(head.length),
      });
      const { outputs } = JSON.parse(bytes.subarray(0, json).toString());
      return firstOf(outputs[0].datatype, bytes.subarray(json));
    },
  };
}

/** What a client has that speaks JSON or typed contents: plain arrays. */
const elementsOf = ({ datatype, data }: Tensor): readonly unknown[] =>
  datatype === 'BOOL' ? Array.from(data, Boolean) : Array.from<unknown>(data);

const firstOf = (datatype: string, bytes: Buffer): number =>
  datatype === 'FP64' ? bytes.readDoubleLE(0) : bytes.readFloatLE(0);

interface Answer {
  readonly outputs: readonly {
    readonly datatype: string;
    readonly contents: Readonly<Record<'fp64_contents' | 'fp32_contents', readonly number[]>> | null;
  }[];
  readonly raw_output_contents: readonly Buffer[];
}

export function grpcWays(port: number): Ways {
  const file = join(import.meta.dirname, '../src/serving/open_inference_grpc.proto');
  const loaded = loadSync(file, { keepCase: true, longs: Number, defaults: true });
  const { ModelInfer: method } = loaded['inference.GRPCInferenceService'] as ServiceDefinition;
  if (method === undefined) throw new Error(`${file}: there is no ModelInfer`);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const ask = (message: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = method;
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, (thrown, answer) =>
        answer === undefined ? reject(thrown) : resolve(answer as Answer),
      );
    });
  return {
    'gRPC, typed': async (model, tensors) => {
      const inputs = tensors.map((tensor) => ({ ...sent(tensor), contents: contentsOf(tensor) }));
      const { contents } = (await ask({ model_name: model, inputs })).outputs[0] ?? {};
      return contents?.fp64_contents[0] ?? contents?.fp32_contents[0] ?? Number.NaN;
    },
    'gRPC, raw': async (model, tensors) => {
      const raw_input_contents = tensors.map(bytesOf);
      const answer = await ask({ model_name: model, inputs: tensors.map(sent), raw_input_contents });
      return firstOf(answer.outputs[0]?.datatype ?? '', answer.raw_output_contents[0] ?? Buffer.alloc(8));
    },
  };
}

const members: Readonly<Record<string, string>> = {
  FP64: 'fp64_contents',
  FP32: 'fp32_contents',
  BOOL: 'bool_contents',
};

function contentsOf(tensor: Tensor): object {
  const { datatype, data } = tensor;
  if (datatype === 'BYTES') return { bytes_contents: data.map((word) => Buffer.from(word)) };
  return { [members[datatype] ?? '']: elementsOf(tensor) };
}
