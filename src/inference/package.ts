/** Reads a sealed model package from disk. Whatever is broken stops the start with file, field and rule. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type Json, sealOf, sha256 } from './digest.ts';
import { type Manifest, manifestSchema } from './manifest.ts';
import type { Digest } from './model.ts';
import { sourceAttributesSchema } from './source-attributes.ts';

/** A package that must not be served. The message is `<file>: <field>: <rule>`. */
export class ModelPackageError extends Error {
  override name = 'ModelPackageError';
  readonly file: string;
  readonly field: string;
  readonly rule: string;

  constructor(file: string, field: string, rule: string, cause?: unknown) {
    super(`${file}: ${field === '' ? '' : `${field}: `}${rule}`, cause === undefined ? undefined : { cause });
    this.file = file;
    this.field = field;
    this.rule = rule;
  }
}

const inputValue = z.union([z.number(), z.boolean(), z.string(), z.null()]);

/** One line of parity.jsonl: inputs and what an independent implementation made of them. */
const parityRow = z.strictObject({
  id: z.string().min(1),
  input: z.record(z.string(), inputValue),
  /** Every probability output that applies, no other. */
  expected: z.record(z.string(), z.number()),
  labels: z.record(z.string(), z.string()),
  /** Largest absolute difference allowed. */
  tolerance: z.number().min(0).max(0.01),
  source: z.string().min(1),
});

export type ParityRow = z.output<typeof parityRow>;

export interface ModelPackage {
  /** `models/<id>`, as error messages name it. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly digest: Digest;
  /** The bytes whose digest was checked: these are run, the file is not read again. */
  readonly model: Uint8Array;
  readonly parity: readonly ParityRow[];
}

/** Names of the package folders in a models folder, sorted. */
export async function packageFolders(models: string): Promise<readonly string[]> {
  const entries = await readdir(models, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  return folders.map((entry) => join(models, entry.name)).sort();
}

/** @throws ModelPackageError when a file is absent, breaks its grammar, or the seal does not match */
export async function readPackage(folder: string): Promise<ModelPackage> {
  const id = basename(folder);
  const file = (name: string): string => `models/${id}/${name}`;
  const raw = parseJson(await readText(folder, 'manifest.json', file), file('manifest.json'));
  const manifest = parsed(manifestSchema, raw, file('manifest.json'));
  if (manifest.id !== id)
    throw new ModelPackageError(file('manifest.json'), 'id', "is not the folder's name");
  const model = await readBytes(folder, '1/model.onnx', file);
  if (sealOf(model, raw as Record<string, Json>) !== manifest.digest) {
    throw new ModelPackageError(
      file('manifest.json'),
      'digest',
      'does not match 1/model.onnx and this manifest',
    );
  }
  const parity = await readText(folder, 'parity.jsonl', file);
  if (sha256(parity) !== manifest.parity) {
    throw new ModelPackageError(file('manifest.json'), 'parity', 'does not match parity.jsonl');
  }
  await readText(folder, 'MODEL_CARD.md', file);
  const attributes = await readText(folder, 'source-attributes.json', file);
  parsed(
    sourceAttributesSchema,
    parseJson(attributes, file('source-attributes.json')),
    file('source-attributes.json'),
  );
  const rows = parityRows(parity, file('parity.jsonl'));
  return { folder: `models/${id}`, manifest, digest: manifest.digest as Digest, model, parity: rows };
}

function parityRows(text: string, file: string): readonly ParityRow[] {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length === 0) throw new ModelPackageError(file, '', 'holds no vector');
  return lines.map((line, at) =>
    parsed(parityRow, parseJson(line, `${file}:${at + 1}`), `${file}:${at + 1}`),
  );
}

async function readBytes(folder: string, name: string, file: (name: string) => string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw new ModelPackageError(file(name), '', 'cannot be read', cause);
  }
}

const readText = async (folder: string, name: string, file: (name: string) => string): Promise<string> =>
  new TextDecoder('utf-8').decode(await readBytes(folder, name, file));

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelPackageError(file, '', 'is not JSON', cause);
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new ModelPackageError(file, issue?.path.join('.') ?? '', issue?.message ?? 'breaks its grammar');
}
