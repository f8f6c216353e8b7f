/** Graphs outlive the process of a worker, whatever it ended of. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { graph, models } from '../prevent.ts';
import { hasProc, threadsOf, until } from './live.ts';
import { endless } from './loop-graph.ts';
import { many, negative, numbers, one, oneWorker, same } from './one-worker.ts';
import { batchOf, smallGraph } from './small-graph.ts';

describe('a worker of one process and its end', () => {
  const { open, worker, pid, kill, works, answerOf, gone } = oneWorker();

  it('takes both questions with it; the next is answered by another process', async () => {
    open();
    await worker().load('prevent', graph());
    const before = pid();
    const both = [gone(worker().run('prevent', many)), gone(worker().run('prevent', one))];
    await sleep(20);
    kill();
    await Promise.all(both);
    await works();
    assert.notEqual(pid(), before);
  });

  it('idle: another takes its place at once', async () => {
    open();
    await worker().load('prevent', graph());
    await sleep(1100);
    const before = pid();
    kill();
    await until(() => worker().pid !== undefined && worker().pid !== before);
    await works();
  });

  it('the next process loads the graph that is asked for, and the others while nobody asks', async function () {
    if (!hasProc) this.skip();
    open({ threads: 4 });
    const large = smallGraph({ operator: 'Exp', padding: 2 ** 20 });
    await Promise.all([worker().load('large', large), worker().load('prevent', graph())]);
    await works();
    const whole = threadsOf(pid());
    kill();
    await gone(worker().run('prevent', one));
    await works();
    await until(() => threadsOf(pid()) === whole);
  });

  it('right after the start, again and again: no process before someone asks', async () => {
    open();
    await worker().load('prevent', graph());
    for (let time = 0; time < 3; time++) {
      kill();
      await until(() => worker().pid === undefined);
      await sleep(100);
      assert.equal(worker().pid, undefined);
      await works();
    }
  });

  it('a process that hangs is killed', async function () {
    if (process.platform === 'win32') this.skip();
    open({ runHangMs: 300 });
    await worker().load('prevent', graph());
    const before = pid();
    process.kill(before, 'SIGSTOP');
    await Promise.all([gone(worker().run('prevent', one)), gone(worker().run('prevent', one))]);
    await works();
    assert.notEqual(pid(), before);
  });

  for (const [how, runHangMs, hangMs] of [
    ['as soon as is said of that run', 60_000, 300],
    ["never later than the worker's own limit", 300, 60_000],
  ] as const) {
    it(`a run without end is killed ${how}`, async () => {
      open({ runHangMs });
      await worker().load('endless', endless);
      assert.deepEqual(await answerOf('endless', 1, 3), [1, 3]);
      const before = pid();
      await gone(worker().run('endless', batchOf(numbers(1e15)), hangMs));
      assert.deepEqual(await answerOf('endless', 1, 3), [1, 3]);
      assert.notEqual(pid(), before);
    });
  }

  it('a start that hangs is RunnerGone', async () => {
    open({ startHangMs: 1 });
    await gone(worker().load('prevent', graph()));
  });

  it('bytes that change after the load are noticed by the next process', async () => {
    open();
    const bytes = Uint8Array.from(negative);
    await worker().load('negative', bytes);
    bytes.set(same.subarray(0, bytes.length));
    kill();
    await gone(worker().run('negative', batchOf(numbers(1))));
    await assert.rejects(worker().run('negative', batchOf(numbers(1))), {
      name: 'RunnerFailed',
      message: 'these are not the bytes that were checked',
    });
  });

  it('every shipped graph is there again', async () => {
    open();
    const ids = readdirSync(models, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const signatures = await Promise.all(
      ids.map(({ name }) => worker().load(name, readFileSync(join(models, name, '1', 'model.onnx')))),
    );
    assert.ok(signatures.length > 20);
    kill();
    await gone(worker().run('prevent', one));
    await works();
    const failures = await Promise.all(
      ids.map(({ name }) => worker().run(name, { rows: 1, feeds: {}, fetches: [] }).catch(String)),
    );
    assert.deepEqual(
      failures.filter((failure) => /not loaded/.test(String(failure))),
      [],
    );
  });
});
