import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Manifest, manifestSchema } from '../../src/inference/manifest.ts';
import type { ParityRow } from '../../src/inference/package.ts';
import type { Inputs, InputValue } from '../../src/inference/row.ts';

export const models = resolve(import.meta.dirname, '../../models');
export const folder = join(models, 'prevent');

const read = (path: string): string => readFileSync(path, 'utf8');

/** A fresh copy each time: a test may bend it. */
export const manifestJson = (): Record<string, unknown> => JSON.parse(read(join(folder, 'manifest.json')));
export const manifest: Manifest = manifestSchema.parse(manifestJson());
export const graph = (): Uint8Array => readFileSync(join(folder, '1', 'model.onnx'));

export const vectors: readonly ParityRow[] = read(
  resolve(import.meta.dirname, '../../training/prevent/vectors.jsonl'),
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

/** The published test patient of preventr: base variant, every output applies. */
export const patient: Readonly<Record<string, InputValue>> = {
  age: 50,
  sex: 'female',
  sbp: 160,
  bp_tx: true,
  total_c: 200,
  hdl_c: 45,
  statin: false,
  dm: true,
  smoking: false,
  egfr: 90,
  bmi: 35,
};
/** The same as codes. */
export const row = { ...patientCodes(), model: -1 };

function patientCodes(): Record<string, number | null> {
  return {
    age: 50,
    sex: 0,
    sbp: 160,
    bp_tx: 1,
    total_c: 200,
    hdl_c: 45,
    statin: 0,
    dm: 1,
    smoking: 0,
    egfr: 90,
    bmi: 35,
    uacr: null,
    hba1c: null,
    sdi_decile: null,
  };
}

export const inputs = (change: Readonly<Record<string, InputValue>> = {}): Inputs =>
  new Map(Object.entries({ ...patient, ...change }));

/** Runs on a throw-away copy of `models/` that holds the one package. */
export async function withCopy<T>(
  use: (copy: {
    models: string;
    folder: string;
    write: (name: string, content: string | Uint8Array) => void;
  }) => Promise<T>,
): Promise<T> {
  const copied = mkdtempSync(join(tmpdir(), 'auscult-models-'));
  try {
    cpSync(folder, join(copied, 'prevent'), { recursive: true });
    const write = (name: string, content: string | Uint8Array): void =>
      writeFileSync(join(copied, 'prevent', name), content);
    return await use({ models: copied, folder: join(copied, 'prevent'), write });
  } finally {
    rmSync(copied, { recursive: true });
  }
}

/** Ten plausible answers and the base variant. */
export const answer: Readonly<Record<string, number>> = {
  ...Object.fromEntries(manifest.outputs.map((output) => [output.name, 0.1])),
  model: 0,
};
