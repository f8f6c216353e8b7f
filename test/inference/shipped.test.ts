/** Every package in the repository: its seal holds against any bit, Triton can serve its folder, its gradient is one. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type Json, sealsUnder } from '../../src/inference/digest.ts';
import { readNetworkPackage } from '../../src/inference/network-package.ts';
import { vectorFeeds } from '../../src/inference/network-start.ts';
import { packageKind, readPackage } from '../../src/inference/package.ts';
import { type Runner, startRunner } from '../../src/inference/runner/runner.ts';
import type { Tensor, Tensors } from '../../src/inference/tensor.ts';
import { numbers } from './small-network.ts';

const root = resolve(import.meta.dirname, '../..');
const foldersIn = (models: string): readonly string[] =>
  existsSync(models)
    ? readdirSync(models, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(models, entry.name))
        .sort()
    : [];
const packages = [...foldersIn(join(root, 'models')), ...foldersIn(join(root, 'fixtures/models'))];
const manifestOf = (folder: string): Record<string, Json> =>
  JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));

/** All bits of a small file; of a larger one 512, evenly from its first byte to its last. */
function bitsOf(bytes: Uint8Array): readonly number[] {
  const count = bytes.length * 8;
  if (bytes.length <= 4096) return Array.from({ length: count }, (_, bit) => bit);
  return Array.from({ length: 512 }, (_, at) => Math.round((at * (count - 1)) / 511));
}

describe('the seal of every shipped package', () => {
  for (const folder of packages) {
    const original = Uint8Array.from(readFileSync(join(folder, '1/model.onnx')));
    const bits = bitsOf(original);
    it(`${basename(folder)}: no graph with one of ${bits.length} bits changed has it`, () => {
      const manifest = manifestOf(folder);
      const sealOf = sealsUnder(manifest);
      const copy = Uint8Array.from(original);
      const flip = (bit: number): void => {
        copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      };
      for (const bit of bits) {
        flip(bit);
        assert.notEqual(sealOf(copy), manifest.digest, `bit ${bit}`);
        flip(bit);
      }
      assert.equal(sealOf(copy), manifest.digest);
    });
  }
});

describe('every shipped package, read', () => {
  const at = mkdtempSync(join(tmpdir(), 'auscult-flipped-'));
  after(() => rmSync(at, { recursive: true }));

  for (const folder of packages) {
    it(`${basename(folder)}: is refused with a bit changed at its start, in its middle, at its end`, async () => {
      const copy = join(at, basename(folder));
      cpSync(folder, copy, { recursive: true });
      const original = Uint8Array.from(readFileSync(join(folder, '1/model.onnx')));
      const read = (await packageKind(folder)) === 'network' ? readNetworkPackage : readPackage;
      for (const byte of [0, original.length >> 1, original.length - 1]) {
        const flipped = original.with(byte, (original[byte] ?? 0) ^ 1);
        writeFileSync(join(copy, '1/model.onnx'), flipped);
        await assert.rejects(read(copy), { name: 'ModelPackageError', field: 'digest' });
      }
    });
  }
});

describe('every shipped package as a Triton model repository entry', () => {
  let runner: Runner;
  before(() => {
    runner = startRunner();
  });
  after(() => runner.close());

  for (const folder of packages) {
    const id = basename(folder);
    it(id, async () => {
      const network = (await packageKind(folder)) === 'network';
      const { manifest } = network ? await readNetworkPackage(folder) : await readPackage(folder);
      assert.equal(manifest.id, id);
      const versions = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      assert.deepEqual(
        versions.map(({ name }) => name),
        ['1'],
      );
      const graphs = readdirSync(join(folder, '1'));
      assert.ok(graphs.includes('model.onnx'));
      assert.deepEqual(
        graphs.filter((name) => name !== 'model.onnx' && name !== 'gradient.onnx'),
        [],
      );
      for (const name of graphs) {
        const { inputs, outputs } = await runner.load(`${id}/${name}`, readFileSync(join(folder, '1', name)));
        for (const { name: tensor, shape } of [...inputs, ...outputs]) {
          assert.equal(typeof shape[0], 'string', `${name}: ${tensor} is batched`);
        }
      }
    });
  }
});

/** Numbers in [0, 1) that are the same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const withGradient = packages.filter((folder) => existsSync(join(folder, '1/gradient.onnx')));

describe('the gradient of every shipped network', () => {
  let runner: Runner;
  before(() => {
    runner = startRunner();
  });
  after(() => runner.close());

  for (const folder of withGradient) {
    it(`${basename(folder)}: is the slope of what is explained, at its first vector that is not certain`, async () => {
      const sealed = await readNetworkPackage(folder);
      const { explain } = sealed.manifest;
      assert.ok(explain !== undefined && sealed.gradient !== undefined);
      await runner.load('model', sealed.model);
      await runner.load('gradient', sealed.gradient);
      const { output, element = 0, scale } = explain;
      const first = sealed.parity.find(({ expected }) => !isCertain(expected[output]?.[element], scale));
      assert.ok(first !== undefined);
      const patient = vectorFeeds({ ...sealed, parity: [first] });
      /** Past the network's checks: a step may leave the valid range. */
      const explained = async (feeds: Tensors): Promise<number> => {
        const answer = await runner.run('model', { rows: 1, feeds, fetches: [output] });
        const value = numbers(answer[output])[element] ?? Number.NaN;
        return scale === 'logit' ? Math.log(value / (1 - value)) : value;
      };
      for (const { name, dtype } of sealed.manifest.inputs) {
        const at = patient[name];
        if (dtype === 'int64' || at === undefined) continue;
        const fetches = [`d_${name}`];
        const answer = await runner.run('gradient', { rows: 1, feeds: patient, fetches });
        const slope = numbers(answer[`d_${name}`]);
        for (const along of directions(slope)) {
          const [up, down] = await Promise.all([
            explained({ ...patient, [name]: moved(at, along, step) }),
            explained({ ...patient, [name]: moved(at, along, -step) }),
          ]);
          const measured = (up - down) / (2 * step);
          const said = dot(slope, along);
          assert.ok(
            Math.abs(measured - said) <= 0.01 * Math.hypot(...slope),
            `${name}: ${measured}, said ${said}`,
          );
        }
      }
    });
  }
});

const step = 5e-3;

/** So near 0 or 1 that float32 says little of its log odds. */
const isCertain = (risk: number | undefined, scale: string): boolean =>
  scale === 'logit' && Math.abs((risk ?? 1) - 0.5) > 0.49;

/** Of length 1: along the slope, and eight others. */
function directions(slope: readonly number[]): readonly (readonly number[])[] {
  const random = seeded(7);
  const others = Array.from({ length: 8 }, () => slope.map(() => random() - 0.5));
  return [slope, ...others].map((raw) => raw.map((element) => element / Math.hypot(...raw)));
}

function moved(tensor: Tensor, along: readonly number[], by: number): Tensor {
  const data = numbers(tensor).map((value, at) => value + by * (along[at] ?? 0));
  const { shape } = tensor;
  return tensor.dtype === 'float32'
    ? { dtype: 'float32', shape, data: Float32Array.from(data) }
    : { dtype: 'float64', shape, data: Float64Array.from(data) };
}

const dot = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, element, at) => sum + element * (other[at] ?? 0), 0);
