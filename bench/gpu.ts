// What this machine's GPU makes of networks: `npm run bench:gpu -- [provider]`. Prints a Markdown report: which device and
// provider, rows per second by batch size, the CPU beside it, and the share of the device's measured peak.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { installedLibraries, librariesFolder } from '../src/inference/runner/libraries.ts';
import { startWorker } from '../src/inference/runner/process-worker.ts';
import { chooseProvider, type Provider, providers } from '../src/inference/runner/providers.ts';
import type { Worker } from '../src/inference/runner/worker.ts';
import { type Perceptron, perceptron } from './graphs.ts';
import { median } from './load.ts';

const order = process.argv[2] === undefined ? providers : [process.argv[2] as Provider];
const runsOf = Number(process.argv[3] ?? 20);

/** Small, of the size that hospitals use for tables; and large, so that the device is the limit and not the way to it. */
const sizes = { small: [32, 64, 32, 1], large: [2048, 8192, 8192, 2048] };
/** One square product, the most a device can be asked for: its measured peak. */
const square = [8192, 8192];
const batches = [1, 16, 64, 256, 1024, 4096];

const line = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);

/** Median milliseconds: of the run in its process, and with the way there and back. */
async function timed(worker: Worker, model: string, { inputs }: Perceptron, rows: number, runs: number) {
  const data = new Float32Array(rows * inputs).fill(0.3);
  const batch = {
    rows,
    feeds: { x: { dtype: 'float32', shape: [rows, inputs], data } as const },
    fetches: ['y'],
  };
  await worker.run(model, batch);
  const [inside, outside]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run++) {
    const begun = performance.now();
    const { ms } = await worker.run(model, batch);
    outside.push(performance.now() - begun);
    inside.push(ms);
  }
  return { inside: median(inside), outside: median(outside) };
}

function said(command: string, ...args: readonly string[]): string {
  try {
    return execFileSync(command, [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'not there';
  }
}

async function report(provider: Provider): Promise<void> {
  const [cpu, gpu] = [startWorker({ runHangMs: 120_000 }), startWorker({ provider, runHangMs: 120_000 })];
  try {
    console.log(`\nProvider \`${provider}\`; every figure is a median of ${runsOf} runs.\n`);
    line('network', 'rows', 'device ms', 'with the way there and back ms', 'rows/s', 'TFLOP/s', 'CPU ms');
    line(...Array(7).fill('---'));
    for (const [name, widths] of Object.entries({ ...sizes, square })) {
      const network = perceptron(widths);
      await Promise.all([cpu, gpu].map((worker) => worker.load(name, network.bytes)));
      for (const rows of batches) {
        const { inside, outside } = await timed(gpu, name, network, rows, runsOf);
        const beside = rows > 256 && name !== 'small' ? undefined : await timed(cpu, name, network, rows, 3);
        const speed = (network.operations * rows) / inside / 1e9;
        line(
          name,
          rows,
          inside.toFixed(2),
          outside.toFixed(2),
          ((rows * 1000) / outside).toFixed(0),
          speed.toFixed(3),
          beside?.inside.toFixed(2) ?? '–',
        );
      }
    }
    console.log('\nThe share of the peak is the largest TFLOP/s of `large` by the largest of `square`.');
  } finally {
    await Promise.all([cpu.close(), gpu.close()]);
  }
}

console.log('# Networks on a GPU\n');
console.log(
  `- CPU: ${cpus()[0]?.model}, ${cpus().length} cores; Node ${process.version}; onnxruntime-node 1.30.0`,
);
console.log(
  `- GPU: ${said('nvidia-smi', '--query-gpu=name,driver_version,memory.total', '--format=csv,noheader')}`,
);
for (const { file, needs } of await installedLibraries(librariesFolder()))
  console.log(`- ${file.split('/').at(-1)} needs ${needs.join(', ') || 'nothing of CUDA'}`);
const { provider, probes } = await chooseProvider(order, (each) => startWorker({ provider: each }));
for (const probe of probes) console.log(`- ${probe.provider}: ${probe.usable ? 'answers' : probe.reason}`);
if (provider === 'cpu') console.log('\nNo GPU answers here: nothing is measured.');
else await report(provider);
