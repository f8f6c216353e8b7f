/** A worker of one real process: graphs outlive it, and no answer comes from one that is not proven. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inputTensors } from '../../../src/inference/manifest.ts';
import { startWorker, type WorkerOptions } from '../../../src/inference/runner/process-worker.ts';
import type { Batch } from '../../../src/inference/runner/protocol.ts';
import { type Golden, RunnerFailed, RunnerGone, type Worker } from '../../../src/inference/runner/worker.ts';
import { column, type Tensor, type Tensors } from '../../../src/inference/tensor.ts';
import { residentBytes } from '../../processes.ts';
import { graph, manifest, models, row } from '../prevent.ts';
import { batchOf, smallGraph } from './small-graph.ts';

const fetches = ['10yr_ascvd'];
/** The published test patient, so many times. */
const patients = (rows: number): Batch => {
  const feeds = inputTensors(manifest).map((tensor) => {
    const missing = tensor.endsWith('_missing') ? 1 : 0;
    return [tensor, column(new Float64Array(rows).fill(new Map(Object.entries(row)).get(tensor) ?? missing))];
  });
  return { rows, feeds: Object.fromEntries(feeds), fetches };
};
const one = patients(1);
/** Long enough to be caught in the act. */
const many = patients(40_000);

const numbers = (...data: number[]): Tensor => ({
  dtype: 'float64',
  shape: [data.length],
  data: Float64Array.from(data),
});
const negative = smallGraph({ operator: 'Neg' });
const same = smallGraph({ operator: 'Identity' });
const goldenOf = (x: Tensor, y: Tensor): Golden => ({ batch: batchOf(x), outputs: { y } });

describe('a worker of one process', () => {
  let worker: Worker;
  const open = (options?: WorkerOptions): Worker => {
    worker = startWorker(options);
    return worker;
  };
  const pid = (): number => worker.pid ?? assert.fail('no process');
  const kill = (): void => {
    process.kill(pid(), 'SIGKILL');
  };
  const until = async (what: () => boolean): Promise<void> => {
    const end = performance.now() + 10_000;
    while (!what()) {
      assert.ok(performance.now() < end, 'waited too long');
      await sleep(5);
    }
  };
  const works = async (): Promise<void> => {
    const { outputs, ms } = await worker.run('prevent', one);
    assert.ok(Math.abs(Number(outputs['10yr_ascvd']?.data[0]) - 0.092) < 5e-4);
    assert.ok(ms > 0);
  };
  const answerOf = async (model: string, ...x: number[]): Promise<readonly number[]> => {
    const { outputs } = await worker.run(model, batchOf(numbers(...x)));
    return Array.from(outputs.y?.data ?? [], Number);
  };
  const gone = (run: Promise<unknown>): Promise<void> => assert.rejects(run, RunnerGone);

  afterEach(() => worker.close());

  it('answers in the order of the questions, also where a graph must be loaded first', async () => {
    open();
    await Promise.all([worker.load('prevent', graph()), worker.load('negative', negative)]);
    kill();
    await gone(worker.run('negative', batchOf(numbers(1))));
    const order: string[] = [];
    await Promise.all([
      worker.run('prevent', many).then(() => order.push('long')),
      worker.run('negative', batchOf(numbers(1))).then(() => order.push('short')),
    ]);
    assert.deepEqual(order, ['long', 'short']);
  });

  it('refuses what it was never given, and what the graph does not take, in the same process', async () => {
    open();
    await worker.load('prevent', graph());
    const before = pid();
    await assert.rejects(worker.run('unknown', one), { name: 'RunnerFailed', message: /not loaded/ });
    await assert.rejects(worker.prove('unknown', goldenOf(numbers(1), numbers(1))), RunnerFailed);
    await assert.rejects(worker.run('prevent', { ...one, feeds: {} }), RunnerFailed);
    await assert.rejects(worker.load('bad', Uint8Array.of(1, 2, 3)), RunnerFailed);
    await assert.rejects(worker.run('bad', one), { message: /not loaded/ });
    await works();
    assert.equal(pid(), before);
  });

  describe('and its end', () => {
    it('takes both questions with it; the next is answered by another process', async () => {
      open();
      await worker.load('prevent', graph());
      const before = pid();
      const both = [gone(worker.run('prevent', many)), gone(worker.run('prevent', one))];
      await sleep(20);
      kill();
      await Promise.all(both);
      await works();
      assert.notEqual(pid(), before);
    });

    it('idle: another takes its place at once', async () => {
      open();
      await worker.load('prevent', graph());
      await sleep(1100);
      const before = pid();
      kill();
      await until(() => worker.pid !== undefined && worker.pid !== before);
      await works();
    });

    it('the next process loads the graph that is asked for, and the others while nobody asks', async function () {
      if (!existsSync('/proc/self/task')) this.skip();
      open({ threads: 4 });
      const large = smallGraph({ operator: 'Exp', padding: 2 ** 20 });
      await Promise.all([worker.load('large', large), worker.load('prevent', graph())]);
      const threads = (): number => readdirSync(`/proc/${pid()}/task`).length;
      const whole = threads();
      kill();
      await gone(worker.run('prevent', one));
      await works();
      await until(() => threads() === whole);
    });

    it('right after the start, again and again: no process before someone asks', async () => {
      open();
      await worker.load('prevent', graph());
      for (let time = 0; time < 3; time++) {
        kill();
        await until(() => worker.pid === undefined);
        await sleep(100);
        assert.equal(worker.pid, undefined);
        await works();
      }
    });

    it('a process that hangs is killed', async function () {
      if (process.platform === 'win32') this.skip();
      open({ runHangMs: 300 });
      await worker.load('prevent', graph());
      const before = pid();
      process.kill(before, 'SIGSTOP');
      await Promise.all([gone(worker.run('prevent', one)), gone(worker.run('prevent', one))]);
      await works();
      assert.notEqual(pid(), before);
    });

    it('a start that hangs is RunnerGone', async () => {
      open({ startHangMs: 1 });
      await gone(worker.load('prevent', graph()));
    });

    it('bytes that change after the load are noticed by the next process', async () => {
      open();
      const bytes = Uint8Array.from(negative);
      await worker.load('negative', bytes);
      bytes.set(same.subarray(0, bytes.length));
      kill();
      await gone(worker.run('negative', batchOf(numbers(1))));
      await assert.rejects(worker.run('negative', batchOf(numbers(1))), {
        name: 'RunnerFailed',
        message: 'these are not the bytes that were checked',
      });
    });

    it('every shipped graph is there again', async () => {
      open();
      const ids = readdirSync(models, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      const signatures = await Promise.all(
        ids.map(({ name }) => worker.load(name, readFileSync(join(models, name, '1', 'model.onnx')))),
      );
      assert.ok(signatures.length > 20);
      kill();
      await gone(worker.run('prevent', one));
      await works();
      const failures = await Promise.all(
        ids.map(({ name }) => worker.run(name, { rows: 1, feeds: {}, fetches: [] }).catch(String)),
      );
      assert.deepEqual(
        failures.filter((failure) => /not loaded/.test(String(failure))),
        [],
      );
    });
  });

  describe('and golden outputs', () => {
    it('are reproduced by this process and the next', async () => {
      open();
      await worker.load('prevent', graph());
      const { outputs } = await worker.run('prevent', one);
      await worker.prove('prevent', { batch: one, outputs });
      kill();
      await gone(worker.run('prevent', one));
      await works();
    });

    it('that the next process does not reproduce: its first question is refused, with the reason', async () => {
      open();
      await worker.load('m', negative);
      kill();
      await gone(worker.prove('m', goldenOf(numbers(1), numbers(1))));
      const refused = {
        name: 'RunnerFailed',
        message: /^m on cpu differs from its golden outputs by 2\.0e\+0/,
      };
      await assert.rejects(worker.run('m', batchOf(numbers(1))), refused);
      await assert.rejects(worker.run('m', batchOf(numbers(1))), refused);
    });

    it('that differ: the graph is refused for good, and in every process; the others are answered', async () => {
      open();
      await worker.load('m', negative);
      await worker.load('prevent', graph());
      const refused = {
        name: 'RunnerFailed',
        message: 'm on cpu differs from its golden outputs by 5.0e-1 in y (allowed 1e-12)',
      };
      await assert.rejects(worker.prove('m', goldenOf(numbers(1, 2), numbers(-1, -3))), {
        name: 'RunnerFailed',
        message: /^m on cpu differs from its golden outputs by 3\.3e-1 in y/,
      });
      await assert.rejects(worker.run('m', batchOf(numbers(1))), RunnerFailed);
      await worker.load('n', negative);
      await assert.rejects(worker.prove('n', goldenOf(numbers(1), numbers(-1.5))), RunnerFailed);
      kill();
      await gone(worker.run('prevent', one));
      await works();
      await assert.rejects(worker.load('m', negative), RunnerFailed);
      await assert.rejects(worker.prove('m', goldenOf(numbers(1), numbers(-1))), RunnerFailed);
      await worker.load('m', same);
      await assert.rejects(worker.prove('m', goldenOf(numbers(1), numbers(2))), refused);
    });

    it('that cannot be computed: refused as well', async () => {
      open();
      await worker.load('m', negative);
      const golden: Golden = { batch: { rows: 1, feeds: {}, fetches: ['y'] }, outputs: { y: numbers(1) } };
      await assert.rejects(worker.prove('m', golden), {
        name: 'RunnerFailed',
        message: /^m on cpu fails its golden rows: /,
      });
      await assert.rejects(worker.run('m', batchOf(numbers(1))), RunnerFailed);
    });

    it('what waits behind a proof that fails is not answered', async () => {
      open();
      await worker.load('m', negative);
      const proof = worker.prove('m', goldenOf(numbers(1), numbers(1)));
      const run = worker.run('m', batchOf(numbers(1)));
      await Promise.all([assert.rejects(proof, RunnerFailed), assert.rejects(run, RunnerFailed)]);
    });

    it('of another type or of whole numbers', async () => {
      open();
      const x: Tensor = { dtype: 'int64', shape: [1], data: BigInt64Array.of(2n ** 60n) };
      const y = (value: bigint): Tensors => ({
        y: { dtype: 'int64', shape: [1], data: BigInt64Array.of(value) },
      });
      await worker.load('m', smallGraph({ operator: 'Neg', type: 'int64' }));
      await worker.prove('m', { batch: batchOf(x), outputs: y(-(2n ** 60n)) });
      await assert.rejects(
        worker.prove('m', { batch: batchOf(x), outputs: y(-(2n ** 60n) + 1n) }),
        RunnerFailed,
      );
    });

    it('go with their graph: other bytes under its name take the place of both', async () => {
      open();
      await worker.load('m', negative);
      await worker.prove('m', goldenOf(numbers(1), numbers(-1)));
      await worker.load('m', same);
      assert.deepEqual(await answerOf('m', 3), [3]);
      kill();
      await gone(worker.run('m', batchOf(numbers(3))));
      assert.deepEqual(await answerOf('m', 3), [3]);
    });

    it('stay with it when it is loaded again, and when other bytes fail', async () => {
      open();
      await worker.load('m', negative);
      await worker.prove('m', goldenOf(numbers(1), numbers(-1)));
      await worker.load('m', Uint8Array.from(negative));
      await assert.rejects(worker.load('m', Uint8Array.of(1, 2, 3)), RunnerFailed);
      assert.deepEqual(await answerOf('m', 3), [-3]);
    });
  });

  describe('and its memory', () => {
    it('too much of it: another process takes its place; no question is lost', async () => {
      open({ maxBytes: 1 });
      await worker.load('prevent', graph());
      await worker.load('m', negative);
      const before = pid();
      let asked = 0;
      while (worker.pid === before) {
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
      const first = worker.load('prevent', graph());
      await first;
      const before = pid();
      const long = Array.from({ length: 20 }, () => worker.run('prevent', many));
      await until(() => worker.pid !== before);
      assert.deepEqual(
        (await Promise.all(long)).map(({ outputs }) => outputs['10yr_ascvd']?.data.length),
        long.map(() => many.rows),
      );
    });

    it('where the old process dies meanwhile, the new one takes its place at once', async () => {
      open({ maxBytes: 1 });
      await worker.load('prevent', graph());
      const before = pid();
      kill();
      await until(() => worker.pid !== undefined && worker.pid !== before);
      await works();
    });
  });

  it('closes: what waits is RunnerGone, the process ends, later questions are RunnerGone', async () => {
    open();
    await worker.load('prevent', graph());
    const both = [gone(worker.run('prevent', many)), gone(worker.run('prevent', one))];
    const before = pid();
    await worker.close();
    await Promise.all(both);
    assert.throws(() => process.kill(before, 0));
    assert.equal(worker.pid, undefined);
    await gone(worker.run('prevent', one));
    await gone(worker.load('prevent', graph()));
    await gone(worker.prove('prevent', goldenOf(numbers(1), numbers(1))));
    await worker.close();
  });
});
