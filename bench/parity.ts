/**
 * How far each sealed model is from the independent numbers it is tested against: the largest absolute difference
 * over its parity.jsonl, through the same child process that serves. Markdown on stdout.
 *
 *   node bench/parity.ts
 */
import { join, resolve } from 'node:path';
import type { Model } from '../src/inference/model.ts';
import { type ParityRow, readPackage } from '../src/inference/package.ts';
import { openRegistry } from '../src/inference/registry.ts';
import { encodeRow } from '../src/inference/row.ts';

const models = resolve(import.meta.dirname, '../models');

interface Line {
  readonly model: string;
  readonly vectors: number;
  readonly outputs: number;
  /** Largest absolute difference among the vectors of one tolerance. */
  readonly error: number;
  readonly tolerance: number;
}

/** One line per tolerance: a number published to three decimals says less than one computed to ten. */
async function linesOf(model: Model, rows: readonly ParityRow[]): Promise<readonly Line[]> {
  const tolerances = [...new Set(rows.map(({ tolerance }) => tolerance))].sort((a, b) => a - b);
  const lines = tolerances.map((tolerance) => {
    const part = rows.filter((row) => row.tolerance === tolerance);
    return lineOf(model, part, tolerance);
  });
  return Promise.all(lines);
}

async function lineOf(model: Model, rows: readonly ParityRow[], tolerance: number): Promise<Line> {
  const encoded = rows.map(({ input }) => encodeRow(model.manifest, new Map(Object.entries(input))).row);
  const answers = await model.run(encoded);
  const errors = rows.flatMap(({ expected }, at) =>
    Object.entries(expected).map(([name, value]) => Math.abs((answers[at]?.[name] ?? Number.NaN) - value)),
  );
  const outputs = new Set(rows.flatMap(({ expected }) => Object.keys(expected))).size;
  const error = errors.reduce((worst, each) => Math.max(worst, each), 0);
  return { model: model.manifest.id, vectors: rows.length, outputs, error, tolerance };
}

const short = (value: number): string => (value === 0 ? '0' : value.toExponential(1));

const registry = await openRegistry(models);
try {
  console.log('| model | vectors | outputs | max error | tolerance |\n|---|---:|---:|---:|---:|');
  for (const id of registry.ids()) {
    const { parity } = await readPackage(join(models, id));
    for (const line of await linesOf(registry.get(id), parity)) {
      const { model, vectors, outputs, error, tolerance } = line;
      console.log(`| ${model} | ${vectors} | ${outputs} | ${short(error)} | ${short(tolerance)} |`);
    }
  }
} finally {
  await registry.close();
}
