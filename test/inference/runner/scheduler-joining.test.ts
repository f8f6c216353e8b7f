/** serving.md §3: what is asked together is computed together, and what is the same once. */
import assert from 'node:assert/strict';
import type { Batch } from '../../../src/inference/runner/protocol.ts';
import { column, type Tensors } from '../../../src/inference/tensor.ts';
import { batch, signature, twice, asked as xOf } from './doubling.ts';
import { rows, toldRunner } from './told-runner.ts';

describe('scheduler', () => {
  describe('joining', () => {
    it('asks for what waits together, and hands each its own', async () => {
      const told = await toldRunner();
      const asked = Array.from({ length: 40 }, (_, at) => rows(1 + (at % 3)));
      const runs = asked.map((each) => told.ask(each));
      await told.clock.rest();
      assert.deepEqual(await Promise.all(runs), asked.map(twice));
      assert.equal(told.begun().length, 1);
      assert.equal(told.runner.stats().lanes.hook.joined, 40);
    });

    it('joins neither other lanes, other graphs, nor other outputs', async () => {
      const told = await toldRunner();
      await told.runner.load('other', new Uint8Array());
      const runs = [
        told.ask(rows(1)),
        told.ask(rows(1), { lane: 'app' }),
        told.ask(rows(1), {}, 'other'),
        told.ask({ ...rows(1), fetches: [] }),
      ];
      await told.clock.rest();
      await Promise.all(runs);
      assert.deepEqual(told.begun(), [1, 1, 1, 1]);
    });

    it('never where the first axis of the graph is fixed; nor is it cut', async () => {
      const told = await toldRunner({}, () => ({ signature: signature(1), ms: (_, count) => count }));
      const runs = [
        told.ask(rows(1)),
        told.ask(rows(1)),
        told.ask(rows(1)),
        told.ask(rows(3000), { lane: 'bulk' }),
      ];
      await told.clock.rest();
      await Promise.all(runs);
      assert.deepEqual(told.begun(), [1, 1, 1, 3000]);
    });

    it('never what has not the rows it says: it would shift the rows of others', async () => {
      const told = await toldRunner();
      const odd: Batch = { ...batch(1, 2, 3), rows: 2 };
      const runs = [told.ask(batch(4, 5)), told.ask(odd), told.ask(batch(6))];
      await told.clock.rest();
      assert.deepEqual(await Promise.all(runs), [[8, 10], [2, 4, 6], [12]]);
    });

    it('keeps the earliest deadline', async () => {
      const told = await toldRunner({}, () => ({ ms: (_, count) => count }));
      await told.teach(20, 10);
      await told.teach(10, 1);
      const urgent = told.ask(rows(10), { endsAt: told.clock.now() + 20 });
      const patient = told.ask(rows(30));
      await told.clock.rest();
      await Promise.all([urgent, patient]);
      assert.deepEqual(told.begun(), [10, 30]);
    });

    it('keeps the longest run of the lane', async () => {
      const told = await toldRunner({}, () => ({ ms: (_, count) => count }));
      await told.teach(20, 40);
      await told.teach(10, 1);
      const runs = [told.ask(rows(30)), told.ask(rows(30)), told.ask(rows(10))];
      await told.clock.rest();
      await Promise.all(runs);
      assert.deepEqual(told.begun(), [40, 30]);
    });

    it('a dear graph waits 2 ms for company in the bulk lane, a cheap one and a hook do not', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 20 }));
      await told.teach(30, 8);
      const since = told.clock.now();
      const first = told.ask(rows(1), { lane: 'bulk' });
      await told.clock.pass(1);
      const second = told.ask(rows(1), { lane: 'bulk' });
      await told.clock.rest();
      await Promise.all([first, second]);
      const [together] = told.workers[0]?.begun ?? [];
      assert.deepEqual([together?.rows, (together?.at ?? 0) - since], [2, 1]);
      told.forget();
      const alone = told.ask(rows(1), { lane: 'bulk' });
      const asked = told.clock.now();
      await told.clock.rest();
      await alone;
      assert.equal((told.workers[0]?.begun[0]?.at ?? 0) - asked, 2);
      told.forget();
      const [now, hook] = [told.clock.now(), told.ask(rows(1))];
      await told.clock.rest();
      await hook;
      assert.equal(told.workers[0]?.begun[0]?.at, now);
    });

    it('an output without rows is found out: each is asked alone, and joined no more', async () => {
      const sum = (_: string, of: Batch): Tensors => ({
        y: column(Float64Array.of(xOf(of).reduce((one, other) => one + other, 0))),
      });
      const told = await toldRunner({}, () => ({ answer: sum }));
      const runs = [told.ask(batch(1)), told.ask(batch(2))];
      await told.clock.rest();
      assert.deepEqual(await Promise.all(runs), [[1], [2]]);
      assert.deepEqual(told.begun(), [2, 1, 1]);
      told.forget();
      const later = [told.ask(batch(3)), told.ask(batch(4))];
      await told.clock.rest();
      assert.deepEqual(await Promise.all(later), [[3], [4]]);
      assert.deepEqual(told.begun(), [1, 1]);
    });
  });

  describe('the same question', () => {
    it('is computed once, waiting or in flight, and all are answered', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 10 }));
      const first = told.ask(batch(1, 2));
      await told.clock.pass(1);
      const [inFlight, other] = [told.ask(batch(1, 2)), told.ask(batch(1, 3))];
      const twin = told.ask(batch(1, 3));
      await told.clock.rest();
      assert.deepEqual(await Promise.all([first, inFlight, other, twin]), [
        [2, 4],
        [2, 4],
        [2, 6],
        [2, 6],
      ]);
      assert.deepEqual(told.begun(), [2, 2]);
      assert.equal(told.runner.stats().lanes.hook.coalesced, 2);
    });

    it('is computed again once it was answered', async () => {
      const told = await toldRunner();
      for (const _ of [1, 2]) {
        const run = told.ask(batch(1));
        await told.clock.rest();
        await run;
      }
      assert.deepEqual(told.begun(), [1, 1]);
    });

    it('moves up when a more urgent caller asks it', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 10 }));
      const busy = told.ask(rows(1));
      await told.clock.pass(1);
      const runs = [
        told.named('app', { lane: 'app' }),
        told.named('bulk', { lane: 'bulk' }, batch(7)),
        told.named('hook', { lane: 'hook' }, batch(7)),
      ];
      await told.clock.rest();
      await Promise.all([busy, ...runs]);
      assert.deepEqual(told.answered, ['bulk', 'hook', 'app']);
    });

    it('one who leaves does not take the answer from the others; it is dropped when nobody waits', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 10 }));
      const [leaves, leavesToo] = [new AbortController(), new AbortController()];
      const busy = told.ask(rows(1));
      await told.clock.pass(1);
      const gone = told.named('gone', { signal: leaves.signal }, batch(1));
      const stays = told.named('stays', {}, batch(1));
      const dropped = told.named('dropped', { signal: leavesToo.signal }, batch(2));
      leaves.abort();
      leavesToo.abort();
      await Promise.all([gone, dropped]);
      assert.deepEqual(told.answered, ['gone: deadline-passed', 'dropped: deadline-passed']);
      await told.clock.rest();
      await Promise.all([busy, stays]);
      assert.deepEqual(told.begun(), [1, 1]);
    });

    it('is not looked for in feeds above 64 KiB', async () => {
      const told = await toldRunner();
      const large = rows(8193);
      const runs = [told.ask(large), told.ask(large)];
      await told.clock.rest();
      await Promise.all(runs);
      assert.equal(told.runner.stats().lanes.hook.coalesced, 0);
    });
  });
});
