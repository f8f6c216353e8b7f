/** serving.md §3: what may still be in time is let in, and cut so that nobody waits long behind it. */
import assert from 'node:assert/strict';
import { longestBulkMs } from '../../../src/inference/runner/plan.ts';
import { batch, twice } from './doubling.ts';
import { rows, toldRunner } from './told-runner.ts';

describe('scheduler', () => {
  describe('admission', () => {
    it('refuses at once what cannot be in time, and says so', async () => {
      const told = await toldRunner({}, () => ({ ms: (_, count) => count }));
      await told.teach(20, 10);
      await told.teach(10, 1);
      await assert.rejects(told.ask(rows(100), { endsAt: told.clock.now() + 50 }), {
        code: 'overloaded',
        details: ['graph'],
      });
      assert.deepEqual(told.begun(), []);
      const inTime = told.ask(rows(30), { endsAt: told.clock.now() + 50 });
      await told.clock.rest();
      await inTime;
      assert.equal(told.runner.stats().lanes.hook.refused, 1);
    });

    it('counts what is served before it, and only that', async () => {
      const told = await toldRunner({}, () => ({ ms: (_, count) => count }));
      await told.teach(20, 10);
      await told.teach(10, 1);
      const others = [1, 2, 3, 4].map(() => told.ask(rows(20), { lane: 'app' }));
      const inTime = [
        told.ask(rows(5), { lane: 'app', endsAt: told.clock.now() + 60 }),
        told.ask(rows(5), { lane: 'hook', endsAt: told.clock.now() + 60 }),
      ];
      const behind = told.named('behind', { lane: 'bulk', endsAt: told.clock.now() + 60 }, rows(30));
      await told.clock.rest();
      await Promise.all([...others, ...inTime, behind]);
      assert.deepEqual(told.answered, ['behind: overloaded']);
    });

    it('refuses nothing while a graph is not known', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 100 }));
      await told.teach(4);
      const run = told.ask(rows(1), { endsAt: told.clock.now() + 10 });
      await told.clock.rest();
      await run;
    });

    it('asks again after a bad spell instead of refusing for ever', async () => {
      let ms = 1;
      const told = await toldRunner({}, () => ({ ms: () => ms }));
      await told.teach(20);
      ms = 900;
      await told.teach(3);
      ms = 1;
      const run = told.ask(rows(1), { endsAt: told.clock.now() + 500 });
      await told.clock.rest();
      await run;
    });

    for (const [lane, places] of [
      ['hook', 64],
      ['app', 64],
      ['bulk', 256],
    ] as const) {
      it(`lets ${places} wait in the ${lane} lane`, async () => {
        const told = await toldRunner();
        const asked = Array.from({ length: places + 3 }, () => told.named('run', { lane }));
        await told.clock.rest();
        await Promise.all(asked);
        assert.equal(told.answered.filter((name) => name === 'run: overloaded').length, 3);
        assert.equal(told.answered.filter((name) => name === 'run').length, places);
        assert.equal(told.runner.stats().lanes[lane].refused, 3);
      });
    }
  });

  describe('cutting', () => {
    for (const [lane, atFirst, ms] of [
      ['hook', 1024, 50],
      ['app', 1024, longestBulkMs],
      ['bulk', 256, longestBulkMs],
    ] as const) {
      it(`${lane}: ${atFirst} rows at first, then what takes ${ms} ms`, async () => {
        const told = await toldRunner({}, () => ({ ms: (_, count) => 0.1 + count * 0.01 }));
        const what = rows(40_000);
        const run = told.ask(what, { lane });
        await told.clock.rest();
        assert.deepEqual(await run, twice(what));
        assert.equal(told.begun()[0], atFirst);
        const typical = told.begun().at(-2) ?? 0;
        const most = (ms - 0.1) / 0.01;
        assert.ok(typical > 0.9 * most && typical < 1.1 * most, `${typical} rows`);
        assert.equal(told.runner.stats().lanes[lane].cut, 1);
      });
    }

    it('bulk runs are longer where hooks have a worker of their own', async () => {
      const told = await toldRunner({ workers: 2 }, () => ({ ms: (_, count) => 0.1 + count * 0.01 }));
      const run = told.ask(rows(60_000), { lane: 'bulk' });
      await told.clock.rest();
      assert.equal((await run).length, 60_000);
      assert.ok((told.begun(1).at(-2) ?? 0) > 4000);
      assert.equal(told.begun(0).length, 0);
    });

    it('several workers share one long run', async () => {
      const told = await toldRunner({ workers: 3 }, () => ({ ms: (_, count) => count * 0.01 }));
      const what = rows(50_000);
      const run = told.ask(what, { lane: 'bulk' });
      await told.clock.rest();
      assert.deepEqual(await run, twice(what));
      assert.ok(told.begun(1).length > 2 && told.begun(2).length > 2);
    });

    it('a run without rows is asked, too', async () => {
      const told = await toldRunner();
      const run = told.ask(batch());
      await told.clock.rest();
      assert.deepEqual(await run, []);
    });
  });
});
