/**
 * The GPU path, proven where there is no GPU: WebGPU on a Vulkan device in software (serving.md §0). Correctness only;
 * nothing here says how fast a device is.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openRegistry } from '../../../src/inference/registry.ts';
import { startWorker } from '../../../src/inference/runner/process-worker.ts';
import type { Batch } from '../../../src/inference/runner/protocol.ts';
import { type Runner, type RunnerEvent, startRunner } from '../../../src/inference/runner/runner.ts';
import { swiftShader } from './swiftshader.ts';

const folder = resolve(import.meta.dirname, '../../../fixtures/models');
const networks = ['readmission-mlp', 'pneumonia-cnn', 'mortality-gru'];

/** Columns of readmission-mlp. */
const columns = 12;
const batchOf = (first: number): Batch => {
  const data = new Float32Array(3 * columns).fill(first / 100);
  return { rows: 3, feeds: { x: { dtype: 'float32', shape: [3, columns], data } }, fetches: ['risk'] };
};

describe('a GPU worker', function () {
  this.timeout(120_000);
  let runner: Runner;
  let events: RunnerEvent[];

  before(async function () {
    const environment = await swiftShader();
    if (environment === undefined) return this.skip();
    events = [];
    runner = startRunner({
      workers: 1,
      providers: ['webgpu'],
      runHangMs: 60_000,
      onEvent: (event) => events.push(event),
      startWorker: (options) => startWorker({ ...options, env: { ...process.env, ...environment } }),
    });
  });
  after(() => runner?.close());

  it('gives on the device what the CPU gave, to 1e-4 on every vector of a package, or is not asked', async () => {
    const few = mkdtempSync(join(tmpdir(), 'auscult-networks-'));
    for (const id of networks) cpSync(join(folder, id), join(few, id), { recursive: true });
    const registry = await openRegistry(few, { runner });
    rmSync(few, { recursive: true });
    assert.deepEqual(registry.networkIds(), [...networks].sort());
    assert.deepEqual(events, []);
    const [, gpu] = runner.devices();
    assert.equal(gpu?.provider, 'webgpu');
    assert.deepEqual(gpu?.refused, []);
  });

  it('is lost in the middle of a run: the CPU answers, and nobody notices', async () => {
    const [cpu, gpu] = runner.devices();
    assert.ok(gpu?.pid !== undefined && cpu?.pid !== undefined);
    const asked = Array.from({ length: 20 }, (_, at) => runner.run('readmission-mlp', batchOf(at)));
    process.kill(gpu.pid, 'SIGKILL');
    const answers = await Promise.all(asked);
    assert.ok(answers.every(({ risk }) => risk?.data.length === 3));
    assert.equal(runner.devices()[0]?.pid, cpu.pid);
  });
});
