/**
 * What the inference API costs by way in: REST with JSON, REST with bytes, gRPC typed and gRPC raw, on PREVENT, over
 * loopback to a server process of its own. One request at a time; the ways take turns, so that what else the machine does
 * hits all alike. Time is from the columns in the client's hands to the columns of the answer there.
 *
 *   node bench/serving.ts [rows, e.g. 1,100,4096] [seconds for each way and size]
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import express from 'express';
import { Pool } from 'undici';
import { loadVocabulary } from '../src/features/vocabulary.ts';
import type { Manifest } from '../src/inference/manifest.ts';
import { readPackage } from '../src/inference/package.ts';
import { openRegistry } from '../src/inference/registry.ts';
import { createGate } from '../src/ops/gate.ts';
import { packaged } from '../src/packaged.ts';
import { openAccess } from '../src/serving/access.ts';
import { createDataPlane } from '../src/serving/data-plane.ts';
import { startGrpc } from '../src/serving/grpc.ts';
import { servingRoutes } from '../src/serving/rest.ts';
import { datatypesOf } from '../src/serving/signature.ts';
import { bytesOf, jsonOf, type Tensor } from '../src/serving/tensor.ts';
import { percentile } from './load.ts';

interface Ports {
  readonly rest: number;
  readonly grpc: number;
}

/** One way in: sends the columns, reads the answer's first risk. */
type Way = (tensors: readonly Tensor[]) => Promise<number>;

const model = 'prevent';

async function serve(): Promise<Ports> {
  const models = await openRegistry(packaged('models'));
  const shared = {
    dataPlane: createDataPlane({ models, version: '0', ready: () => true }),
    access: openAccess,
    enter: createGate(64).enter,
    limits: { bodyBytes: 8 * 1024 * 1024, deadlineMs: 60_000 },
  };
  const [vocabulary, clock, baseUrl] = [loadVocabulary(packaged('vocabulary')), () => new Date(), ''];
  const server = createServer(
    express().use(servingRoutes({ ...shared, models, vocabulary, clock, baseUrl })),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const grpc = await startGrpc({ ...shared, port: 0 });
  return { rest: (server.address() as AddressInfo).port, grpc: grpc.port };
}

const sent = ({ name, datatype, column }: Tensor) => ({ name, datatype, shape: [column.length] });

function restWays(port: number): Readonly<Record<string, Way>> {
  const pool = new Pool(`http://127.0.0.1:${port}`);
  const post = async (body: Buffer | string, headers: Record<string, string>) => {
    const answer = await pool.request({ path: `/v2/models/${model}/infer`, method: 'POST', headers, body });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
    return { bytes, json: Number(answer.headers['inference-header-content-length'] ?? bytes.length) };
  };
  return {
    'REST, JSON': async (tensors) => {
      const inputs = tensors.map((tensor) => ({ ...sent(tensor), data: jsonOf(tensor) }));
      const { bytes } = await post(JSON.stringify({ inputs }), { 'content-type': 'application/json' });
      return JSON.parse(bytes.toString()).outputs[0].data[0];
    },
    'REST, bytes': async (tensors) => {
      const tails = tensors.map(bytesOf);
      const inputs = tensors.map((tensor, at) => ({
        ...sent(tensor),
        parameters: { binary_data_size: tails[at]?.length },
      }));
      const head = Buffer.from(JSON.stringify({ parameters: { binary_data_output: true }, inputs }));
      const { bytes, json } = await post(Buffer.concat([head, ...tails]), {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(head.length),
      });
      JSON.parse(bytes.subarray(0, json).toString());
      return bytes.readDoubleLE(json);
    },
  };
}

interface Answer {
  readonly outputs: readonly { readonly contents: { readonly fp64_contents: readonly number[] } | null }[];
  readonly raw_output_contents: readonly Buffer[];
}

function grpcWays(port: number): Readonly<Record<string, Way>> {
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
  const risk = (value: number | undefined): number => value ?? Number.NaN;
  return {
    'gRPC, typed': async (tensors) => {
      const inputs = tensors.map((tensor) => ({ ...sent(tensor), contents: contentsOf(tensor) }));
      return risk((await ask({ model_name: model, inputs })).outputs[0]?.contents?.fp64_contents[0]);
    },
    'gRPC, raw': async (tensors) => {
      const raw_input_contents = tensors.map(bytesOf);
      const answer = await ask({ model_name: model, inputs: tensors.map(sent), raw_input_contents });
      return risk(answer.raw_output_contents[0]?.readDoubleLE(0));
    },
  };
}

function contentsOf({ datatype, column }: Tensor): object {
  if (datatype === 'BOOL') return { bool_contents: column };
  if (datatype === 'BYTES') return { bytes_contents: column.map((word) => Buffer.from(String(word ?? ''))) };
  return { fp64_contents: column.map((value) => value ?? Number.NaN) };
}

/** The first so many patients of the vectors that the model is sealed with, over and over. */
async function patients(rows: number): Promise<readonly Tensor[]> {
  const { manifest, parity } = await readPackage(packaged(`models/${model}`));
  const inputs = Array.from({ length: rows }, (_, row) => parity[row % parity.length]?.input ?? {});
  return manifest.inputs.flatMap((input: Manifest['inputs'][number]): readonly Tensor[] => {
    const column = inputs.map((patient) => {
      const value = patient[input.name] ?? null;
      return input.kind === 'boolean' && value !== null ? Boolean(value) : value;
    });
    return column.every((value) => value === null)
      ? []
      : [{ name: input.name, datatype: datatypesOf(input)[0], column }];
  });
}

const line = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

async function measure(ways: Readonly<Record<string, Way>>, rows: number, seconds: number): Promise<void> {
  const tensors = await patients(rows);
  const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  const risks = new Set<number>();
  const round = async (kept: boolean): Promise<void> => {
    for (const [name, way] of Object.entries(ways)) {
      const begun = performance.now();
      risks.add(await way(tensors));
      if (kept) times.get(name)?.push(performance.now() - begun);
    }
  };
  const turns = async (kept: boolean, ms: number): Promise<void> => {
    const end = performance.now() + ms;
    while (performance.now() < end) await round(kept);
  };
  await turns(false, seconds * 1000);
  await turns(true, seconds * 1000 * times.size);
  if (risks.size !== 1) throw new Error('the ways disagree');
  const sorted = [...times].map(([name, each]) => ({ name, ms: each.toSorted((one, other) => one - other) }));
  const base = percentile(sorted[0]?.ms ?? [], 50);
  for (const { name, ms } of sorted) {
    const p50 = percentile(ms, 50);
    const perSecond = (rows * ms.length * 1000) / ms.reduce((sum, one) => sum + one, 0);
    const cells = [
      p50.toFixed(2),
      percentile(ms, 99).toFixed(2),
      perSecond.toFixed(0),
      (p50 / base).toFixed(2),
    ];
    console.log(line(rows, name, ...cells, ms.length));
  }
}

async function bench(): Promise<void> {
  const sizes = (process.argv[2] ?? '1,100,4096').split(',').map(Number);
  const seconds = Number(process.argv[3] ?? 5);
  const child = fork(import.meta.filename, [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const ports = await new Promise<Ports>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Ports));
    child.once('exit', () => reject(new Error('the server ended')));
  });
  const ways = { ...restWays(ports.rest), ...grpcWays(ports.grpc) };
  console.log(`${availableParallelism()} cores, ${cpus()[0]?.model}, Node ${process.version}`);
  const head = ['rows', 'way', 'p50 ms', 'p99 ms', 'rows/s', 'p50 to JSON’s', 'requests'];
  console.log([line(...head), line(...head.map(() => '---'))].join('\n'));
  for (const rows of sizes) await measure(ways, rows, seconds);
  child.disconnect();
  process.exit(0);
}

if (process.send === undefined) await bench();
else {
  process.once('disconnect', () => process.exit(0));
  process.send(await serve());
}
