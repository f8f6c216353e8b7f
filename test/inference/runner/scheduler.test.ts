/** serving.md §3: whose turn it is, what comes too late, how much is under way. */
import assert from 'node:assert/strict';
import type { Urgency } from '../../../src/inference/urgency.ts';
import { rows, toldRunner } from './told-runner.ts';

describe('scheduler', () => {
  describe('whose turn it is', () => {
    it('hook before app before bulk, in a lane the earliest deadline', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 20 }));
      const graphs = ['a', 'b', 'c', 'd', 'e', 'f'];
      for (const graph of graphs) await told.runner.load(graph, new Uint8Array());
      const first = told.ask(rows(1));
      const urgencies: readonly Urgency[] = [
        { lane: 'bulk' },
        { lane: 'app' },
        { lane: 'hook' },
        { lane: 'hook', endsAt: 900 },
        { lane: 'hook', endsAt: 500 },
        { lane: 'bulk', endsAt: 300 },
      ];
      await told.clock.pass(0);
      const others = urgencies.map((urgency, at) => told.ask(rows(1), urgency, graphs[at]));
      await told.clock.rest();
      await Promise.all([first, ...others]);
      const order = told.workers[0]?.begun.map(({ model }) => model).slice(1);
      assert.deepEqual(order, ['e', 'd', 'c', 'b', 'f', 'a']);
    });

    it('a hook waits behind one part of bulk work at most', async () => {
      const told = await toldRunner({}, () => ({ ms: (_, count) => 0.5 + count * 0.01 }));
      await told.teach(30, 100);
      await told.teach(10, 1);
      const bulk = [told.ask(rows(5000), { lane: 'bulk' }), told.ask(rows(5000), { lane: 'bulk' })];
      await told.clock.pass(12);
      const since = told.clock.now();
      let took = Number.POSITIVE_INFINITY;
      const hook = told.ask(rows(1)).then(() => {
        took = told.clock.now() - since;
      });
      await told.clock.rest();
      await Promise.all([hook, ...bulk]);
      assert.ok(took <= 5.2 + 0.6, `${took} ms`);
    });

    it('what a hook asks next goes before bulk work', async () => {
      const told = await toldRunner({}, () => ({ ms: (_, count) => count / 100 }));
      await told.teach(10, 100);
      const bulk = told.ask(rows(4000), { lane: 'bulk' });
      await told.clock.pass(7);
      told.forget();
      const decision = told.ask(rows(1)).then(async () => {
        for (const _ of [1, 2, 3]) await Promise.resolve();
        return told.ask(rows(128));
      });
      await told.clock.rest();
      await Promise.all([bulk, decision]);
      assert.deepEqual(told.begun().slice(0, 2), [1, 128]);
    });

    it('with several workers the first takes no bulk work', async () => {
      const told = await toldRunner({ workers: 3 }, () => ({ ms: () => 10 }));
      const bulk = Array.from({ length: 8 }, () => told.ask(rows(256), { lane: 'bulk' }));
      await told.clock.pass(5);
      const hook = told.ask(rows(1));
      await told.clock.rest();
      await Promise.all([...bulk, hook]);
      assert.equal(told.begun(0).length, 1);
      assert.ok(told.begun(1).length > 0 && told.begun(2).length > 0);
    });
  });

  describe('deadlines', () => {
    const late = { code: 'deadline-passed', details: ['graph'] };

    it('a caller whose signal aborts is answered at once, and what has not begun is dropped', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 10 }));
      const [one, other] = [new AbortController(), new AbortController()];
      const running = assert.rejects(told.ask(rows(1), { signal: one.signal }), late);
      await told.clock.pass(1);
      const waiting = assert.rejects(told.ask(rows(1), { signal: other.signal }), late);
      await told.clock.pass(1);
      one.abort();
      other.abort();
      await Promise.all([running, waiting]);
      await told.clock.rest();
      assert.deepEqual(told.begun(), [1]);
      await assert.rejects(told.ask(rows(1), { signal: AbortSignal.abort() }), late);
      await assert.rejects(told.ask(rows(1), { endsAt: told.clock.now() }), late);
    });

    it('what is late when its turn comes is not asked', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 10 }));
      const first = told.ask(rows(1));
      await told.clock.pass(0);
      const second = assert.rejects(told.ask(rows(1), { endsAt: told.clock.now() + 5 }), late);
      await told.clock.rest();
      await Promise.all([first, second]);
      assert.deepEqual(told.begun(), [1]);
    });
  });

  describe('the pipe', () => {
    it('holds a second hook, but never a second bulk run before a hook', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 10 }));
      await told.teach(10);
      const bulk = [told.ask(rows(500), { lane: 'bulk' }), told.ask(rows(500), { lane: 'bulk' })];
      await told.clock.rest();
      await Promise.all(bulk);
      assert.equal(told.workers[0]?.deepest, 1);
      const first = told.ask(rows(1));
      await told.clock.pass(1);
      const second = told.ask(rows(1));
      await told.clock.rest();
      await Promise.all([first, second]);
      assert.equal(told.workers[0]?.deepest, 2);
    });

    it('is kept full where nobody but bulk is served', async () => {
      const told = await toldRunner({ bulkOnly: true }, () => ({ ms: () => 10 }));
      await told.teach(10);
      const runs = [told.ask(rows(500)), told.ask(rows(500)), told.ask(rows(500))];
      await told.clock.rest();
      await Promise.all(runs);
      assert.equal(told.workers[0]?.deepest, 2);
      assert.equal(told.runner.stats().lanes.hook.cut, 0);
    });
  });
});
