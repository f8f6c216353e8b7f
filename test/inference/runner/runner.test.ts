/** serving.md §0: sessions live in a child process that may crash, hang or be killed without harm to the service. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../../src/errors.ts';
import { inputTensors } from '../../../src/inference/manifest.ts';
import type { Digest } from '../../../src/inference/model.ts';
import { onnxModel } from '../../../src/inference/onnx-model.ts';
import { slice } from '../../../src/inference/runner/joined.ts';
import { type Runner, startRunner } from '../../../src/inference/runner/runner.ts';
import { column } from '../../../src/inference/tensor.ts';
import { graph, manifest, row } from '../prevent.ts';
import { alive, assertQuiet, endsWithService, hasProc, until } from './live.ts';

/** One run long enough to be caught in the act. */
const count = 40_000;
const feeds = Object.fromEntries(
  inputTensors(manifest).map((tensor) => {
    const missing = tensor.endsWith('_missing') ? 1 : 0;
    const value = new Map(Object.entries(row)).get(tensor) ?? missing;
    return [tensor, column(new Float64Array(count).fill(value))];
  }),
);
const expected = 0.092;

const fetches = ['10yr_ascvd'];

describe('runner', () => {
  let runner: Runner;
  const model = () => onnxModel(manifest, manifest.digest as Digest, runner);
  const longRun = (signal?: AbortSignal) =>
    runner.run('prevent', { rows: count, feeds, fetches }, { signal });
  const pid = (): number => runner.pid ?? assert.fail('no process');
  const works = async (): Promise<void> => {
    const [outputs] = await model().run([row]);
    assert.ok(Math.abs((outputs?.['10yr_ascvd'] ?? 0) - expected) < 5e-4);
  };

  beforeEach(async () => {
    runner = startRunner();
    await runner.load('prevent', graph());
  });
  afterEach(() => runner.close());

  it('answers many at once, each with its own answer', async () => {
    const ages = Array.from({ length: 40 }, (_, at) => 30 + at);
    const answers = await Promise.all(ages.map((age) => model().run([{ ...row, age }])));
    const risks = answers.map(([outputs]) => outputs?.['10yr_total_cvd'] ?? Number.NaN);
    assert.ok(risks.every((risk, at) => at === 0 || risk > (risks[at - 1] ?? 1)));
  });

  it('cut or whole, joined or alone: the same numbers', async () => {
    const ages = Array.from({ length: 3000 }, (_, at) => 30 + at / 64);
    const rows = ages.map((age) => ({ ...row, age }));
    const whole = await model().run(rows, { lane: 'bulk' });
    const some = rows.filter((_, at) => at % 97 === 0);
    const joined = await Promise.all(some.map((each) => model().run([each])));
    for (const [at, [answer]] of joined.entries()) {
      assert.deepEqual(Object.keys(answer ?? {}), Object.keys(whole[at * 97] ?? {}));
      for (const [name, value] of Object.entries(whole[at * 97] ?? {}))
        assert.ok(Math.abs((answer?.[name] ?? Number.NaN) - value) <= 1e-12, name);
    }
    const { hook, bulk } = runner.stats().lanes;
    assert.deepEqual([bulk.cut, hook.joined], [1, some.length]);
  });

  it('with two processes one may die, and nothing is lost', async () => {
    await runner.close();
    runner = startRunner({ workers: 2, threads: 1 });
    await runner.load('prevent', graph());
    await model().run([row]);
    assert.equal(new Set(runner.pids).size, 2);
    const bulk = runner.run('prevent', { rows: count, feeds, fetches }, { lane: 'bulk' });
    await sleep(20);
    process.kill(runner.pids[1] ?? assert.fail('no second process'), 'SIGKILL');
    await works();
    const risks = (await bulk)['10yr_ascvd']?.data;
    assert.ok(risks?.length === count && risks.every((risk) => Math.abs(Number(risk) - expected) < 5e-4));
  });

  it('answers nothing of a graph that does not reproduce its golden outputs', async () => {
    const small = { rows: 1, feeds: slice(feeds, 0, 1), fetches };
    const outputs = await runner.run('prevent', small);
    await runner.prove('prevent', { batch: small, outputs });
    await works();
    const wrong = { '10yr_ascvd': column(Float64Array.of(0.5)) };
    await assert.rejects(runner.prove('prevent', { batch: small, outputs: wrong }), {
      code: 'model-unavailable',
      details: ['prevent'],
    });
    await assert.rejects(model().run([row]), { code: 'model-unavailable' });
  });

  it('asks once more after a crash in the middle of a run, and the caller does not notice', async () => {
    const before = pid();
    const running = longRun();
    await sleep(20);
    process.kill(before, 'SIGKILL');
    const risks = (await running)['10yr_ascvd']?.data;
    assert.equal(risks?.length, count);
    assert.ok(Math.abs(Number(risks?.at(-1) ?? 0) - expected) < 5e-4);
    assert.notEqual(pid(), before);
    await works();
  });

  it('gives up after the second crash: model-unavailable; the next question is answered again', async () => {
    const killed = new Set<number>();
    let over = false;
    const running = longRun().finally(() => {
      over = true;
    });
    const killing = (async () => {
      while (!over) {
        await sleep(10);
        if (runner.pid !== undefined && !over) {
          killed.add(runner.pid);
          process.kill(runner.pid, 'SIGKILL');
        }
      }
    })();
    await assert.rejects(running, { code: 'model-unavailable', details: ['prevent'] });
    await killing;
    assert.ok(killed.size >= 2, `${killed.size} processes`);
    await works();
  });

  it('a crash costs only the question being answered', async () => {
    const running = longRun();
    const waiting = [1, 2, 3].map(() => model().run([row]));
    await sleep(20);
    process.kill(pid(), 'SIGKILL');
    assert.equal((await running)['10yr_ascvd']?.data.length, count);
    assert.deepEqual(
      (await Promise.all(waiting)).map((rows) => rows.length),
      [1, 1, 1],
    );
  });

  it('is replaced when it dies idle', async () => {
    await sleep(1100);
    const before = pid();
    process.kill(before, 'SIGKILL');
    await until(() => runner.pid !== undefined && runner.pid !== before);
    await works();
  });

  it('leaves at the deadline without waiting for the run, and never asks what is late already', async () => {
    const late = new AbortController();
    const isLate = { code: 'deadline-passed', details: ['prevent'] };
    const running = assert.rejects(longRun(late.signal), isLate);
    const queued = assert.rejects(model().run([row], { signal: AbortSignal.timeout(5) }), isLate);
    await sleep(10);
    late.abort();
    await Promise.all([running, queued]);
    await assert.rejects(model().run([row], { signal: AbortSignal.abort() }), isLate);
    await works();
  });

  it('a process that hangs is killed and replaced', async function () {
    if (process.platform === 'win32') this.skip();
    await runner.close();
    runner = startRunner({ runHangMs: 600 });
    await runner.load('prevent', graph());
    const before = pid();
    process.kill(before, 'SIGSTOP');
    const started = performance.now();
    await assert.rejects(model().run([row], { signal: AbortSignal.timeout(50) }), {
      code: 'deadline-passed',
    });
    assert.ok(performance.now() - started < 500);
    await works();
    assert.ok(!alive(before));
  });

  it('an answer that the graph refuses is no crash: no retry, same process', async () => {
    const before = pid();
    await assert.rejects(
      runner.run('prevent', { rows: 1, feeds: { age: column(new Float64Array([50])) }, fetches }),
      (thrown) => {
        assert.ok(thrown instanceof Fault);
        assert.equal(thrown.code, 'model-unavailable');
        return true;
      },
    );
    await assert.rejects(runner.run('unknown', { rows: 1, feeds: {}, fetches }), {
      code: 'model-unavailable',
    });
    await assert.rejects(runner.load('bad', new Uint8Array([1, 2, 3])), { code: 'model-unavailable' });
    assert.equal(pid(), before);
    await works();
  });

  it('closes: what waits is answered, the process ends, later questions are refused', async () => {
    const before = pid();
    const running = assert.rejects(longRun(), { code: 'model-unavailable' });
    await runner.close();
    await running;
    assert.ok(!alive(before));
    await assert.rejects(model().run([row]), { code: 'model-unavailable' });
    await runner.close();
  });

  it('ignores the signals meant for the service', async function () {
    if (process.platform === 'win32') this.skip();
    const before = pid();
    process.kill(before, 'SIGINT');
    process.kill(before, 'SIGTERM');
    await works();
    assert.equal(pid(), before);
  });

  it('ends when the service dies', async () => {
    const module = new URL('../../../src/inference/runner/runner.ts', import.meta.url);
    const script = `
      const { startRunner } = await import(${JSON.stringify(module.href)});
      const runner = startRunner();
      await runner.load('none', new Uint8Array()).catch(() => {});
      console.log(runner.pid);
      setInterval(() => {}, 1000);`;
    await endsWithService(script);
  });

  it('serving.md §0 row 1: sends no telemetry, and knows no key of the service', async function () {
    if (!hasProc) this.skip();
    process.env.LEDGER_KEY = 'secret';
    const other = startRunner();
    try {
      await other.load('prevent', graph());
      await onnxModel(manifest, manifest.digest as Digest, other).run([row]);
      assertQuiet(other.pid);
    } finally {
      delete process.env.LEDGER_KEY;
      await other.close();
    }
  });
});
