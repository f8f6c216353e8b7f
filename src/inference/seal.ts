/** Seals a model package: writes the digests of what lies in the folder into its manifest. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, sealOf, sha256 } from './digest.ts';
import type { Digest } from './model.ts';
import { ModelPackageError, readPackage } from './package.ts';

/**
 * @param folder `models/<id>`; its manifest.json is rewritten when a digest changed
 * @throws ModelPackageError when the package is not complete: a seal on a broken package is not written back
 */
export async function sealPackage(folder: string): Promise<Digest> {
  const path = join(folder, 'manifest.json');
  const before = await readFile(path, 'utf8');
  const { parity: _parity, digest: _digest, ...said } = JSON.parse(before) as Record<string, Json>;
  const parity = sha256(await readFile(join(folder, 'parity.jsonl')));
  const digest = sealOf(await readFile(join(folder, '1', 'model.onnx')), { ...said, parity });
  await writeFile(path, `${JSON.stringify({ ...said, parity, digest }, null, 2)}\n`);
  try {
    return (await readPackage(folder)).digest;
  } catch (broken) {
    await writeFile(path, before);
    throw broken instanceof ModelPackageError
      ? broken
      : new ModelPackageError(path, '', 'cannot be sealed', broken);
  }
}
