/** No answer comes from a process that is not proven. */
import assert from 'node:assert/strict';
import { type Golden, RunnerFailed } from '../../../src/inference/runner/worker.ts';
import type { Tensor, Tensors } from '../../../src/inference/tensor.ts';
import { graph } from '../prevent.ts';
import { goldenOf, negative, numbers, one, oneWorker, same } from './one-worker.ts';
import { batchOf, smallGraph } from './small-graph.ts';

describe('a worker of one process and golden outputs', () => {
  const { open, worker, kill, works, answerOf, gone } = oneWorker();

  it('are reproduced by this process and the next', async () => {
    open();
    await worker().load('prevent', graph());
    const { outputs } = await worker().run('prevent', one);
    await worker().prove('prevent', { batch: one, outputs });
    kill();
    await gone(worker().run('prevent', one));
    await works();
  });

  it('that the next process does not reproduce: its first question is refused, with the reason', async () => {
    open();
    await worker().load('m', negative);
    kill();
    await gone(worker().prove('m', goldenOf(numbers(1), numbers(1))));
    const refused = {
      name: 'RunnerFailed',
      message: /^m on cpu differs from its golden outputs by 2\.0e\+0/,
    };
    await assert.rejects(worker().run('m', batchOf(numbers(1))), refused);
    await assert.rejects(worker().run('m', batchOf(numbers(1))), refused);
  });

  it('that differ: the graph is refused for good, and in every process; the others are answered', async () => {
    open();
    await worker().load('m', negative);
    await worker().load('prevent', graph());
    const refused = {
      name: 'RunnerFailed',
      message: 'm on cpu differs from its golden outputs by 5.0e-1 in y (allowed 1e-12)',
    };
    await assert.rejects(worker().prove('m', goldenOf(numbers(1, 2), numbers(-1, -3))), {
      name: 'RunnerFailed',
      message: /^m on cpu differs from its golden outputs by 3\.3e-1 in y/,
    });
    await assert.rejects(worker().run('m', batchOf(numbers(1))), RunnerFailed);
    await worker().load('n', negative);
    await assert.rejects(worker().prove('n', goldenOf(numbers(1), numbers(-1.5))), RunnerFailed);
    kill();
    await gone(worker().run('prevent', one));
    await works();
    await assert.rejects(worker().load('m', negative), RunnerFailed);
    await assert.rejects(worker().prove('m', goldenOf(numbers(1), numbers(-1))), RunnerFailed);
    await worker().load('m', same);
    await assert.rejects(worker().prove('m', goldenOf(numbers(1), numbers(2))), refused);
  });

  it('that cannot be computed: refused as well', async () => {
    open();
    await worker().load('m', negative);
    const golden: Golden = { batch: { rows: 1, feeds: {}, fetches: ['y'] }, outputs: { y: numbers(1) } };
    await assert.rejects(worker().prove('m', golden), {
      name: 'RunnerFailed',
      message: /^m on cpu fails its golden rows: /,
    });
    await assert.rejects(worker().run('m', batchOf(numbers(1))), RunnerFailed);
  });

  it('what waits behind a proof that fails is not answered', async () => {
    open();
    await worker().load('m', negative);
    const proof = worker().prove('m', goldenOf(numbers(1), numbers(1)));
    const run = worker().run('m', batchOf(numbers(1)));
    await Promise.all([assert.rejects(proof, RunnerFailed), assert.rejects(run, RunnerFailed)]);
  });

  it('of another type or of whole numbers', async () => {
    open();
    const x: Tensor = { dtype: 'int64', shape: [1], data: BigInt64Array.of(2n ** 60n) };
    const y = (value: bigint): Tensors => ({
      y: { dtype: 'int64', shape: [1], data: BigInt64Array.of(value) },
    });
    await worker().load('m', smallGraph({ operator: 'Neg', type: 'int64' }));
    await worker().prove('m', { batch: batchOf(x), outputs: y(-(2n ** 60n)) });
    await assert.rejects(
      worker().prove('m', { batch: batchOf(x), outputs: y(-(2n ** 60n) + 1n) }),
      RunnerFailed,
    );
  });

  it('go with their graph: other bytes under its name take the place of both', async () => {
    open();
    await worker().load('m', negative);
    await worker().prove('m', goldenOf(numbers(1), numbers(-1)));
    await worker().load('m', same);
    assert.deepEqual(await answerOf('m', 3), [3]);
    kill();
    await gone(worker().run('m', batchOf(numbers(3))));
    assert.deepEqual(await answerOf('m', 3), [3]);
  });

  it('stay with it when it is loaded again, and when other bytes fail', async () => {
    open();
    await worker().load('m', negative);
    await worker().prove('m', goldenOf(numbers(1), numbers(-1)));
    await worker().load('m', Uint8Array.from(negative));
    await assert.rejects(worker().load('m', Uint8Array.of(1, 2, 3)), RunnerFailed);
    assert.deepEqual(await answerOf('m', 3), [-3]);
  });
});
