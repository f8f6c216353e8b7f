/** A process that grows is replaced in peace; one that takes what the machine has is killed. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytes } from '../../processes.ts';
import { graph } from '../prevent.ts';
import { hasProc, until } from './live.ts';
import { greedy } from './loop-graph.ts';
import { many, negative, numbers, one, oneWorker } from './one-worker.ts';
import { batchOf } from './small-graph.ts';

describe('a worker of one process and its memory', () => {
  const { open, worker, pid, kill, works, answerOf, gone } = oneWorker();

  it('too much of it: another process takes its place; no question is lost', async () => {
    open({ maxBytes: 1 });
    await worker().load('prevent', graph());
    await worker().load('m', negative);
    const before = pid();
    let asked = 0;
    while (worker().pid === before) {
      asked++;
      const both = await Promise.all([answerOf('m', asked), answerOf('m', asked + 0.5)]);
      assert.deepEqual(both, [[-asked], [-asked - 0.5]]);
    }
    await works();
    await until(() => residentBytes(before) === 0);
    const after = pid();
    assert.deepEqual(await answerOf('m', 1), [-1]);
    await sleep(400);
    assert.equal(pid(), after, 'not again so soon');
  });

  it('the old process finishes what it was asked', async () => {
    open({ maxBytes: 1 });
    const first = worker().load('prevent', graph());
    await first;
    const before = pid();
    const long = Array.from({ length: 20 }, () => worker().run('prevent', many));
    await until(() => worker().pid !== before);
    assert.deepEqual(
      (await Promise.all(long)).map(({ outputs }) => outputs['10yr_ascvd']?.data.length),
      long.map(() => many.rows),
    );
  });

  it('where the old process dies meanwhile, the new one takes its place at once', async () => {
    open({ maxBytes: 1 });
    await worker().load('prevent', graph());
    const before = pid();
    kill();
    await until(() => worker().pid !== undefined && worker().pid !== before);
    await works();
  });

  it('far too much of it, in the middle of a run: the process is killed, and the next answers', async function () {
    if (!hasProc) this.skip();
    open({ killBytes: 400e6, runHangMs: 60_000 });
    await worker().load('prevent', graph());
    await worker().load('greedy', greedy);
    const before = pid();
    const x = numbers(1e15, ...new Float64Array(100_000));
    await Promise.all([gone(worker().run('greedy', batchOf(x))), gone(worker().run('prevent', one))]);
    await works();
    assert.notEqual(pid(), before);
    assert.deepEqual(await answerOf('greedy', 1, 3), [-1, -3]);
  });
});
