// Exact Shapley values of one patient, 12 players and 50 background rows, beside Python's shap on the same graph:
// `AUSCULT_PYTHON=<python with shap and onnxruntime> node bench/shapley.ts`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { exactShapley } from '../src/explain/exact.ts';
import type { Game, Score } from '../src/explain/game.ts';
import { startRunner } from '../src/inference/runner/runner.ts';
import type { Tensor } from '../src/inference/tensor.ts';
import { perceptron } from './graphs.ts';
import { median } from './load.ts';

const [players, rows, rounds] = [12, 50, 5];
const network = perceptron([players, 32, 16, 1], 'float64');

/** Of no patient: spread evenly, the same in every run. */
const numbers = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, at) => Math.sin(seed + at * 78.233) * 2);
const tensor = (data: Float64Array): Tensor => ({
  dtype: 'float64',
  shape: [data.length / players, players],
  data,
});

const runner = startRunner();
await runner.load('mlp', network.bytes);
const score: Score = async (rows, urgency) => {
  const { y } = await runner.run('mlp', { ...rows, fetches: ['y'] }, urgency);
  return y?.data as Float64Array;
};
const game: Game = {
  score,
  patient: { x: tensor(numbers(players, 1)) },
  background: { x: tensor(numbers(rows * players, 2)) },
  backgroundRows: rows,
  players: Array.from({ length: players }, (_, at) => ({
    label: `column ${at}`,
    parts: [{ input: 'x', elements: Int32Array.of(at) }],
  })),
};

async function ours() {
  const times: number[] = [];
  let phi = new Float64Array();
  for (let round = 0; round < rounds + 3; round++) {
    const begun = performance.now();
    phi = (await exactShapley(game)).phi as Float64Array<ArrayBuffer>;
    if (round >= 3) times.push(performance.now() - begun);
  }
  return { phi, ms: median(times) };
}

interface Theirs {
  readonly phi: readonly number[];
  readonly ms: readonly number[];
  readonly versions: Readonly<Record<string, string>>;
}

function theirs(python: string): Theirs {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-shap-'));
  try {
    const [graph, given] = [join(folder, 'mlp.onnx'), join(folder, 'numbers.json')];
    writeFileSync(graph, network.bytes);
    const background = Array.from({ length: rows }, (_, row) => [
      ...numbers(rows * players, 2).subarray(row * players, (row + 1) * players),
    ]);
    writeFileSync(given, JSON.stringify({ patient: [...numbers(players, 1)], background, rounds: 6 }));
    const script = join(import.meta.dirname, 'shapley.py');
    return JSON.parse(
      execFileSync(python, [script, graph, given], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const own = await ours();
console.log(
  `${cpus()[0]?.model}, Node ${process.version}; ${players} players, ${rows} background rows, float64`,
);
console.log(`auscult, through the runner: ${own.ms.toFixed(0)} ms (median of ${rounds})`);
const python = process.env.AUSCULT_PYTHON;
if (python === undefined) console.log('Python shap: not measured (AUSCULT_PYTHON is not set)');
else {
  const { phi, ms, versions } = theirs(python);
  const [cold = Number.NaN, ...warm] = ms;
  const furthest = Math.max(...phi.map((value, at) => Math.abs(value - (own.phi[at] ?? Number.NaN))));
  console.log(`Python shap ExactExplainer, ${JSON.stringify(versions)}:`);
  const beside = (time: number): string =>
    `${time.toFixed(0)} ms, ${(time / own.ms).toFixed(1)} times as long`;
  console.log(`  in a new process, while numba compiles: ${beside(cold)}`);
  console.log(`  asked again: ${beside(median(warm))}`);
  console.log(`  largest difference ${furthest.toExponential(1)}`);
}
await runner.close();
