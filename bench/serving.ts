/**
 * What the inference API costs by way in: REST with JSON, REST with bytes, gRPC typed and gRPC raw, over loopback to a
 * server process of its own: PREVENT by patients; the network `readmission-mlp` (where it is there) and one in memory
 * that computes nothing, by the tensor's size. One request at a time; the ways take turns, so that what else the
 * machine does hits all alike. Time is from the arrays in the client's hands to the arrays of the answer there; MB/s are
 * the tensor's bytes by p50. Last, how long one request of the most patients, or of the largest tensor, keeps the event
 * loop of the server. 0 seconds: only that.
 *
 *   node bench/serving.ts [rows, e.g. 1,100,4096] [KiB, e.g. 1,64,1024] [seconds for each way and size]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { loadVocabulary } from '../src/features/vocabulary.ts';
import type { Manifest } from '../src/inference/manifest.ts';
import { memoryNetwork } from '../src/inference/memory-network.ts';
import type { Network } from '../src/inference/network.ts';
import type { NetworkManifest } from '../src/inference/network-manifest.ts';
import { readPackage } from '../src/inference/package.ts';
import { openRegistry } from '../src/inference/registry.ts';
import { createGate } from '../src/ops/gate.ts';
import { packaged } from '../src/packaged.ts';
import { openAccess } from '../src/serving/access.ts';
import { createDataPlane, type ServedModels } from '../src/serving/data-plane.ts';
import { startGrpc } from '../src/serving/grpc.ts';
import { servingRoutes } from '../src/serving/rest.ts';
import { datatypesOf } from '../src/serving/signature.ts';
import { maxRows, type Tensor } from '../src/serving/tensor.ts';
import { bytesOf } from '../src/serving/tensor-bytes.ts';
import { contentsOfJson } from '../src/serving/tensor-json.ts';
import { percentile } from './load.ts';
import { grpcWays, restWays, type Ways } from './serving-ways.ts';

interface Ports {
  readonly rest: number;
  readonly grpc: number;
}

const clinical = 'prevent';
const examples = packaged('fixtures/models');
const mlp = 'readmission-mlp';
const mlpColumns = 12;
const columns = 256;

/** Many numbers in, one out, and nothing computed: the cost of the way alone. */
const first: Network = memoryNetwork(
  {
    kind: 'network',
    id: 'first',
    version: '1.0.0',
    inputs: [
      {
        name: 'x',
        label: 'Numbers',
        dtype: 'float32',
        axes: [{ name: 'column', size: columns }],
        valid: { min: 0, max: 1 },
      },
    ],
    outputs: [
      {
        name: 'y',
        label: 'The first',
        dtype: 'float32',
        kind: 'number',
        axes: [],
        range: { min: 0, max: 1 },
      },
    ],
  } as unknown as NetworkManifest,
  {
    answer: ({ x }, rows) => {
      const data = Float32Array.from({ length: rows }, (_, row) => Number(x?.data[row * columns]));
      return { y: { dtype: 'float32', shape: [rows], data } };
    },
  },
);

async function served(): Promise<ServedModels> {
  const models = await openRegistry(packaged('models'));
  const others: ServedModels | undefined = existsSync(join(examples, mlp))
    ? await openRegistry(examples)
    : undefined;
  return {
    get: models.get,
    ids: models.ids,
    network: (id) => (id === 'first' ? first : (others?.network(id) ?? first)),
    networkIds: () => ['first', ...(others?.networkIds() ?? [])],
  };
}

async function serve(): Promise<Ports> {
  const models = await served();
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

/** The first so many patients of the vectors that the model is sealed with, over and over. */
async function patients(rows: number): Promise<readonly Tensor[]> {
  const { manifest, parity } = await readPackage(packaged(`models/${clinical}`));
  const inputs = Array.from({ length: rows }, (_, row) => parity[row % parity.length]?.input ?? {});
  return manifest.inputs.flatMap((input: Manifest['inputs'][number]): readonly Tensor[] => {
    const column = inputs.map((patient) => {
      const value = patient[input.name] ?? null;
      return input.kind === 'boolean' && value !== null ? Boolean(value) : value;
    });
    if (column.every((value) => value === null)) return [];
    const [{ name }, shape] = [input, [rows]];
    return [{ name, shape, ...contentsOfJson(datatypesOf(input)[0], shape, column, name) }];
  });
}

/** One tensor of so many bytes, numbers between 0 and 1. */
function series(bytes: number, width: number): Tensor {
  const rows = Math.min(maxRows, Math.max(1, Math.floor(bytes / 4 / width)));
  const data = Float32Array.from({ length: rows * width }, (_, at) => ((at * 7919) % 10007) / 10007);
  return { name: 'x', shape: [rows, width], datatype: 'FP32', data };
}

const line = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

/** Each way in turn, for so long. @returns milliseconds of every request, sorted */
async function timed(
  ways: Ways,
  model: string,
  tensors: readonly Tensor[],
  seconds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  const answers = new Set<number>();
  const turns = async (kept: boolean, ms: number): Promise<void> => {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      for (const [name, way] of Object.entries(ways)) {
        const begun = performance.now();
        answers.add(await way(model, tensors));
        if (kept) times.get(name)?.push(performance.now() - begun);
      }
    }
  };
  await turns(false, seconds * 1000);
  await turns(true, seconds * 1000 * times.size);
  if (answers.size !== 1) throw new Error('the ways disagree');
  return new Map([...times].map(([name, each]) => [name, each.toSorted((one, other) => one - other)]));
}

const bytesIn = (tensors: readonly Tensor[]): number =>
  tensors.reduce((sum, tensor) => sum + bytesOf(tensor).length, 0);

async function measure(
  ways: Ways,
  model: string,
  tensors: readonly Tensor[],
  seconds: number,
): Promise<void> {
  const times = await timed(ways, model, tensors, seconds);
  const bytes = bytesIn(tensors);
  const base = percentile([...times.values()][0] ?? [], 50);
  for (const [name, ms] of times) {
    const p50 = percentile(ms, 50);
    const cells = [p50, percentile(ms, 99), bytes / 1000 / p50, base / p50].map((cell) => cell.toFixed(2));
    const size = `${tensors[0]?.shape[0]} rows, ${(bytes / 1024).toFixed(0)} KiB`;
    console.log(line(model, size, name, ...cells, ms.length));
  }
}

/** How long one request keeps the event loop of the server: the longest turn of each of many, one after the other. */
async function kept(
  server: ChildProcess,
  ways: Ways,
  model: string,
  tensors: readonly Tensor[],
): Promise<void> {
  const longest = (): Promise<number> =>
    new Promise((resolve) => {
      server.once('message', (ms) => resolve(Number(ms)));
      server.send('longest');
    });
  for (const [name, way] of Object.entries(ways)) {
    for (let warm = 0; warm < 30; warm++) await way(model, tensors);
    await longest();
    const turns: number[] = [];
    for (let run = 0; run < 50; run++) {
      await way(model, tensors);
      turns.push(await longest());
    }
    turns.sort((one, other) => one - other);
    const cells = [50, 90, 100].map((percent) => percentile(turns, percent).toFixed(1));
    console.log(line(model, `${tensors[0]?.shape[0]} rows`, name, ...cells));
  }
}

/**
 * Answers each message with the longest that the event loop was kept since the one before, in ms: of this thread's own
 * time, so that what else the machine does does not count.
 */
function watch(): void {
  let [longest, since] = [0, 0];
  const turn = (): void => {
    // Linux brings a thread's own time up to date only where that of the whole process is asked for.
    process.cpuUsage();
    const { user, system } = process.threadCpuUsage();
    longest = Math.max(longest, user + system - since);
    since = user + system;
    setImmediate(turn);
  };
  process.once('message', turn);
  process.on('message', () => {
    process.send?.(longest / 1000);
    longest = 0;
  });
}

async function bench(): Promise<void> {
  const [rows, sizes] = [process.argv[2] ?? '1,100,4096', process.argv[3] ?? '1,64,1024'].map((list) =>
    list.split(',').map(Number),
  );
  const seconds = Number(process.argv[4] ?? 3);
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
  const head = ['model', 'size', 'way', 'p50 ms', 'p99 ms', 'MB/s', 'times as fast as JSON', 'requests'];
  console.log([line(...head), line(...head.map(() => '---'))].join('\n'));
  for (const count of seconds > 0 ? (rows ?? []) : [])
    await measure(ways, clinical, await patients(count), seconds);
  const { 'gRPC, typed': _, ...arrays } = ways;
  const widths = { first: columns, ...(existsSync(join(examples, mlp)) ? { [mlp]: mlpColumns } : {}) };
  for (const [model, width] of Object.entries(widths))
    for (const kib of seconds > 0 ? (sizes ?? []) : [])
      await measure(arrays, model, [series(kib * 1024, width)], seconds);
  const turns = ['model', 'size', 'way', 'longest turn, p50 ms', 'p90 ms', 'max ms'];
  console.log(['', line(...turns), line(...turns.map(() => '---'))].join('\n'));
  await kept(child, ways, clinical, await patients(Math.max(...(rows ?? []))));
  await kept(child, arrays, 'first', [series(1024 * Math.max(...(sizes ?? [])), columns)]);
  child.disconnect();
  process.exit(0);
}

if (process.send === undefined) await bench();
else {
  process.once('disconnect', () => process.exit(0));
  process.send(await serve());
  watch();
}
