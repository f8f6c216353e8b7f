// What bulk work costs those who wait: hook answers alone, and beside two programs that ask the inference API for 4096
// patients again and again. `npm run bench:lanes -- [hooks a second] [rounds] [seconds] [bytes or json]`.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, cpus } from 'node:os';
import { readPackage } from '../src/inference/package.ts';
import { packaged } from '../src/packaged.ts';
import type { Tensor } from '../src/serving/tensor.ts';
import { drive, median, percentile } from './load.ts';
import { paddedBody, service } from './request.ts';
import type { Discovery } from './server.ts';
import { restWays } from './serving-ways.ts';

const port = 18_090;
const url = `http://127.0.0.1:${port}`;
const rows = 4096;

/** The vectors that the model is sealed with, over and over, as one request. */
async function patients(): Promise<readonly Tensor[]> {
  const { manifest, parity } = await readPackage(packaged('models/prevent'));
  return manifest.inputs.flatMap(({ name, kind }): readonly Tensor[] => {
    const column = Array.from({ length: rows }, (_, row) => parity[row % parity.length]?.input[name] ?? null);
    if (column.every((value) => value === null)) return [];
    const shape = [rows];
    if (kind === 'number')
      return [
        {
          name,
          shape,
          datatype: 'FP64',
          data: Float64Array.from(column, (value) => Number(value ?? Number.NaN)),
        },
      ];
    if (kind === 'boolean') return [{ name, shape, datatype: 'BOOL', data: Uint8Array.from(column, Number) }];
    return [{ name, shape, datatype: 'BYTES', data: column.map((value) => String(value ?? '')) }];
  });
}

/** A process of its own: asks until it is ended, and then says how many rows it got. */
async function bulk(): Promise<void> {
  const tensors = await patients();
  const way = restWays(port)[process.argv[3] === 'json' ? 'REST, JSON' : 'REST, bytes'];
  let answered = 0;
  process.on('message', () => process.send?.(answered));
  const ask = async (): Promise<never> => {
    for (;;) {
      const risk = await way?.('prevent', tensors).catch(() => undefined);
      if (risk !== undefined) answered += rows;
    }
  };
  await Promise.all([ask(), ask()]);
}

async function ready(): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await fetch(`${url}/health/ready`).catch(() => undefined))?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the server does not get ready');
}

interface Step {
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

async function hooks(body: Buffer, rate: number, seconds: number): Promise<Step> {
  const { latencies, failed } = await drive({ url: `${url}/cds-services/${service}`, body, rate, seconds });
  return { p50: percentile(latencies, 50), p99: percentile(latencies, 99), failed };
}

async function bench(): Promise<void> {
  const [rate = 25, rounds = 3, seconds = 8] = process.argv.slice(2, 5).map(Number);
  const env = { ...process.env, PORT: String(port), LOG_LEVEL: 'silent' };
  const server = spawn(process.execPath, [packaged('src/cli.ts'), 'start'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await ready();
  const discovery = (await (await fetch(`${url}/cds-services`)).json()) as Discovery;
  const body = paddedBody(discovery, new Date(), 30_000);
  await hooks(body, 50, 10);
  const [alone, beside, rates]: [Step[], Step[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    alone.push(await hooks(body, rate, seconds));
    const program = fork(import.meta.filename, ['bulk', process.argv[5] ?? 'bytes'], { execArgv: [] });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const since = performance.now();
    beside.push(await hooks(body, rate, seconds));
    program.send('how many?');
    const [answered] = (await once(program, 'message')) as [number];
    rates.push((answered * 1000) / (performance.now() - since));
    program.kill();
    await once(program, 'exit');
  }
  const of = (steps: readonly Step[], key: keyof Step): number => median(steps.map((step) => step[key]));
  console.log(
    `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}; ${rate} hooks/s, ${rounds} rounds of ${seconds} s, medians`,
  );
  for (const [name, steps] of [
    ['alone', alone],
    ['beside bulk', beside],
  ] as const)
    console.log(
      `${name}: p50 ${of(steps, 'p50').toFixed(1)} ms, p99 ${of(steps, 'p99').toFixed(1)} ms, ${of(steps, 'failed')} failed`,
    );
  console.log(
    `p99 ratio ${median(beside.map(({ p99 }, at) => p99 / (alone[at]?.p99 ?? Number.NaN))).toFixed(2)}; bulk ${median(rates).toFixed(0)} rows/s`,
  );
  server.kill();
}

if (process.argv[2] === 'bulk') await bulk();
else await bench();
