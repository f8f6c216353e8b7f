/** One life of the real process: the order of answers, its clocks, its end. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunnerChild } from '../../../src/inference/runner/child.ts';
import { RunnerFailed, RunnerGone } from '../../../src/inference/runner/worker.ts';
import type { Tensor } from '../../../src/inference/tensor.ts';
import { batchOf, smallGraph } from './small-graph.ts';

const hangMs = 10_000;
const numbers = (...data: number[]): Tensor => ({
  dtype: 'float64',
  shape: [data.length],
  data: Float64Array.from(data),
});
const loadOf = (model: string, bytes: Uint8Array) => ({
  kind: 'load' as const,
  model,
  bytes,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

describe('a life of the process', () => {
  let child: RunnerChild;
  const open = (...options: ConstructorParameters<typeof RunnerChild>): RunnerChild => {
    child = new RunnerChild(...options);
    return child;
  };
  const run = (x: Tensor, within = hangMs) => child.ask({ kind: 'run', model: 'm', ...batchOf(x) }, within);
  const signal = (name: NodeJS.Signals): void => {
    process.kill(child.pid ?? assert.fail('no process'), name);
  };

  afterEach(() => child.end());

  it('answers in the order of the questions, which may be asked before it is ready', async () => {
    open();
    const order: string[] = [];
    const heard = (what: string) => () => order.push(what);
    const million = numbers(...new Float64Array(100_000));
    await Promise.all([
      child.ask(loadOf('m', smallGraph({ operator: 'Exp' })), hangMs).then(heard('loaded')),
      run(million).then(heard('long')),
      run(numbers(1)).then(heard('short')),
      child.ask(loadOf('n', smallGraph({ operator: 'Neg' })), hangMs).then(heard('loaded again')),
      run(numbers(1, 2)).then(heard('last')),
    ]);
    assert.deepEqual(order, ['loaded', 'long', 'short', 'loaded again', 'last']);
    assert.ok(child.idle);
  });

  it('says how long the run took and how much memory it holds', async () => {
    open();
    await child.ask(loadOf('m', smallGraph({ operator: 'Exp' })), hangMs);
    const answer = await run(numbers(0));
    assert.ok(answer.kind === 'ran' && answer.ms > 0);
    assert.deepEqual([...(answer.outputs.y?.data ?? [])], [1]);
    assert.ok(child.resident > 10e6, String(child.resident));
  });

  it('loads no other bytes than those that were checked', async () => {
    open();
    const checked = loadOf('m', smallGraph({ operator: 'Exp' }));
    const other = { ...checked, bytes: smallGraph({ operator: 'Neg' }) };
    const reason = /^these are not the bytes that were checked$/;
    await assert.rejects(child.ask(other, hangMs), { name: 'RunnerFailed', message: reason });
    await assert.rejects(run(numbers(1)), { name: 'RunnerFailed', message: reason });
  });

  it('a load that fails leaves nothing under its name: what waits behind it is not answered by the old graph', async () => {
    open();
    await child.ask(loadOf('m', smallGraph({ operator: 'Exp' })), hangMs);
    const load = child.ask(loadOf('m', Uint8Array.of(1, 2, 3)), hangMs);
    await Promise.all([assert.rejects(load, RunnerFailed), assert.rejects(run(numbers(1)), RunnerFailed)]);
  });

  it('a process that stood still because the machine did is not killed for it', async function () {
    if (process.platform === 'win32') this.skip();
    open();
    await child.ask(loadOf('m', smallGraph({ operator: 'Exp' })), hangMs);
    signal('SIGSTOP');
    const answer = run(numbers(0), 300);
    await sleep(20);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    setTimeout(() => signal('SIGCONT'), 50);
    assert.equal((await answer).kind, 'ran');
  });

  it('one that hangs is killed all the same where the service stands still again and again', async function () {
    if (process.platform === 'win32') this.skip();
    open();
    await child.ask(loadOf('m', smallGraph({ operator: 'Exp' })), hangMs);
    signal('SIGSTOP');
    const answer = assert.rejects(run(numbers(0), 300), RunnerGone);
    let isOver = false;
    const stand = (): void => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 260);
      if (!isOver) setTimeout(stand, 1);
    };
    stand();
    await answer.finally(() => {
      isOver = true;
    });
  });

  it("the clock of a question starts when it is the first: a wait in the pipe is not the run's", async function () {
    if (process.platform === 'win32') this.skip();
    open();
    await child.ask(loadOf('m', smallGraph({ operator: 'Exp' })), hangMs);
    signal('SIGSTOP');
    const both = Promise.all([run(numbers(1)), run(numbers(2), 300)]);
    await sleep(600);
    signal('SIGCONT');
    assert.equal((await both).length, 2);
  });

  it('is killed when it hangs, and all that waits is answered RunnerGone', async function () {
    if (process.platform === 'win32') this.skip();
    open();
    await child.ask(loadOf('m', smallGraph({ operator: 'Exp' })), hangMs);
    signal('SIGSTOP');
    const both = [run(numbers(1), 200), run(numbers(2))];
    await Promise.all(both.map((each) => assert.rejects(each, RunnerGone)));
    await child.gone;
    await assert.rejects(run(numbers(1)), RunnerGone);
  });

  it('an answer that came while the service was busy is no hang', async () => {
    open();
    await child.ask(loadOf('m', smallGraph({ operator: 'Exp' })), hangMs);
    const answer = run(numbers(0), 100);
    await new Promise(setImmediate);
    const until = performance.now() + 400;
    while (performance.now() < until);
    assert.equal((await answer).kind, 'ran');
    assert.equal((await run(numbers(0))).kind, 'ran');
  });

  it('a start that hangs is killed', async () => {
    open({ startHangMs: 1 });
    await assert.rejects(child.ready, RunnerGone);
    await assert.rejects(run(numbers(1)), RunnerGone);
  });

  it('ends at once when asked to, also before it was ready; what waits is answered RunnerGone', async () => {
    for (const when of ['starting', 'ready']) {
      open();
      if (when === 'ready') await child.ready;
      const waiting = assert.rejects(run(numbers(1)), RunnerGone);
      await child.end();
      await waiting;
      assert.ok(child.ended);
    }
  });

  it('is killed when it does not end', async function () {
    if (process.platform === 'win32') this.skip();
    open();
    await child.ready;
    signal('SIGSTOP');
    await child.end();
    assert.ok(child.ended);
  });
});
