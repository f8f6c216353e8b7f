/**
 * What bulk work costs a hook, and what sparing hooks costs bulk work: one runner, runs of models/prevent.
 * A hook asks 1 row and then 128 (its explanation), 50 times a second, alone and beside two bulk runs of 4096 rows.
 *
 *   node bench/scheduler.ts [hooks a second] [seconds]
 */
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { inputTensors } from '../src/inference/manifest.ts';
import { readPackage } from '../src/inference/package.ts';
import { encodeRow } from '../src/inference/row.ts';
import type { Batch } from '../src/inference/runner/protocol.ts';
import { startRunner } from '../src/inference/runner/runner.ts';
import { column } from '../src/inference/tensor.ts';
import type { Lane } from '../src/inference/urgency.ts';
import { percentile } from './load.ts';

const rate = Number(process.argv[2] ?? 50);
const seconds = Number(process.argv[3] ?? 10);
const model = 'prevent';
const { manifest, model: graph, parity } = await readPackage(join(import.meta.dirname, '../models', model));
const patient = new Map(
  Object.entries(encodeRow(manifest, new Map(Object.entries(parity[0]?.input ?? {}))).row),
);
const fetches = manifest.outputs.map(({ tensor }) => tensor);
let asked = 0;

/** Rows that nobody asked before. */
function batchOf(rows: number): Batch {
  const age = 40 + (asked++ % 30_000) / 1000;
  const feeds = inputTensors(manifest).map((tensor) => {
    const value = tensor === 'age' ? age : (patient.get(tensor) ?? (tensor.endsWith('_missing') ? 1 : 0));
    return [tensor, column(new Float64Array(rows).fill(value))] as const;
  });
  return { rows, feeds: Object.fromEntries(feeds), fetches };
}

let runner = startRunner({ bulkOnly: true });
await runner.load(model, graph);
const run = (rows: number, lane: Lane) => runner.run(model, batchOf(rows), { lane });
const until = (end: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, end - performance.now())));

async function hook(due: number, latencies: number[]): Promise<void> {
  await run(1, 'hook');
  await run(128, 'hook');
  latencies.push(performance.now() - due);
}

/** Milliseconds from the instant at which each hook was due. */
async function hooks(): Promise<Float64Array> {
  const latencies: number[] = [];
  const start = performance.now();
  const pending: Promise<void>[] = [];
  for (let at = 0; at < rate * seconds; at++) {
    const due = start + (at * 1000) / rate;
    await until(due);
    pending.push(hook(due, latencies));
  }
  await Promise.all(pending);
  return Float64Array.from(latencies).sort();
}

/** Rows a second while two runs always wait. */
async function bulkBeside(work: Promise<unknown>): Promise<number> {
  let [rows, over] = [0, false];
  const start = performance.now();
  const ask = async (): Promise<void> => {
    while (!over) {
      await run(4096, 'bulk');
      rows += 4096;
    }
  };
  const asking = [ask(), ask()];
  await work;
  const rowsPerSecond = (rows * 1000) / (performance.now() - start);
  over = true;
  await Promise.all(asking);
  return rowsPerSecond;
}

const inAWhile = (): Promise<void> => until(performance.now() + seconds * 1000);
const ms = (latencies: Float64Array): string =>
  [50, 90, 99].map((p) => `p${p} ${percentile(latencies, p).toFixed(2)} ms`).join(', ');

await bulkBeside(inAWhile());
const bulkOnly = await bulkBeside(inAWhile());
await runner.close();
runner = startRunner();
await runner.load(model, graph);
await hooks();
await bulkBeside(inAWhile());
const idle = await hooks();
const bulkAlone = await bulkBeside(inAWhile());
const working = hooks();
const bulkBesideHooks = await bulkBeside(working);
const busy = await working;
const ratio = percentile(busy, 99) / percentile(idle, 99);
console.log(`${availableParallelism()} cores, ${cpus()[0]?.model}, Node ${process.version}; ${rate} hooks/s`);
console.log(`hook idle        ${ms(idle)}`);
console.log(`hook beside bulk ${ms(busy)}; p99 × ${ratio.toFixed(1)}`);
for (const [what, speed] of [
  ['in a runner for bulk only', bulkOnly],
  ['alone, hooks spared', bulkAlone],
  ['beside hooks', bulkBesideHooks],
] as const) {
  const lost = 100 * (1 - speed / bulkOnly);
  console.log(`bulk ${what}: ${Math.round(speed)} rows/s, ${lost.toFixed(1)} % lost`);
}
console.log(JSON.stringify(runner.stats()));
await runner.close();
