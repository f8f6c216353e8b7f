/** Reads the sealed package of a network: the files of every package, and its background and gradient where it has them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Network } from './network.ts';
import { type NetworkInput, type NetworkManifest, networkManifestSchema } from './network-manifest.ts';
import { feedRule, tensorOf } from './network-tensors.ts';
import { ModelPackageError, readAs, readCovered, readSealed, readVectors, type Sealed } from './package.ts';
import type { Tensor } from './tensor.ts';

const text = z.string().min(1);
/** Flat and row-major; null is NaN. */
const elements = z.array(z.number().nullable());

/** One line of parity.jsonl: one patient and what an independent implementation made of it. */
const networkVector = z.strictObject({
  id: text,
  /** Input → elements. */
  input: z.record(z.string(), elements),
  /** Output → elements; every output. */
  expected: z.record(z.string(), z.array(z.number())),
  /** Largest difference allowed, as a part of the expected number, or of 1 where that is smaller. */
  tolerance: z.number().min(0).max(0.01),
  source: text,
});
export type NetworkVector = z.output<typeof networkVector>;

/** background.json: whom patients are compared with, input → one list of elements for each of them. */
const backgroundSchema = z.strictObject({
  rows: z.int().min(1).max(10_000),
  inputs: z.record(z.string(), z.array(elements)),
});

export interface NetworkPackage extends Omit<Sealed<NetworkManifest>, 'vectors'> {
  readonly parity: readonly NetworkVector[];
  readonly background?: NonNullable<Network['background']>;
  /** The bytes of 1/gradient.onnx. */
  readonly gradient?: Uint8Array;
}

/** The files that a network may have, by the manifest's field that holds their SHA-256. */
export const coveredFiles = { background: 'background.json', gradient: '1/gradient.onnx' } as const;

/** @throws ModelPackageError as readPackage does; also where a covered file lies there that the manifest does not name */
export async function readNetworkPackage(folder: string): Promise<NetworkPackage> {
  const { vectors, ...sealed } = await readSealed(folder, networkManifestSchema);
  const [background, gradient] = await Promise.all([
    readOptional(folder, 'background', sealed),
    readOptional(folder, 'gradient', sealed),
  ]);
  return {
    ...sealed,
    parity: readVectors(networkVector, vectors, sealed.folder),
    ...(background === undefined ? {} : { background: backgroundOf(background, sealed) }),
    ...(gradient === undefined ? {} : { gradient }),
  };
}

async function readOptional(
  folder: string,
  field: keyof typeof coveredFiles,
  { manifest, folder: named }: Pick<NetworkPackage, 'manifest' | 'folder'>,
): Promise<Uint8Array | undefined> {
  const name = coveredFiles[field];
  const expected = manifest[field];
  if (expected !== undefined) return readCovered(folder, name, { [field]: expected });
  if (!existsSync(join(folder, name))) return undefined;
  throw new ModelPackageError(`${named}/manifest.json`, field, `is not given, and ${name} is there`);
}

function backgroundOf(
  bytes: Uint8Array,
  { manifest, folder }: Pick<NetworkPackage, 'manifest' | 'folder'>,
): NonNullable<Network['background']> {
  const file = `${folder}/background.json`;
  const { rows, inputs } = readAs(backgroundSchema, bytes, file);
  const unknown = Object.keys(inputs).find((given) => !manifest.inputs.some(({ name }) => name === given));
  if (unknown !== undefined) throw new ModelPackageError(file, `inputs.${unknown}`, 'is no input');
  const feeds = manifest.inputs.map((input) => {
    const tensor = patientsTensor(input, inputs[input.name] ?? [], rows);
    if (typeof tensor === 'string') throw new ModelPackageError(file, `inputs.${input.name}`, tensor);
    return [input.name, tensor] as const;
  });
  return { rows, feeds: Object.fromEntries(feeds) };
}

/** The patients' elements as an input takes them, or the rule that they break. */
export function patientsTensor(
  input: NetworkInput,
  patients: readonly z.output<typeof elements>[],
  rows: number,
): Tensor | string {
  if (patients.length !== rows) return `has not ${rows} rows`;
  const tensor = tensorOf(input, patients);
  return typeof tensor === 'string' ? tensor : (feedRule(input, tensor, rows) ?? tensor);
}
