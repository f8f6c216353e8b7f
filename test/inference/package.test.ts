import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ModelPackageError, packageFolders, readPackage } from '../../src/inference/package.ts';
import { folder, graph, manifestJson, models, withCopy } from './prevent.ts';

const refused = (file: string, field: string, rule: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ModelPackageError, String(error));
  assert.equal(error.file, file);
  assert.equal(error.field, field);
  assert.match(error.rule, rule);
  return true;
};

describe('model package', () => {
  it('reads the shipped package: sealed, with model card, 31 source attributes and vectors', async () => {
    const read = await readPackage(folder);
    assert.equal(read.manifest.id, 'prevent');
    assert.equal(read.parity.length, 160);
    assert.ok((await packageFolders(models)).includes(folder));
  });

  it('refuses a graph with any one bit changed', async () => {
    await withCopy(async (copy) => {
      const original = graph();
      const step = Math.floor((original.length * 8) / 96);
      for (let bit = 3; bit < original.length * 8; bit += step) {
        const flipped = Uint8Array.from(original);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        copy.write('1/model.onnx', flipped);
        const rule = refused('models/prevent/manifest.json', 'digest', /does not match/);
        await assert.rejects(readPackage(copy.folder), rule, `bit ${bit}`);
      }
      copy.write('1/model.onnx', original);
      await readPackage(copy.folder);
    });
  });

  it('refuses a graph with bytes added or missing', async () => {
    await withCopy(async (copy) => {
      const original = graph();
      for (const bytes of [original.subarray(0, -1), Uint8Array.from([...original, 0]), new Uint8Array()]) {
        copy.write('1/model.onnx', bytes);
        await assert.rejects(
          readPackage(copy.folder),
          refused('models/prevent/manifest.json', 'digest', /match/),
        );
      }
    });
  });

  it('refuses a widened range in the manifest; white space is free', async () => {
    await withCopy(async (copy) => {
      const text = readFileSync(join(folder, 'manifest.json'), 'utf8');
      copy.write('manifest.json', text.replace('"max": 79', '"max": 89'));
      await assert.rejects(
        readPackage(copy.folder),
        refused('models/prevent/manifest.json', 'digest', /match/),
      );
      copy.write('manifest.json', JSON.stringify(manifestJson()));
      await readPackage(copy.folder);
    });
  });

  it('refuses vectors that were changed or taken out', async () => {
    await withCopy(async (copy) => {
      const text = readFileSync(join(folder, 'parity.jsonl'), 'utf8');
      copy.write('parity.jsonl', text.slice(text.indexOf('\n') + 1));
      await assert.rejects(
        readPackage(copy.folder),
        refused('models/prevent/manifest.json', 'parity', /match/),
      );
    });
  });

  it('names file, field and rule of a broken manifest', async () => {
    await withCopy(async (copy) => {
      copy.write('manifest.json', JSON.stringify({ ...manifestJson(), regulatoryTier: 'none' }));
      await assert.rejects(
        readPackage(copy.folder),
        refused('models/prevent/manifest.json', 'regulatoryTier', /./),
      );
      copy.write('manifest.json', '{');
      await assert.rejects(
        readPackage(copy.folder),
        /^ModelPackageError: models\/prevent\/manifest.json: is not JSON/,
      );
      copy.write('manifest.json', JSON.stringify({ ...manifestJson(), id: 'other' }));
      await assert.rejects(readPackage(copy.folder), refused('models/prevent/manifest.json', 'id', /folder/));
    });
  });

  it('refuses a package without one of its files', async () => {
    for (const name of ['1/model.onnx', 'parity.jsonl', 'MODEL_CARD.md', 'source-attributes.json']) {
      await withCopy(async (copy) => {
        rmSync(join(copy.folder, name));
        await assert.rejects(
          readPackage(copy.folder),
          refused(`models/prevent/${name}`, '', /cannot be read/),
        );
      });
    }
  });

  it('refuses source attributes with one left out: each is filled or said to be unavailable', async () => {
    await withCopy(async (copy) => {
      const json = JSON.parse(readFileSync(join(folder, 'source-attributes.json'), 'utf8'));
      copy.write(
        'source-attributes.json',
        JSON.stringify({ ...json, attributes: json.attributes.slice(0, 30) }),
      );
      await assert.rejects(
        readPackage(copy.folder),
        refused('models/prevent/source-attributes.json', 'attributes', /./),
      );
    });
  });
});
