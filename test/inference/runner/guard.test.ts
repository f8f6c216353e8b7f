/** Beside a run that does not end: the process does not outlive the service, nor does its guard keep it. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pack } from '../../../src/inference/runner/packed.ts';
import { startWorker } from '../../../src/inference/runner/process-worker.ts';
import { endsWithService, hasProc } from './live.ts';
import { endless } from './loop-graph.ts';
import { numbers } from './one-worker.ts';
import { batchOf } from './small-graph.ts';

const urlOf = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
const few = batchOf(numbers(3));

describe("the guard of the runner's process", () => {
  it('ends it in the middle of a run without end when the service is gone', async () => {
    await endsWithService(`
      const { startWorker } = await import(${urlOf('../../../src/inference/runner/process-worker.ts')});
      const { endless } = await import(${urlOf('./loop-graph.ts')});
      const { numbers } = await import(${urlOf('./one-worker.ts')});
      const { batchOf } = await import(${urlOf('./small-graph.ts')});
      const worker = startWorker({ runHangMs: 60_000 });
      await worker.load('endless', endless);
      worker.run('endless', batchOf(numbers(1e15))).catch(() => {});
      setTimeout(() => console.log(worker.pid), 200);`);
  });

  it('does not keep it: without a service it ends by itself', async () => {
    const file = fileURLToPath(new URL('../../../src/inference/runner/process.ts', import.meta.url));
    const child = fork(file, { serialization: 'advanced' });
    await once(child, 'message');
    const sha256 = createHash('sha256').update(endless).digest('hex');
    child.send([
      { id: 1, kind: 'load', model: 'm', bytes: endless, sha256 },
      { ...few, id: 2, kind: 'run', model: 'm', feeds: pack(few.feeds) },
    ]);
    await once(child, 'message');
    await once(child, 'message');
    child.disconnect();
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('a machine out of memory ends it before the service', async function () {
    if (!hasProc) this.skip();
    const scoreOf = (pid: number | string): number =>
      Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'));
    const worker = startWorker();
    try {
      await worker.load('endless', endless);
      await worker.run('endless', few);
      assert.equal(scoreOf(worker.pid ?? ''), Math.min(1000, scoreOf('self') + 500));
    } finally {
      await worker.close();
    }
  });
});
