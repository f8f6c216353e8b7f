// What the runner costs beside a raw loop of onnxruntime, in one run: `npm run bench:inference`.
import { fork } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { shareOfCores } from '../src/inference/runner/fleet.ts';
import type { Batch } from '../src/inference/runner/protocol.ts';
import { type Runner, startRunner } from '../src/inference/runner/runner.ts';
import { type Perceptron, perceptron } from './graphs.ts';
import { percentile } from './load.ts';
import type { RawTask } from './raw.ts';

const seconds = Number(process.argv[2] ?? 2);
const rounds = Number(process.argv[3] ?? 3);

const raw = fork(new URL('./raw.ts', import.meta.url), [], { serialization: 'advanced', execArgv: [] });
const rawTimes = (task: RawTask): Promise<readonly number[]> =>
  new Promise((resolve) => {
    raw.once('message', (times) => resolve(times as readonly number[]));
    raw.send(task);
  });

const batchOf = ({ inputs }: Perceptron, rows: number): Batch => ({
  rows,
  feeds: { x: { dtype: 'float32', shape: [rows, inputs], data: new Float32Array(rows * inputs).fill(0.3) } },
  fetches: ['y'],
});

/** Milliseconds of each run, so many in flight at once, and of all together. */
async function portTimes(runner: Runner, model: string, batch: Batch, inFlight: number) {
  const times: number[] = [];
  for (let warm = 0; warm < 20; warm++) await runner.run(model, batch);
  const since = performance.now();
  const end = since + seconds * 1000;
  const ask = async (at: number): Promise<void> => {
    // Two that are alike would be answered by one run.
    const feeds = { x: { ...batch.feeds.x, data: new Float32Array(batch.feeds.x?.data as Float32Array) } };
    for (let turn = 0; performance.now() < end; turn++) {
      feeds.x.data[0] = at + turn / 1e6;
      const begun = performance.now();
      await runner.run(model, { ...batch, feeds: feeds as Batch['feeds'] });
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, at) => ask(at)));
  return { times, ms: (performance.now() - since) / times.length };
}

const p50 = (times: readonly number[]): number =>
  percentile(
    times.toSorted((a, b) => a - b),
    50,
  );
const median = (values: readonly number[]): number =>
  percentile(
    values.toSorted((a, b) => a - b),
    50,
  );
const mean = (times: readonly number[]): number => times.reduce((sum, each) => sum + each, 0) / times.length;
const line = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);

const sizes: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['32-64-32-1', [32, 64, 32, 1], [1, 64, 1024]],
  ['512-2048-2048-1024-512', [512, 2048, 2048, 1024, 512], [1, 4, 8, 16, 128]],
];

/** Of the process on each side: all cores, and one, which leaves the others to the service. */
const shares = [...new Set([shareOfCores(availableParallelism()).threads, 1])];

/** A small graph has one all the same. */
const isLarge = ({ bytes }: Perceptron): boolean => bytes.length >= 2 ** 20;

interface Round {
  readonly raw: number;
  readonly port: number;
  readonly rawRate: number;
  readonly portRate: number;
}

/** The loop, the port alone, the port with two under way. */
async function round(runner: Runner, name: string, network: Perceptron, rows: number, threads: number) {
  const batch = batchOf(network, rows);
  const { bytes: graph, inputs: width } = network;
  const floor = await rawTimes({ graph, input: 'x', width, rows, threads, seconds });
  const alone = await portTimes(runner, name, batch, 1);
  const two = await portTimes(runner, name, batch, 2);
  const rates = { rawRate: 1000 / mean(floor), portRate: 1000 / two.ms };
  return { raw: p50(floor), port: p50(alone.times), ...rates } satisfies Round;
}

const titles =
  'network, threads, rows, raw p50 ms, port p50 ms, port adds ms, raw runs/s, port runs/s (2 under way), share';

async function overhead(threads: number): Promise<void> {
  const runner = startRunner({ workers: 1, threads });
  for (const [name, widths, rowCounts] of sizes) {
    const network = perceptron(widths);
    if (!isLarge(network) && threads > 1) continue;
    await runner.load(name, network.bytes);
    for (const rows of rowCounts) {
      const each: Round[] = [];
      while (each.length < rounds) each.push(await round(runner, name, network, rows, threads));
      const of = (key: keyof Round): number => median(each.map((one) => one[key]));
      const [floor, port] = [of('raw'), of('port')];
      const share = median(each.map(({ rawRate, portRate }) => portRate / rawRate));
      const times = [floor, port, port - floor].map((ms) => ms.toFixed(3));
      const rates = [of('rawRate'), of('portRate')].map((rate) => rate.toFixed(0));
      line(name, threads, rows, ...times, ...rates, `${(share * 100).toFixed(0)} %`);
    }
  }
  await runner.close();
}

/** The main event loop while a run of some 400 ms is computed again and again. */
async function loopDelay(): Promise<void> {
  const network = perceptron([2048, 4096, 4096, 2048]);
  const runner = startRunner();
  await runner.load('large', network.bytes);
  const batch = batchOf(network, 900);
  await runner.run('large', batch);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const times: number[] = [];
  delay.enable();
  for (const end = performance.now() + seconds * 2000; performance.now() < end; ) {
    const begun = performance.now();
    await runner.run('large', batch, { lane: 'hook' });
    times.push(performance.now() - begun);
  }
  delay.disable();
  const ms = (nanoseconds: number): string => (nanoseconds / 1e6 - 1).toFixed(1);
  console.log(
    `\nMain event loop while runs of ${p50(times).toFixed(0)} ms are computed: delay p50 ${ms(delay.percentile(50))} ms, p99 ${ms(delay.percentile(99))} ms, longest ${ms(delay.max)} ms`,
  );
  await runner.close();
}

console.log(
  `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, onnxruntime-node 1.30.0; ${rounds} rounds of ${seconds} s, medians\n`,
);
line(...titles.split(', '));
line(...titles.split(', ').map(() => '---'));
for (const threads of shares) await overhead(threads);
await loopDelay();
raw.disconnect();
