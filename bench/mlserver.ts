/**
 * auscult and MLServer on the same model.onnx, side by side: first our remote runner proves MLServer against the local
 * runner, over REST and gRPC; then both servers get the same questions. They take turns within each round, so that what
 * else the machine does hits both alike; a line is the median of the rounds. Prints Markdown.
 *
 *   node bench/mlserver.ts [folder of a Python environment, kept] [rounds] [seconds for each turn]
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { basename, join } from 'node:path';
import { parseRemoteModels } from '../src/inference/remote/remote-model.ts';
import { remoteRunner } from '../src/inference/remote/remote-runner.ts';
import type { Batch } from '../src/inference/runner/protocol.ts';
import { startRunner } from '../src/inference/runner/runner.ts';
import { packaged } from '../src/packaged.ts';
import { median, percentile } from './load.ts';
import { drive, grpcLoader, httpRequest, type Loader, type Measured, restLoader } from './mlserver/drive.ts';
import { requirements, startPeer } from './mlserver/peer.ts';
import { type Server, startAuscult } from './mlserver/server.ts';
import { environment, versionsOf } from './python.ts';

const model = 'readmission-mlp';
const folder = packaged(`fixtures/models/${model}`);
const graph = join(folder, '1/model.onnx');
const [input, output, width] = ['x', 'risk', 12] as const;
const port = 18_080;
const underWay = 16;
/** Seconds in which neither is measured. */
const warmUp = 4;
/** Questions differ: two alike at the same time would be computed once. */
const different = 64;
/** 1365 rows of 12 float32 are 64 KiB. */
const sizes = [1, 1365];

interface Vector {
  readonly input: { readonly x: readonly number[] };
}

const patients = readFileSync(join(folder, 'parity.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => (JSON.parse(line) as Vector).input.x);

/** The vectors of the package over and over, from another one on each time. */
const rowsOf = (rows: number, from: number): Float32Array<ArrayBuffer> =>
  Float32Array.from(
    Array.from({ length: rows }, (_, row) => {
      const [age = 0, ...more] = patients[(row + from) % patients.length] ?? [];
      return [row === 0 ? age + from / 1024 : age, ...more];
    }).flat(),
  );

const batchOf = (rows: number): Batch => ({
  rows,
  feeds: { [input]: { dtype: 'float32', shape: [rows, width], data: rowsOf(rows, 0) } },
  fetches: [output],
});

/** @throws Fault, where the server does not answer what the graph answers here */
async function proof(server: Server): Promise<readonly string[]> {
  const local = startRunner();
  await local.load(model, readFileSync(graph));
  const batch = batchOf(patients.length);
  const golden = { batch, outputs: await local.run(model, batch) };
  const lines: string[] = [];
  for (const protocol of ['rest', 'grpc'] as const) {
    const endpoints = [`http://127.0.0.1:${server[protocol]}`];
    const [entry] = parseRemoteModels(JSON.stringify([{ model, protocol, endpoints, timeoutMs: 10_000 }]));
    if (entry === undefined) continue;
    const remote = remoteRunner(entry, { protoFile: packaged('src/serving/open_inference_grpc.proto') });
    await remote.load(model, new Uint8Array());
    await remote.prove(model, golden);
    const outputs = await remote.run(model, batch);
    const equal = Buffer.compare(bytes(outputs[output]?.data), bytes(golden.outputs[output]?.data)) === 0;
    lines.push(`${protocol}: ${batch.rows} vectors proven${equal ? ', equal to the bit' : ''}`);
    await remote.close();
  }
  await local.close();
  return lines;
}

const bytes = (data: ArrayBufferView | undefined): Uint8Array =>
  data === undefined ? new Uint8Array() : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

type Way = (server: Server, rows: number) => Loader;

const questions = <T>(rows: number, make: (data: Float32Array<ArrayBuffer>) => T): readonly T[] =>
  Array.from({ length: different }, (_, from) => make(rowsOf(rows, from)));
const path = `/v2/models/${model}/infer`;
const described = (rows: number) => ({ name: input, shape: [rows, width], datatype: 'FP32' });

const json: Way = ({ rest }, rows) => {
  const requests = questions(rows, (data) => {
    const inputs = [{ ...described(rows), data: [...data] }];
    const body = Buffer.from(JSON.stringify({ inputs, outputs: [{ name: output }] }));
    return httpRequest(path, body, { 'content-type': 'application/json' });
  });
  return restLoader(rest, requests, underWay);
};
const binary: Way = ({ rest }, rows) => {
  const requests = questions(rows, (data) => {
    const inputs = [{ ...described(rows), parameters: { binary_data_size: data.byteLength } }];
    const head = Buffer.from(
      JSON.stringify({ inputs, outputs: [{ name: output, parameters: { binary_data: true } }] }),
    );
    return httpRequest(path, Buffer.concat([head, bytes(data)]), {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    });
  });
  return restLoader(rest, requests, underWay);
};
const raw: Way = ({ grpc }, rows) => {
  const messages = questions(rows, (data) => ({
    model_name: model,
    inputs: [described(rows)],
    raw_input_contents: [Buffer.from(bytes(data))],
    outputs: [{ name: output }],
  }));
  return grpcLoader(grpc, messages, underWay);
};

/** What both take; the bytes of `REST, bytes` MLServer does not, so they stand against its JSON. */
const ways: readonly { readonly name: string; readonly ours: Way; readonly theirs: Way }[] = [
  { name: 'REST, JSON', ours: json, theirs: json },
  { name: 'REST, bytes (MLServer: JSON)', ours: binary, theirs: json },
  { name: 'gRPC, raw', ours: raw, theirs: raw },
];

interface Compared {
  readonly name: string;
  readonly rows: number;
  readonly ours: readonly Measured[];
  readonly theirs: readonly Measured[];
}

async function compare(
  auscult: Server,
  peer: Server,
  rounds: number,
  seconds: number,
): Promise<readonly Compared[]> {
  const all: Compared[] = [];
  for (const rows of sizes) {
    for (const { name, ours, theirs } of ways) {
      const sides = [
        { server: auscult, loader: ours(auscult, rows), measured: [] as Measured[] },
        { server: peer, loader: theirs(peer, rows), measured: [] as Measured[] },
      ] as const;
      for (const { loader, server } of sides) await drive(loader, server.pid, warmUp);
      for (let round = 0; round < rounds; round++) {
        for (const { loader, server, measured } of sides)
          measured.push(await drive(loader, server.pid, seconds));
      }
      for (const { loader } of sides) loader.close();
      all.push({ name, rows, ours: sides[0].measured, theirs: sides[1].measured });
    }
  }
  return all;
}

const line = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const of = (measured: readonly Measured[], what: (each: Measured) => number): number =>
  median(measured.map(what));
const perSecond = ({ perSecond }: Measured): number => perSecond;
const p =
  (percent: number) =>
  ({ times }: Measured): number =>
    percentile(times, percent);
const cpu = ({ cpuMs }: Measured): number => cpuMs;

function table(compared: readonly Compared[]): string {
  const head = [
    'rows',
    'way',
    'ratio req/s',
    'auscult req/s',
    'MLServer req/s',
    'p50 ms',
    'p99 ms',
    'CPU ms/req',
    'ratio CPU',
    'refused',
  ];
  const lines = compared.map(({ name, rows, ours, theirs }) => {
    const both = (what: (each: Measured) => number, digits: number): string =>
      `${of(ours, what).toFixed(digits)} / ${of(theirs, what).toFixed(digits)}`;
    return line(
      rows,
      name,
      `**${median(ours.map((each, round) => each.perSecond / (theirs[round]?.perSecond ?? Number.NaN))).toFixed(1)}×**`,
      of(ours, perSecond).toFixed(0),
      of(theirs, perSecond).toFixed(0),
      both(p(50), 1),
      both(p(99), 1),
      both(cpu, 2),
      `${(of(theirs, cpu) / of(ours, cpu)).toFixed(1)}×`,
      both(({ refused }) => refused, 0),
    );
  });
  return [line(...head), line(...head.map(() => '---')), ...lines].join('\n');
}

async function bench(): Promise<void> {
  const [given, rounds = '5', seconds = '3'] = process.argv.slice(2);
  const bin = environment(requirements, given);
  const auscult = await startAuscult(packaged('fixtures/models'));
  console.log(`# auscult and MLServer on ${basename(folder)}\n`);
  for (const workers of [0, 1]) {
    const peer = await startPeer({ bin, model, graph, workers, port: port + 10 * workers });
    if (workers === 0) console.log(`${(await proof(peer)).join('; ')}.\n`);
    console.log(`## MLServer with parallel_workers ${workers}${workers === 1 ? ', its default' : ''}\n`);
    console.log(`${table(await compare(auscult, peer, Number(rounds), Number(seconds)))}\n`);
    await peer.close();
  }
  await auscult.close();
  console.log(
    `Ratios and numbers are medians of ${rounds} rounds of ${seconds} s after ${warmUp} s of warming up, ${underWay} questions under way, auscult / MLServer.`,
    `The generator runs on the same machine. ${availableParallelism()} cores, ${cpus()[0]?.model}, load ${loadavg()[1]?.toFixed(1)} over the last five minutes.`,
    `Node ${process.version}, onnxruntime-node 1.30.0; ${versionsOf(requirements, bin)}.`,
  );
}

await bench();
