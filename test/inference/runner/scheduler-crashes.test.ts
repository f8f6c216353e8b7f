/** What a process that dies, hangs or refuses costs: its own question, and that only the second time. */
import assert from 'node:assert/strict';
import type { Batch } from '../../../src/inference/runner/protocol.ts';
import { RunnerFailed, RunnerGone } from '../../../src/inference/runner/worker.ts';
import type { Tensors } from '../../../src/inference/tensor.ts';
import { batch, doubled, signature, twice, asked as xOf } from './doubling.ts';
import { rows, toldRunner } from './told-runner.ts';

describe('scheduler', () => {
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
        const told = await toldRunner({}, () => ({ answer }));
        const good = [batch(1), batch(2), batch(3, 4)];
        const runs = good.map((each) => told.ask(each));
        const bad = assert.rejects(told.ask(batch(poison)), unavailable);
        await told.clock.rest();
        assert.deepEqual(await Promise.all(runs), good.map(twice));
        await bad;
      });
    }

    it('asks once more after a crash, and no third time', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 10 }));
      const first = told.ask(batch(1));
      await told.clock.pass(1);
      told.workers[0]?.die();
      await told.clock.rest();
      assert.deepEqual(await first, [2]);
      const second = assert.rejects(told.ask(batch(2)), unavailable);
      await told.clock.pass(1);
      told.workers[0]?.die();
      await told.clock.pass(1);
      told.workers[0]?.die();
      await second;
    });

    describe('a run that hangs', () => {
      const [hangs, learnedMs] = [60_000, 1000];

      it('of a known graph is asked once more after a second, in time for its deadline', async () => {
        let ms = 1;
        const told = await toldRunner({}, () => ({ ms: () => ms }));
        await told.teach(10);
        ms = hangs;
        const run = told.ask(batch(1), { endsAt: told.clock.now() + 10 * learnedMs });
        await told.clock.pass(learnedMs - 1);
        assert.deepEqual(told.begun(), [1]);
        ms = 1;
        await told.clock.pass(2);
        assert.deepEqual(await run, [2]);
        assert.deepEqual(told.begun(), [1, 1]);
      });

      it('is not cut short the second time: the machine may be busy', async () => {
        let ms = 1;
        const told = await toldRunner({}, () => ({ ms: () => ms }));
        await told.teach(10);
        ms = hangs;
        const run = told.ask(batch(1));
        await told.clock.rest();
        assert.deepEqual(await run, [2]);
        assert.deepEqual(told.begun(), [1, 1]);
      });

      it('takes twenty times as long as a long one does', async () => {
        let ms = 200;
        const told = await toldRunner({}, () => ({ ms: () => ms }));
        await told.teach(40);
        const since = told.clock.now();
        ms = hangs;
        const run = told.ask(batch(1));
        await told.clock.rest();
        await run;
        const again = (told.workers[0]?.begun[1]?.at ?? 0) - since;
        assert.ok(again >= 4000 && again <= 6000, `asked again after ${again} ms`);
      });

      const float32 = signature('rows', 'float32');
      for (const [what, taught, provider, asked] of [
        ['whose graph is not known yet', 4, 'cpu', batch(1)],
        ['on a GPU, which may tune itself,', 10, 'cuda', batch(1)],
        ['whose rows are not what they say', 10, 'cpu', { ...batch(1, 2, 3), rows: 2 }],
      ] as const) {
        it(`${what} has the worker's own limit only`, async () => {
          let ms = 1;
          const told = await toldRunner({ providers: [provider] }, () => ({
            signature: float32,
            ms: () => ms,
          }));
          await told.teach(taught);
          ms = hangs;
          const since = told.clock.now();
          const run = told.ask(asked);
          await told.clock.rest();
          assert.deepEqual(await run, twice(asked));
          assert.ok(told.clock.now() - since >= hangs);
          assert.equal(told.begun(0).length + told.begun(1).length, 1);
        });
      }
    });

    it('asks no more when the deadline passed meanwhile', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 10 }));
      const run = assert.rejects(told.ask(batch(1), { endsAt: 5 }), { code: 'deadline-passed' });
      await told.clock.pass(6);
      told.workers[0]?.die();
      await told.clock.rest();
      await run;
      assert.deepEqual(told.begun(), [1]);
    });

    it('a long run loses the part that was asked, not what was answered', async () => {
      const told = await toldRunner({}, () => ({ ms: (_, count) => count * 0.01 }));
      const what = rows(20_000);
      const run = told.ask(what);
      await told.clock.pass(100);
      const before = told.begun().reduce((sum, count) => sum + count, 0);
      told.workers[0]?.die();
      await told.clock.rest();
      assert.deepEqual(await run, twice(what));
      const all = told.begun().reduce((sum, count) => sum + count, 0);
      assert.ok(before > 1024 && all - 20_000 <= 5000, `${before}, ${all}`);
    });

    it('refuses what was never loaded, and everything once it is closed', async () => {
      const told = await toldRunner({}, () => ({ ms: () => 10 }));
      await assert.rejects(told.ask(rows(1), {}, 'unknown'), {
        code: 'model-unavailable',
        details: ['unknown'],
      });
      const runs = [told.ask(rows(1)), told.ask(rows(1)), told.ask(rows(9000), { lane: 'bulk' })];
      await told.clock.pass(1);
      const refused = runs.map((run) => assert.rejects(run, unavailable));
      await told.runner.close();
      await Promise.all(refused);
      await assert.rejects(told.ask(rows(1)), unavailable);
    });
  });
});
