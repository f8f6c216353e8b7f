/** A GPU worker beside the CPU: what it cannot, the CPU does. In memory: what is tested is who is asked. */
import assert from 'node:assert/strict';
import { manualClock } from '../../../src/inference/runner/clock.ts';
import { shareOfCores } from '../../../src/inference/runner/fleet.ts';
import { MemoryWorker, type MemoryWorkerOptions } from '../../../src/inference/runner/memory-worker.ts';
import { type Runner, type RunnerEvent, startRunner } from '../../../src/inference/runner/runner.ts';
import { RunnerFailed, RunnerGone } from '../../../src/inference/runner/worker.ts';
import type { Tensors } from '../../../src/inference/tensor.ts';
import { answerOf, batch, doubled, signature } from './doubling.ts';

const golden = { batch: batch(1), outputs: {} as Tensors };
const no = (): never => {
  throw new RunnerFailed('no float64');
};

describe('a runner with a GPU', () => {
  const clock = manualClock();
  let workers: MemoryWorker[] = [];
  let events: RunnerEvent[] = [];
  let runner: Runner;

  function start(gpu: Partial<MemoryWorkerOptions>, cpu: Partial<MemoryWorkerOptions> = {}): void {
    [workers, events] = [[], []];
    runner = startRunner({
      workers: 1,
      clock,
      providers: ['cuda'],
      onEvent: (event) => events.push(event),
      startWorker: ({ provider = 'cpu' }) => {
        const own = provider === 'cpu' ? cpu : gpu;
        const shared = {
          clock,
          provider,
          signature: signature('rows', 'float32'),
          answer: doubled,
          ms: () => 1,
        };
        const worker = new MemoryWorker({ ...shared, ...own });
        workers.push(worker);
        return worker;
      },
    });
  }
  async function ask(...x: number[]): Promise<readonly number[]> {
    const run = runner.run('graph', batch(...x)).then(answerOf);
    run.catch(() => {});
    await clock.rest();
    return run;
  }
  const asked = (): readonly (number | undefined)[] => workers.map(({ begun }) => begun.length);
  const refusal = { kind: 'model-refused', provider: 'cuda', model: 'graph', reason: 'no float64' };

  it('is asked first', async () => {
    start({});
    await runner.load('graph', new Uint8Array());
    assert.deepEqual(await ask(1), [2]);
    assert.deepEqual(asked(), [0, 1]);
    assert.deepEqual(runner.devices(), [
      { provider: 'cpu', pid: 1, refused: [] },
      { provider: 'cuda', pid: 1, refused: [] },
    ]);
    assert.deepEqual(runner.pids, [1, 1]);
  });

  it('is not asked for a graph in float64, and nobody need be told', async () => {
    start({ signature: signature('rows', 'float64') }, { signature: signature('rows', 'float64') });
    await runner.load('graph', new Uint8Array());
    assert.deepEqual(await ask(1), [2]);
    assert.deepEqual(asked(), [1, 0]);
    assert.deepEqual(events, []);
  });

  for (const [what, gpu] of [
    ['cannot load a graph', { onLoad: no }],
    ['does not reproduce its golden outputs', { onProve: no }],
  ] as const) {
    it(`that ${what} is taken out for it, and says why`, async () => {
      start(gpu);
      await runner.load('graph', new Uint8Array());
      await runner.prove('graph', golden);
      assert.deepEqual(events, [refusal]);
      assert.deepEqual(runner.devices()[1]?.refused, ['graph']);
      assert.deepEqual(await ask(1), [2]);
      assert.deepEqual(asked(), [1, 0]);
    });
  }

  it('that refuses a run which the CPU answers is taken out', async () => {
    start({ answer: no });
    await runner.load('graph', new Uint8Array());
    assert.deepEqual(await ask(1), [2]);
    assert.deepEqual(events, [refusal]);
    await ask(2);
    assert.deepEqual(asked(), [2, 1]);
  });

  it('that refuses what the CPU refuses, too, stays: it was the question', async () => {
    start({ answer: no }, { answer: no });
    await runner.load('graph', new Uint8Array());
    await assert.rejects(ask(1), { code: 'model-unavailable' });
    assert.deepEqual(events, []);
  });

  it('that dies loses nothing: the CPU is asked, and it is asked again later', async () => {
    let dead = true;
    const answer: MemoryWorkerOptions['answer'] = (model, of) => {
      if (dead) throw new RunnerGone();
      return doubled(model, of);
    };
    start({ answer });
    await runner.load('graph', new Uint8Array());
    assert.deepEqual(await ask(1), [2]);
    assert.deepEqual(asked(), [1, 1]);
    dead = false;
    await clock.pass(1000);
    await ask(2);
    assert.deepEqual([events, asked()], [[], [1, 2]]);
  });

  it('is asked again when other bytes take the name', async () => {
    let fails = true;
    start({ onLoad: () => fails && no() });
    await runner.load('graph', new Uint8Array());
    fails = false;
    await runner.load('graph', new Uint8Array());
    await ask(1);
    assert.deepEqual(asked(), [0, 1]);
  });

  it('a CPU worker that cannot load or reproduce it is an error', async () => {
    start({}, { onLoad: no });
    await assert.rejects(runner.load('graph', new Uint8Array()), {
      code: 'model-unavailable',
      details: ['graph'],
    });
    start({}, { onProve: no });
    await runner.load('graph', new Uint8Array());
    await assert.rejects(runner.prove('graph', golden), { code: 'model-unavailable', details: ['graph'] });
  });

  it('says what it learned, and asks who is quicker', async () => {
    start({}, { ms: () => 20 });
    await runner.load('graph', new Uint8Array());
    for (const x of [1, 2, 3, 4, 5, 6]) await ask(x);
    const curves = runner.stats().curves.map(({ provider, model, runs }) => [provider, model, runs]);
    assert.deepEqual(curves, [
      ['cpu', 'graph', 1],
      ['cuda', 'graph', 5],
    ]);
    assert.ok(Math.abs((runner.stats().curves[1]?.p99 ?? 0) - 1) < 0.2);
  });
});

describe('share of cores', () => {
  const cases: readonly (readonly [cores: number, workers: number, threads: number])[] = [
    [1, 1, 1],
    [2, 1, 2],
    [3, 2, 1],
    [4, 3, 1],
    [5, 4, 1],
    [8, 4, 2],
    [64, 4, 16],
  ];
  for (const [cores, workers, threads] of cases) {
    it(`${cores} cores: ${workers} × ${threads}`, () => {
      assert.deepEqual(shareOfCores(cores), { workers, threads });
    });
  }

  it('what is asked for is kept', () => {
    assert.deepEqual(shareOfCores(8, { workers: 2 }), { workers: 2, threads: 4 });
    assert.deepEqual(shareOfCores(8, { threads: 1 }), { workers: 4, threads: 1 });
  });
});
