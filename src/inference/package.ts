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

export interface ModelPackage extends Omit<Sealed<Manifest>, 'vectors'> {
  readonly parity: readonly ParityRow[];
}

/** Names of the package folders in a models folder, sorted. */
export async function packageFolders(models: string): Promise<readonly string[]> {
  const entries = await readdir(models, { withFileTypes: true });
  // A link is how a mounted volume holds a folder.
  const folders = entries.filter(
    (entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'),
  );
  return folders.map((entry) => join(models, entry.name)).sort();
}

/** What every package holds, whatever its manifest's grammar; its digests are checked. */
export interface Sealed<M> {
  /** `models/<id>`, as error messages name it. */
  readonly folder: string;
  readonly manifest: M;
  readonly digest: Digest;
  /** The bytes whose digest was checked: these are run, the file is not read again. */
  readonly model: Uint8Array;
  /** The text of parity.jsonl. */
  readonly vectors: string;
}

interface SealedManifest {
  readonly id: string;
  readonly parity: string;
  readonly digest: string;
}

/** Which of its two grammars a manifest follows. @throws ModelPackageError when there is no manifest to read */
export async function packageKind(folder: string): Promise<'model' | 'network'> {
  return kindOf(await readJson(folder, 'manifest.json'));
}

/** The same of what a manifest.json held. */
export const kindOf = (raw: unknown): 'model' | 'network' =>
  typeof raw === 'object' && raw !== null && 'kind' in raw && raw.kind === 'network' ? 'network' : 'model';

/** @throws ModelPackageError when a file is absent, breaks its grammar, or the seal does not match */
export async function readPackage(folder: string): Promise<ModelPackage> {
  const { vectors, ...sealed } = await readSealed(folder, manifestSchema);
  return { ...sealed, parity: readVectors(parityRow, vectors, sealed.folder) };
}

/** @throws ModelPackageError as readPackage does */
export async function readSealed<M extends SealedManifest>(
  folder: string,
  grammar: z.ZodType<M>,
): Promise<Sealed<M>> {
  const id = basename(folder);
  const said = named(folder, 'manifest.json');
  const raw = await readJson(folder, 'manifest.json');
  const manifest = parsed(grammar, raw, said);
  if (manifest.id !== id) throw new ModelPackageError(said, 'id', "is not the folder's name");
  const model = await readBytes(folder, '1/model.onnx');
  if (sealOf(model, raw as Record<string, Json>) !== manifest.digest) {
    throw new ModelPackageError(said, 'digest', 'does not match 1/model.onnx and this manifest');
  }
  const vectors = decoded(await readCovered(folder, 'parity.jsonl', { parity: manifest.parity }));
  await readBytes(folder, 'MODEL_CARD.md');
  const attributes = await readJson(folder, 'source-attributes.json');
  parsed(sourceAttributesSchema, attributes, named(folder, 'source-attributes.json'));
  return { folder: `models/${id}`, manifest, digest: manifest.digest as Digest, model, vectors };
}

/** The bytes of a file whose SHA-256 stands in the manifest, under the one field given. @throws ModelPackageError */
export async function readCovered(
  folder: string,
  name: string,
  expected: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const bytes = await readBytes(folder, name);
  const wrong = Object.keys(expected).find((field) => expected[field] !== sha256(bytes));
  if (wrong === undefined) return bytes;
  throw new ModelPackageError(named(folder, 'manifest.json'), wrong, `does not match ${name}`);
}

/** The lines of parity.jsonl. @throws ModelPackageError for a line that breaks the grammar, or where there is none */
export function readVectors<T>(grammar: z.ZodType<T>, text: string, folder: string): readonly T[] {
  const file = `${folder}/parity.jsonl`;
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length === 0) throw new ModelPackageError(file, '', 'holds no vector');
  return lines.map((line, at) => readAs(grammar, line, `${file}:${at + 1}`));
}

/** JSON of that grammar. @throws ModelPackageError naming the file and the field that breaks it */
export const readAs = <T>(grammar: z.ZodType<T>, text: string | Uint8Array, file: string): T =>
  parsed(grammar, parseJson(typeof text === 'string' ? text : decoded(text), file), file);

const named = (folder: string, name: string): string => `models/${basename(folder)}/${name}`;
const decoded = (bytes: Uint8Array): string => new TextDecoder('utf-8').decode(bytes);
const readJson = async (folder: string, name: string): Promise<unknown> =>
  parseJson(decoded(await readBytes(folder, name)), named(folder, name));

async function readBytes(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw new ModelPackageError(named(folder, name), '', 'cannot be read', cause);
  }
}

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
