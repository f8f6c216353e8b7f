/** Seals a package: writes the digests of what lies in the folder into its manifest. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, sealOf, sha256 } from './digest.ts';
import type { Digest } from './model.ts';
import { coveredFiles, readNetworkPackage } from './network-package.ts';
import { ModelPackageError, packageKind, readPackage } from './package.ts';

/**
 * @param folder `models/<id>`; its manifest.json is rewritten when a digest changed
 * @throws ModelPackageError when the package is not complete: a seal on a broken package is not written back
 */
export async function sealPackage(folder: string): Promise<Digest> {
  const isNetwork = (await packageKind(folder)) === 'network';
  const path = join(folder, 'manifest.json');
  const before = await readFile(path, 'utf8');
  const { digest: _, ...said } = JSON.parse(before) as Record<string, Json>;
  const covered = { ...(isNetwork ? optionalFiles(folder) : {}), parity: 'parity.jsonl' };
  for (const field of ['parity', ...(isNetwork ? Object.keys(coveredFiles) : [])]) delete said[field];
  for (const [field, name] of Object.entries(covered))
    said[field] = sha256(await readFile(join(folder, name)));
  const digest = sealOf(await readFile(join(folder, '1', 'model.onnx')), said);
  await writeFile(path, `${JSON.stringify({ ...said, digest }, null, 2)}\n`);
  try {
    return (await (isNetwork ? readNetworkPackage(folder) : readPackage(folder))).digest;
  } catch (broken) {
    await writeFile(path, before);
    throw broken instanceof ModelPackageError
      ? broken
      : new ModelPackageError(path, '', 'cannot be sealed', broken);
  }
}

/** The files beside the graph that this network has, by the field that holds their SHA-256. */
const optionalFiles = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(coveredFiles).filter(([, name]) => existsSync(join(folder, name))));
