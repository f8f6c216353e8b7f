/** serving.md §0 and §1: what the process is given, what it keeps to itself, how it uses the machine. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { librariesFolder } from '../../../src/inference/runner/libraries.ts';
import { startWorker } from '../../../src/inference/runner/process-worker.ts';
import type { Worker } from '../../../src/inference/runner/worker.ts';
import type { Tensor } from '../../../src/inference/tensor.ts';
import { graph } from '../prevent.ts';
import { assertQuiet, endsWithService, hasProc, threadsOf } from './live.ts';
import { batchOf, smallGraph } from './small-graph.ts';

const tensors: readonly Tensor[] = [
  { dtype: 'float64', shape: [2], data: Float64Array.of(0.1, Number.NaN) },
  { dtype: 'float32', shape: [2], data: Float32Array.of(0.5, -2) },
  { dtype: 'int64', shape: [2], data: BigInt64Array.of(2n ** 60n + 1n, -1n) },
  { dtype: 'int32', shape: [2], data: Int32Array.of(2 ** 31 - 1, -1) },
  { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
];

describe("the runner's process", () => {
  let worker: Worker;
  afterEach(() => worker.close());

  for (const x of tensors) {
    it(`takes and gives ${x.dtype}`, async () => {
      worker = startWorker();
      const signature = await worker.load('m', smallGraph({ operator: 'Identity', type: x.dtype }));
      assert.deepEqual(signature.outputs, [{ name: 'y', type: x.dtype, shape: ['rows'] }]);
      const { outputs } = await worker.run('m', batchOf(x));
      assert.deepEqual(outputs.y, x);
    });
  }

  it('an output of float16 is a clear failure, no other numbers', async () => {
    worker = startWorker();
    await worker.load('m', smallGraph({ operator: 'Cast', to: 'float16' }));
    const x: Tensor = { dtype: 'float64', shape: [1], data: Float64Array.of(1) };
    await assert.rejects(worker.run('m', batchOf(x)), {
      name: 'RunnerFailed',
      message: 'output y is float16',
    });
  });

  it('threads are for graphs of 1 MiB or more', async function () {
    if (!hasProc) this.skip();
    worker = startWorker({ threads: 3 });
    await worker.load('small', smallGraph({ operator: 'Exp', padding: 2 ** 19 }));
    const before = threadsOf(worker.pid);
    await worker.load('small too', smallGraph({ operator: 'Neg', padding: 2 ** 19 }));
    assert.equal(threadsOf(worker.pid), before);
    await worker.load('large', smallGraph({ operator: 'Exp', padding: 2 ** 20 }));
    assert.equal(threadsOf(worker.pid), before + 2);
  });

  it('an execution provider without its libraries is no other one', async function () {
    if (existsSync(join(librariesFolder(), 'libonnxruntime_providers_shared.so'))) this.skip();
    for (const provider of ['cuda', 'tensorrt'] as const) {
      worker = startWorker({ provider });
      assert.equal(worker.provider, provider);
      await assert.rejects(worker.load('prevent', graph()), { name: 'RunnerFailed' });
      await worker.close();
    }
  });

  it('ignores the signals meant for the service', async function () {
    if (process.platform === 'win32') this.skip();
    worker = startWorker();
    await worker.load('prevent', graph());
    const { pid } = worker;
    process.kill(pid ?? 0, 'SIGINT');
    process.kill(pid ?? 0, 'SIGTERM');
    await worker.load('prevent', graph());
    assert.equal(worker.pid, pid);
  });

  it('ends when the service dies', async () => {
    worker = startWorker();
    const module = new URL('../../../src/inference/runner/process-worker.ts', import.meta.url);
    const script = `
      const { startWorker } = await import(${JSON.stringify(module.href)});
      const worker = startWorker();
      await worker.load('none', new Uint8Array()).catch(() => {});
      console.log(worker.pid);
      setInterval(() => {}, 1000);`;
    await endsWithService(script);
  });

  it('serving.md §0 row 1: sends no telemetry, and knows no key of the service', async function () {
    if (!hasProc) this.skip();
    worker = startWorker({ env: { ...process.env, LEDGER_KEY: 'secret' } });
    await worker.load('prevent', graph());
    assertQuiet(worker.pid);
  });
});
