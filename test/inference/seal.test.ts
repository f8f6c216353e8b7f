import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPackage } from '../../src/inference/package.ts';
import { sealPackage } from '../../src/inference/seal.ts';
import { folder, manifest, manifestJson, withCopy } from './prevent.ts';

const text = (path: string): string => readFileSync(join(path, 'manifest.json'), 'utf8');

describe('sealing', () => {
  it('writes the same manifest again when nothing changed', async () => {
    await withCopy(async (copy) => {
      assert.equal(await sealPackage(copy.folder), manifest.digest);
      assert.equal(text(copy.folder), text(folder));
    });
  });

  it('gives a changed package a new digest that is accepted', async () => {
    await withCopy(async (copy) => {
      copy.write('manifest.json', JSON.stringify({ ...manifestJson(), version: '1.0.1' }));
      const digest = await sealPackage(copy.folder);
      assert.notEqual(digest, manifest.digest);
      assert.equal((await readPackage(copy.folder)).digest, digest);
    });
  });

  it('does not seal a broken package, and leaves it as it was', async () => {
    await withCopy(async (copy) => {
      const broken = JSON.stringify({ ...manifestJson(), reviewBy: 'soon' });
      copy.write('manifest.json', broken);
      await assert.rejects(sealPackage(copy.folder), /reviewBy/);
      assert.equal(text(copy.folder), broken);
    });
  });
});
