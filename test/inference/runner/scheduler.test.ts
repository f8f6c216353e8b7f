/** serving.md §3, with workers whose runs take what they are told and a clock that stands still until it is told. */
import assert from 'node:assert/strict';
import { manualClock } from '../../../src/inference/runner/clock.ts';
import { MemoryWorker, type MemoryWorkerOptions } from '../../../src/inference/runner/memory-worker.ts';
import { longestBulkMs } from '../../../src/inference/runner/plan.ts';
import type { Batch } from '../../../src/inference/runner/protocol.ts';
import { type Runner, type RunnerOptions, startRunner } from '../../../src/inference/runner/runner.ts';
import { RunnerFailed, RunnerGone } from '../../../src/inference/runner/worker.ts';
import { column, type Tensors } from '../../../src/inference/tensor.ts';
import type { Urgency } from '../../../src/inference/urgency.ts';
import { answerOf, batch, doubled, signature, twice, asked as xOf } from './doubling.ts';

let fresh = 0;
/** Rows that nobody asked before. */
const rows = (count: number): Batch => batch(...Array.from({ length: count }, () => ++fresh));

describe('scheduler', () => {
  let clock = manualClock();
  let workers: MemoryWorker[] = [];
  let runner: Runner;
  let answered: string[] = [];

  /** @param of by provider; `ms` is 1 without it */
  async function start(
    options: RunnerOptions = {},
    of: (provider: string) => Partial<MemoryWorkerOptions> = () => ({}),
  ): Promise<void> {
    clock = manualClock();
    workers = [];
    answered = [];
    runner = startRunner({
      workers: 1,
      clock,
      startWorker: ({ provider = 'cpu' }) => {
        const worker = new MemoryWorker({
          clock,
          provider,
          signature: signature('rows'),
          answer: doubled,
          ms: () => 1,
          ...of(provider),
        });
        workers.push(worker);
        return worker;
      },
      ...options,
    });
    await runner.load('graph', new Uint8Array());
  }

  const ask = (what: Batch, urgency: Urgency = {}, model = 'graph'): Promise<readonly number[]> =>
    runner.run(model, what, urgency).then(answerOf);
  /** Notes the name when it is answered. */
  const named = (name: string, urgency: Urgency, what = rows(1)): Promise<unknown> =>
    ask(what, urgency).then(
      () => answered.push(name),
      (fault: { code: string }) => answered.push(`${name}: ${fault.code}`),
    );
  const begun = (worker = 0): readonly number[] => workers[worker]?.begun.map((run) => run.rows) ?? [];
  const forget = (): void => {
    for (const worker of workers) worker.begun.length = 0;
  };
  /** So many runs, one after another. */
  async function teach(count: number, size = 1, urgency: Urgency = {}): Promise<void> {
    for (let at = 0; at < count; at++) {
      const run = ask(rows(size), urgency);
      await clock.rest();
      await run;
    }
    forget();
  }

  describe('whose turn it is', () => {
    it('hook before app before bulk, in a lane the earliest deadline', async () => {
      await start({}, () => ({ ms: () => 20 }));
      const graphs = ['a', 'b', 'c', 'd', 'e', 'f'];
      for (const graph of graphs) await runner.load(graph, new Uint8Array());
      const first = ask(rows(1));
      const urgencies: readonly Urgency[] = [
        { lane: 'bulk' },
        { lane: 'app' },
        { lane: 'hook' },
        { lane: 'hook', endsAt: 900 },
        { lane: 'hook', endsAt: 500 },
        { lane: 'bulk', endsAt: 300 },
      ];
      await clock.pass(0);
      const others = urgencies.map((urgency, at) => ask(rows(1), urgency, graphs[at]));
      await clock.rest();
      await Promise.all([first, ...others]);
      const order = workers[0]?.begun.map(({ model }) => model).slice(1);
      assert.deepEqual(order, ['e', 'd', 'c', 'b', 'f', 'a']);
    });

    it('a hook waits behind one part of bulk work at most', async () => {
      await start({}, () => ({ ms: (_, count) => 0.5 + count * 0.01 }));
      await teach(30, 100);
      await teach(10, 1);
      const bulk = [ask(rows(5000), { lane: 'bulk' }), ask(rows(5000), { lane: 'bulk' })];
      await clock.pass(12);
      const since = clock.now();
      let took = Number.POSITIVE_INFINITY;
      const hook = ask(rows(1)).then(() => {
        took = clock.now() - since;
      });
      await clock.rest();
      await Promise.all([hook, ...bulk]);
      assert.ok(took <= 5.2 + 0.6, `${took} ms`);
    });

    it('what a hook asks next goes before bulk work', async () => {
      await start({}, () => ({ ms: (_, count) => count / 100 }));
      await teach(10, 100);
      const bulk = ask(rows(4000), { lane: 'bulk' });
      await clock.pass(7);
      forget();
      const decision = ask(rows(1)).then(async () => {
        for (const _ of [1, 2, 3]) await Promise.resolve();
        return ask(rows(128));
      });
      await clock.rest();
      await Promise.all([bulk, decision]);
      assert.deepEqual(begun().slice(0, 2), [1, 128]);
    });

    it('with several workers the first takes no bulk work', async () => {
      await start({ workers: 3 }, () => ({ ms: () => 10 }));
      const bulk = Array.from({ length: 8 }, () => ask(rows(256), { lane: 'bulk' }));
      await clock.pass(5);
      const hook = ask(rows(1));
      await clock.rest();
      await Promise.all([...bulk, hook]);
      assert.equal(begun(0).length, 1);
      assert.ok(begun(1).length > 0 && begun(2).length > 0);
    });
  });

  describe('admission', () => {
    it('refuses at once what cannot be in time, and says so', async () => {
      await start({}, () => ({ ms: (_, count) => count }));
      await teach(20, 10);
      await teach(10, 1);
      await assert.rejects(ask(rows(100), { endsAt: clock.now() + 50 }), {
        code: 'overloaded',
        details: ['graph'],
      });
      assert.deepEqual(begun(), []);
      const inTime = ask(rows(30), { endsAt: clock.now() + 50 });
      await clock.rest();
      await inTime;
      assert.equal(runner.stats().lanes.hook.refused, 1);
    });

    it('counts what is served before it, and only that', async () => {
      await start({}, () => ({ ms: (_, count) => count }));
      await teach(20, 10);
      await teach(10, 1);
      const others = [1, 2, 3, 4].map(() => ask(rows(20), { lane: 'app' }));
      const inTime = [
        ask(rows(5), { lane: 'app', endsAt: clock.now() + 60 }),
        ask(rows(5), { lane: 'hook', endsAt: clock.now() + 60 }),
      ];
      const behind = named('behind', { lane: 'bulk', endsAt: clock.now() + 60 }, rows(30));
      await clock.rest();
      await Promise.all([...others, ...inTime, behind]);
      assert.deepEqual(answered, ['behind: overloaded']);
    });

    it('refuses nothing while a graph is not known', async () => {
      await start({}, () => ({ ms: () => 100 }));
      await teach(4);
      const run = ask(rows(1), { endsAt: clock.now() + 10 });
      await clock.rest();
      await run;
    });

    it('asks again after a bad spell instead of refusing for ever', async () => {
      let ms = 1;
      await start({}, () => ({ ms: () => ms }));
      await teach(20);
      ms = 900;
      await teach(3);
      ms = 1;
      const run = ask(rows(1), { endsAt: clock.now() + 500 });
      await clock.rest();
      await run;
    });

    for (const [lane, places] of [
      ['hook', 64],
      ['app', 64],
      ['bulk', 256],
    ] as const) {
      it(`lets ${places} wait in the ${lane} lane`, async () => {
        await start();
        const asked = Array.from({ length: places + 3 }, () => named('run', { lane }));
        await clock.rest();
        await Promise.all(asked);
        assert.equal(answered.filter((name) => name === 'run: overloaded').length, 3);
        assert.equal(answered.filter((name) => name === 'run').length, places);
        assert.equal(runner.stats().lanes[lane].refused, 3);
      });
    }
  });

  describe('joining', () => {
    it('asks for what waits together, and hands each its own', async () => {
      await start();
      const asked = Array.from({ length: 40 }, (_, at) => rows(1 + (at % 3)));
      const runs = asked.map((each) => ask(each));
      await clock.rest();
      assert.deepEqual(await Promise.all(runs), asked.map(twice));
      assert.equal(begun().length, 1);
      assert.equal(runner.stats().lanes.hook.joined, 40);
    });

    it('joins neither other lanes, other graphs, nor other outputs', async () => {
      await start();
      await runner.load('other', new Uint8Array());
      const runs = [
        ask(rows(1)),
        ask(rows(1), { lane: 'app' }),
        ask(rows(1), {}, 'other'),
        ask({ ...rows(1), fetches: [] }),
      ];
      await clock.rest();
      await Promise.all(runs);
      assert.deepEqual(begun(), [1, 1, 1, 1]);
    });

    it('never where the first axis of the graph is fixed; nor is it cut', async () => {
      await start({}, () => ({ signature: signature(1), ms: (_, count) => count }));
      const runs = [ask(rows(1)), ask(rows(1)), ask(rows(1)), ask(rows(3000), { lane: 'bulk' })];
      await clock.rest();
      await Promise.all(runs);
      assert.deepEqual(begun(), [1, 1, 1, 3000]);
    });

    it('never what has not the rows it says: it would shift the rows of others', async () => {
      await start();
      const odd: Batch = { ...batch(1, 2, 3), rows: 2 };
      const runs = [ask(batch(4, 5)), ask(odd), ask(batch(6))];
      await clock.rest();
      assert.deepEqual(await Promise.all(runs), [[8, 10], [2, 4, 6], [12]]);
    });

    it('keeps the earliest deadline', async () => {
      await start({}, () => ({ ms: (_, count) => count }));
      await teach(20, 10);
      await teach(10, 1);
      const urgent = ask(rows(10), { endsAt: clock.now() + 20 });
      const patient = ask(rows(30));
      await clock.rest();
      await Promise.all([urgent, patient]);
      assert.deepEqual(begun(), [10, 30]);
    });

    it('keeps the longest run of the lane', async () => {
      await start({}, () => ({ ms: (_, count) => count }));
      await teach(20, 40);
      await teach(10, 1);
      const runs = [ask(rows(30)), ask(rows(30)), ask(rows(10))];
      await clock.rest();
      await Promise.all(runs);
      assert.deepEqual(begun(), [40, 30]);
    });

    it('a dear graph waits 2 ms for company in the bulk lane, a cheap one and a hook do not', async () => {
      await start({}, () => ({ ms: () => 20 }));
      await teach(30, 8);
      const since = clock.now();
      const first = ask(rows(1), { lane: 'bulk' });
      await clock.pass(1);
      const second = ask(rows(1), { lane: 'bulk' });
      await clock.rest();
      await Promise.all([first, second]);
      const [together] = workers[0]?.begun ?? [];
      assert.deepEqual([together?.rows, (together?.at ?? 0) - since], [2, 1]);
      forget();
      const alone = ask(rows(1), { lane: 'bulk' });
      const asked = clock.now();
      await clock.rest();
      await alone;
      assert.equal((workers[0]?.begun[0]?.at ?? 0) - asked, 2);
      forget();
      const [now, hook] = [clock.now(), ask(rows(1))];
      await clock.rest();
      await hook;
      assert.equal(workers[0]?.begun[0]?.at, now);
    });

    it('an output without rows is found out: each is asked alone, and joined no more', async () => {
      const sum = (_: string, of: Batch): Tensors => ({
        y: column(Float64Array.of(xOf(of).reduce((one, other) => one + other, 0))),
      });
      await start({}, () => ({ answer: sum }));
      const runs = [ask(batch(1)), ask(batch(2))];
      await clock.rest();
      assert.deepEqual(await Promise.all(runs), [[1], [2]]);
      assert.deepEqual(begun(), [2, 1, 1]);
      forget();
      const later = [ask(batch(3)), ask(batch(4))];
      await clock.rest();
      assert.deepEqual(await Promise.all(later), [[3], [4]]);
      assert.deepEqual(begun(), [1, 1]);
    });
  });

  describe('cutting', () => {
    for (const [lane, atFirst, ms] of [
      ['hook', 1024, 50],
      ['app', 1024, longestBulkMs],
      ['bulk', 256, longestBulkMs],
    ] as const) {
      it(`${lane}: ${atFirst} rows at first, then what takes ${ms} ms`, async () => {
        await start({}, () => ({ ms: (_, count) => 0.1 + count * 0.01 }));
        const what = rows(40_000);
        const run = ask(what, { lane });
        await clock.rest();
        assert.deepEqual(await run, twice(what));
        assert.equal(begun()[0], atFirst);
        const typical = begun().at(-2) ?? 0;
        const most = (ms - 0.1) / 0.01;
        assert.ok(typical > 0.9 * most && typical < 1.1 * most, `${typical} rows`);
        assert.equal(runner.stats().lanes[lane].cut, 1);
      });
    }

    it('bulk runs are longer where hooks have a worker of their own', async () => {
      await start({ workers: 2 }, () => ({ ms: (_, count) => 0.1 + count * 0.01 }));
      const run = ask(rows(60_000), { lane: 'bulk' });
      await clock.rest();
      assert.equal((await run).length, 60_000);
      assert.ok((begun(1).at(-2) ?? 0) > 4000);
      assert.equal(begun(0).length, 0);
    });

    it('several workers share one long run', async () => {
      await start({ workers: 3 }, () => ({ ms: (_, count) => count * 0.01 }));
      const what = rows(50_000);
      const run = ask(what, { lane: 'bulk' });
      await clock.rest();
      assert.deepEqual(await run, twice(what));
      assert.ok(begun(1).length > 2 && begun(2).length > 2);
    });

    it('a run without rows is asked, too', async () => {
      await start();
      const run = ask(batch());
      await clock.rest();
      assert.deepEqual(await run, []);
    });
  });

  describe('the pipe', () => {
    it('holds a second hook, but never a second bulk run before a hook', async () => {
      await start({}, () => ({ ms: () => 10 }));
      await teach(10);
      const bulk = [ask(rows(500), { lane: 'bulk' }), ask(rows(500), { lane: 'bulk' })];
      await clock.rest();
      await Promise.all(bulk);
      assert.equal(workers[0]?.deepest, 1);
      const first = ask(rows(1));
      await clock.pass(1);
      const second = ask(rows(1));
      await clock.rest();
      await Promise.all([first, second]);
      assert.equal(workers[0]?.deepest, 2);
    });

    it('is kept full where nobody but bulk is served', async () => {
      await start({ bulkOnly: true }, () => ({ ms: () => 10 }));
      await teach(10);
      const runs = [ask(rows(500)), ask(rows(500)), ask(rows(500))];
      await clock.rest();
      await Promise.all(runs);
      assert.equal(workers[0]?.deepest, 2);
      assert.equal(runner.stats().lanes.hook.cut, 0);
    });
  });

  describe('the same question', () => {
    it('is computed once, waiting or in flight, and all are answered', async () => {
      await start({}, () => ({ ms: () => 10 }));
      const first = ask(batch(1, 2));
      await clock.pass(1);
      const [inFlight, other] = [ask(batch(1, 2)), ask(batch(1, 3))];
      const twin = ask(batch(1, 3));
      await clock.rest();
      assert.deepEqual(await Promise.all([first, inFlight, other, twin]), [
        [2, 4],
        [2, 4],
        [2, 6],
        [2, 6],
      ]);
      assert.deepEqual(begun(), [2, 2]);
      assert.equal(runner.stats().lanes.hook.coalesced, 2);
    });

    it('is computed again once it was answered', async () => {
      await start();
      for (const _ of [1, 2]) {
        const run = ask(batch(1));
        await clock.rest();
        await run;
      }
      assert.deepEqual(begun(), [1, 1]);
    });

    it('moves up when a more urgent caller asks it', async () => {
      await start({}, () => ({ ms: () => 10 }));
      const busy = ask(rows(1));
      await clock.pass(1);
      const runs = [
        named('app', { lane: 'app' }),
        named('bulk', { lane: 'bulk' }, batch(7)),
        named('hook', { lane: 'hook' }, batch(7)),
      ];
      await clock.rest();
      await Promise.all([busy, ...runs]);
      assert.deepEqual(answered, ['bulk', 'hook', 'app']);
    });

    it('one who leaves does not take the answer from the others; it is dropped when nobody waits', async () => {
      await start({}, () => ({ ms: () => 10 }));
      const [leaves, leavesToo] = [new AbortController(), new AbortController()];
      const busy = ask(rows(1));
      await clock.pass(1);
      const gone = named('gone', { signal: leaves.signal }, batch(1));
      const stays = named('stays', {}, batch(1));
      const dropped = named('dropped', { signal: leavesToo.signal }, batch(2));
      leaves.abort();
      leavesToo.abort();
      await Promise.all([gone, dropped]);
      assert.deepEqual(answered, ['gone: deadline-passed', 'dropped: deadline-passed']);
      await clock.rest();
      await Promise.all([busy, stays]);
      assert.deepEqual(begun(), [1, 1]);
    });

    it('is not looked for in feeds above 64 KiB', async () => {
      await start();
      const large = rows(8193);
      const runs = [ask(large), ask(large)];
      await clock.rest();
      await Promise.all(runs);
      assert.equal(runner.stats().lanes.hook.coalesced, 0);
    });
  });

  describe('deadlines', () => {
    const late = { code: 'deadline-passed', details: ['graph'] };

    it('a caller whose signal aborts is answered at once, and what has not begun is dropped', async () => {
      await start({}, () => ({ ms: () => 10 }));
      const [one, other] = [new AbortController(), new AbortController()];
      const running = assert.rejects(ask(rows(1), { signal: one.signal }), late);
      await clock.pass(1);
      const waiting = assert.rejects(ask(rows(1), { signal: other.signal }), late);
      await clock.pass(1);
      one.abort();
      other.abort();
      await Promise.all([running, waiting]);
      await clock.rest();
      assert.deepEqual(begun(), [1]);
      await assert.rejects(ask(rows(1), { signal: AbortSignal.abort() }), late);
      await assert.rejects(ask(rows(1), { endsAt: clock.now() }), late);
    });

    it('what is late when its turn comes is not asked', async () => {
      await start({}, () => ({ ms: () => 10 }));
      const first = ask(rows(1));
      await clock.pass(0);
      const second = assert.rejects(ask(rows(1), { endsAt: clock.now() + 5 }), late);
      await clock.rest();
      await Promise.all([first, second]);
      assert.deepEqual(begun(), [1]);
    });
  });

  describe('crashes and refusals', () => {
    const poison = 666;
    const dies = (model: string, asked: Batch): Tensors => {
      if (xOf(asked).includes(poison)) throw new RunnerGone();
      return doubled(model, asked);
    };
    const refuses = (model: string, asked: Batch): Tensors => {
      if (xOf(asked).includes(poison)) throw new RunnerFailed('no');
      return doubled(model, asked);
    };
    const unavailable = { code: 'model-unavailable', details: ['graph'] };

    for (const [how, answer] of [
      ['kills the process', dies],
      ['is refused', refuses],
    ] as const) {
      it(`a row that ${how} costs its own request only`, async () => {
        await start({}, () => ({ answer }));
        const good = [batch(1), batch(2), batch(3, 4)];
        const runs = good.map((each) => ask(each));
        const bad = assert.rejects(ask(batch(poison)), unavailable);
        await clock.rest();
        assert.deepEqual(await Promise.all(runs), good.map(twice));
        await bad;
      });
    }

    it('asks once more after a crash, and no third time', async () => {
      await start({}, () => ({ ms: () => 10 }));
      const first = ask(batch(1));
      await clock.pass(1);
      workers[0]?.die();
      await clock.rest();
      assert.deepEqual(await first, [2]);
      const second = assert.rejects(ask(batch(2)), unavailable);
      await clock.pass(1);
      workers[0]?.die();
      await clock.pass(1);
      workers[0]?.die();
      await second;
    });

    it('asks no more when the deadline passed meanwhile', async () => {
      await start({}, () => ({ ms: () => 10 }));
      const run = assert.rejects(ask(batch(1), { endsAt: 5 }), { code: 'deadline-passed' });
      await clock.pass(6);
      workers[0]?.die();
      await clock.rest();
      await run;
      assert.deepEqual(begun(), [1]);
    });

    it('a long run loses the part that was asked, not what was answered', async () => {
      await start({}, () => ({ ms: (_, count) => count * 0.01 }));
      const what = rows(20_000);
      const run = ask(what);
      await clock.pass(100);
      const before = begun().reduce((sum, count) => sum + count, 0);
      workers[0]?.die();
      await clock.rest();
      assert.deepEqual(await run, twice(what));
      const all = begun().reduce((sum, count) => sum + count, 0);
      assert.ok(before > 1024 && all - 20_000 <= 5000, `${before}, ${all}`);
    });

    it('refuses what was never loaded, and everything once it is closed', async () => {
      await start({}, () => ({ ms: () => 10 }));
      await assert.rejects(ask(rows(1), {}, 'unknown'), { code: 'model-unavailable', details: ['unknown'] });
      const runs = [ask(rows(1)), ask(rows(1)), ask(rows(9000), { lane: 'bulk' })];
      await clock.pass(1);
      const refused = runs.map((run) => assert.rejects(run, unavailable));
      await runner.close();
      await Promise.all(refused);
      await assert.rejects(ask(rows(1)), unavailable);
    });
  });
});
