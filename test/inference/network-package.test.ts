/** A network's package: what is read, and what is refused with file, field and rule. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNetworkPackage } from '../../src/inference/network-package.ts';
import { ModelPackageError, packageKind, readPackage } from '../../src/inference/package.ts';
import { sealPackage } from '../../src/inference/seal.ts';
import { type Graph, onnxBytes } from './graphs.ts';
import { folder as clinical } from './prevent.ts';
import { type Files, gradient, manifestJson, numbers, patients, withPackage } from './small-network.ts';

const refused = (file: string, field: string, rule: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ModelPackageError, String(error));
  assert.deepEqual([error.file, error.field], [`models/small/${file}`, field]);
  assert.match(error.rule, rule);
  return true;
};

describe('network package', () => {
  it('is told from a clinical one by its kind', async () => {
    await withPackage({}, async ({ folder }) => {
      assert.equal(await packageKind(folder), 'network');
      assert.equal(await packageKind(clinical), 'model');
    });
  });

  it('reads manifest, vectors, background and gradient', async () => {
    await withPackage({}, async ({ folder }) => {
      const digest = await sealPackage(folder);
      const read = await readNetworkPackage(folder);
      assert.equal(read.digest, digest);
      assert.deepEqual(
        read.parity.map(({ input }) => input.x),
        patients,
      );
      assert.equal(read.background?.rows, 2);
      assert.deepEqual(read.background?.feeds.x?.shape, [2, 3]);
      assert.deepEqual(numbers(read.background?.feeds.x), [0, 0, 0, 1, 1, 1]);
      assert.deepEqual(read.gradient, readFileSync(join(folder, '1/gradient.onnx')));
    });
  });

  it('is refused as a clinical model', async () => {
    await withPackage({}, async ({ folder }) => {
      await sealPackage(folder);
      await assert.rejects(readPackage(folder), ModelPackageError);
    });
  });

  for (const [file, field] of [
    ['parity.jsonl', 'parity'],
    ['background.json', 'background'],
    ['1/gradient.onnx', 'gradient'],
  ] as const) {
    it(`refuses ${file} with one bit changed`, async () => {
      await withPackage({}, async ({ folder, write }) => {
        await sealPackage(folder);
        const bytes = Uint8Array.from(readFileSync(join(folder, file)));
        bytes[5] = (bytes[5] ?? 0) ^ 1;
        write(file, bytes);
        await assert.rejects(
          readNetworkPackage(folder),
          refused('manifest.json', field, /^does not match .+/),
        );
      });
    });
  }

  it('refuses a changed graph, and a changed manifest', async () => {
    await withPackage({}, async ({ folder, write }) => {
      await sealPackage(folder);
      const text = readFileSync(join(folder, 'manifest.json'), 'utf8');
      write('manifest.json', text.replace('"max": 4', '"max": 5'));
      await assert.rejects(readNetworkPackage(folder), refused('manifest.json', 'digest', /match/));
      write('manifest.json', text);
      write('1/model.onnx', onnxBytes(gradient));
      await assert.rejects(readNetworkPackage(folder), refused('manifest.json', 'digest', /match/));
    });
  });

  it('refuses a package without one of its files', async () => {
    const names = ['1/model.onnx', '1/gradient.onnx', 'background.json', 'parity.jsonl', 'MODEL_CARD.md'];
    for (const name of [...names, 'source-attributes.json']) {
      await withPackage({}, async ({ folder, remove }) => {
        await sealPackage(folder);
        remove(name);
        await assert.rejects(readNetworkPackage(folder), refused(name, '', /cannot be read/));
      });
    }
  });

  it('refuses a gradient that nobody sealed', async () => {
    const { gradient: _, ...json } = manifestJson();
    const methods = ['exact-shapley'];
    const plain = JSON.stringify({ ...json, explain: { ...json.explain, methods } });
    await withPackage({ 'manifest.json': plain }, async ({ folder, write, remove }) => {
      remove('1/gradient.onnx');
      await sealPackage(folder);
      await readNetworkPackage(folder);
      write('1/gradient.onnx', onnxBytes(gradient satisfies Graph));
      await assert.rejects(readNetworkPackage(folder), refused('manifest.json', 'gradient', /is not given/));
    });
  });

  const background = (x: unknown, rows = 1): Files => ({
    'background.json': JSON.stringify({ rows, inputs: { x } }),
  });
  for (const [title, change, file, field, rule] of [
    [
      'a background of other length',
      background([[0, 0]]),
      'background.json',
      'inputs.x',
      /^has not 3 elements$/,
    ],
    [
      'a background of fewer people',
      background([[0, 0, 0]], 2),
      'background.json',
      'inputs.x',
      /^has not 2 rows$/,
    ],
    [
      'a background beyond the valid range',
      background([[0, 9, 0]]),
      'background.json',
      'inputs.x',
      /outside -4 to 4/,
    ],
    ['a background with a gap', background([[0, null, 0]]), 'background.json', 'inputs.x', /is not a number/],
    [
      'a background of an unknown input',
      { 'background.json': '{"rows":1,"inputs":{"x":[[0,0,0]],"y":[[1]]}}' },
      'background.json',
      'inputs.y',
      /^is no input$/,
    ],
    ['a background that is no JSON', { 'background.json': '{' }, 'background.json', '', /^is not JSON$/],
    ['no vector', { 'parity.jsonl': '\n' }, 'parity.jsonl', '', /^holds no vector$/],
    ['a vector without a source', { 'parity.jsonl': '{"id":"a"}' }, 'parity.jsonl:1', 'input', /./],
  ] as const) {
    it(`does not seal ${title}: file, field, rule`, async () => {
      await withPackage(change, async ({ folder }) => {
        const before = readFileSync(join(folder, 'manifest.json'), 'utf8');
        await assert.rejects(sealPackage(folder), refused(file, field, rule));
        assert.equal(readFileSync(join(folder, 'manifest.json'), 'utf8'), before);
      });
    });
  }
});
