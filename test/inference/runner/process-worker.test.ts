/** A worker of one real process: it answers in order, and no other than what it was given. */
import assert from 'node:assert/strict';
import { RunnerFailed } from '../../../src/inference/runner/worker.ts';
import { graph } from '../prevent.ts';
import { goldenOf, many, negative, numbers, one, oneWorker } from './one-worker.ts';
import { batchOf } from './small-graph.ts';

describe('a worker of one process', () => {
  const { open, worker, pid, kill, works, gone } = oneWorker();

  it('answers in the order of the questions, also where a graph must be loaded first', async () => {
    open();
    await Promise.all([worker().load('prevent', graph()), worker().load('negative', negative)]);
    kill();
    await gone(worker().run('negative', batchOf(numbers(1))));
    const order: string[] = [];
    await Promise.all([
      worker()
        .run('prevent', many)
        .then(() => order.push('long')),
      worker()
        .run('negative', batchOf(numbers(1)))
        .then(() => order.push('short')),
    ]);
    assert.deepEqual(order, ['long', 'short']);
  });

  it('refuses what it was never given, and what the graph does not take, in the same process', async () => {
    open();
    await worker().load('prevent', graph());
    const before = pid();
    await assert.rejects(worker().run('unknown', one), { name: 'RunnerFailed', message: /not loaded/ });
    await assert.rejects(worker().prove('unknown', goldenOf(numbers(1), numbers(1))), RunnerFailed);
    await assert.rejects(worker().run('prevent', { ...one, feeds: {} }), RunnerFailed);
    await assert.rejects(worker().load('bad', Uint8Array.of(1, 2, 3)), RunnerFailed);
    await assert.rejects(worker().run('bad', one), { message: /not loaded/ });
    await works();
    assert.equal(pid(), before);
  });

  it('closes: what waits is RunnerGone, the process ends, later questions are RunnerGone', async () => {
    open();
    await worker().load('prevent', graph());
    const both = [gone(worker().run('prevent', many)), gone(worker().run('prevent', one))];
    const before = pid();
    await worker().close();
    await Promise.all(both);
    assert.throws(() => process.kill(before, 0));
    assert.equal(worker().pid, undefined);
    await gone(worker().run('prevent', one));
    await gone(worker().load('prevent', graph()));
    await gone(worker().prove('prevent', goldenOf(numbers(1), numbers(1))));
    await worker().close();
  });
});
