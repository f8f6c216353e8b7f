/** Whatever is asked, dies and leaves in whatever order: every run is answered once, with its own numbers or a reason. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Fault } from '../../../src/errors.ts';
import { manualClock } from '../../../src/inference/runner/clock.ts';
import { MemoryWorker } from '../../../src/inference/runner/memory-worker.ts';
import type { Batch } from '../../../src/inference/runner/protocol.ts';
import { startRunner } from '../../../src/inference/runner/runner.ts';
import { RunnerFailed, RunnerGone } from '../../../src/inference/runner/worker.ts';
import type { Tensors } from '../../../src/inference/tensor.ts';
import { lanes } from '../../../src/inference/urgency.ts';
import { answerOf, batch, doubled, signature, twice, asked as xOf } from './doubling.ts';

/** Rows that kill the process that is asked them, or that it refuses. */
const deadly = 13;
const refused = 17;

function answer(model: string, of: Batch): Tensors {
  if (xOf(of).includes(deadly)) throw new RunnerGone();
  if (xOf(of).includes(refused)) throw new RunnerFailed('no');
  return doubled(model, of);
}

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      x: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 }),
      times: fc.constantFrom(1, 1, 1, 200),
      lane: fc.constantFrom(...lanes),
      endsIn: fc.option(fc.integer({ min: 1, max: 60 })),
      leavesIn: fc.option(fc.integer({ min: 0, max: 30 })),
      fixed: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 20 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), worker: fc.nat(3) }) },
);

const plan = fc.record({
  workers: fc.integer({ min: 1, max: 3 }),
  gpu: fc.boolean(),
  perRun: fc.constantFrom(0, 0.3, 12),
  perRow: fc.constantFrom(0.01, 0.5),
  steps: fc.array(step, { minLength: 1, maxLength: 40 }),
});

describe('scheduler, whatever happens', () => {
  it('answers every run once, rightly or with a reason; only what may fail does', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ workers: count, gpu, perRun, perRow, steps }) => {
        const clock = manualClock();
        const workers: MemoryWorker[] = [];
        const runner = startRunner({
          workers: count,
          clock,
          providers: gpu ? ['cuda'] : [],
          startWorker: ({ provider = 'cpu' }) => {
            const ms = (_: string, rows: number): number => perRun + perRow * rows;
            const worker = new MemoryWorker({ clock, provider, signature: signature('rows'), answer, ms });
            workers.push(worker);
            return worker;
          },
        });
        await runner.load('graph', new Uint8Array());
        const ends: Promise<void>[] = [];
        let deaths = 0;
        for (const each of steps) {
          switch (each.kind) {
            case 'pass':
              await clock.pass(each.ms);
              break;
            case 'die':
              deaths++;
              workers[each.worker % workers.length]?.die();
              break;
            case 'run': {
              const what = batch(...Array.from({ length: each.times }, () => each.x).flat());
              const leaves = new AbortController();
              if (each.leavesIn !== null) clock.after(each.leavesIn, () => leaves.abort());
              const endsAt = each.endsIn === null ? Number.POSITIVE_INFINITY : clock.now() + each.endsIn;
              const run = runner.run('graph', what, { lane: each.lane, endsAt, signal: leaves.signal });
              ends.push(
                run.then(
                  (outputs) => assert.deepEqual(answerOf(outputs), twice(what)),
                  (thrown: unknown) => {
                    assert.ok(thrown instanceof Fault);
                    const may: Record<string, boolean> = {
                      'model-unavailable': deaths > 0 || xOf(what).some((x) => x === deadly || x === refused),
                      'deadline-passed': each.leavesIn !== null || each.endsIn !== null,
                      overloaded: each.endsIn !== null,
                    };
                    assert.ok(may[thrown.code], thrown.code);
                  },
                ),
              );
            }
          }
        }
        await clock.rest();
        await Promise.all(ends);
        const { lanes: counts } = runner.stats();
        for (const lane of lanes) assert.deepEqual([counts[lane].waiting, counts[lane].running], [0, 0]);
        await runner.close();
      }),
      { numRuns: 300 },
    );
  });

  it('a hook never begins later than the one bulk part that runs when it comes', async () => {
    const load = fc.record({
      bulk: fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 8 }),
      hookAt: fc.integer({ min: 0, max: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(load, async ({ bulk, hookAt }) => {
        const clock = manualClock();
        const startWorker = () =>
          new MemoryWorker({
            clock,
            signature: signature('rows'),
            answer: doubled,
            ms: (_, rows) => 0.2 + rows / 100,
          });
        const worker = startWorker();
        const runner = startRunner({ workers: 1, clock, startWorker: () => worker });
        await runner.load('graph', new Uint8Array());
        const runs = bulk.map((rows, at) =>
          runner.run('graph', batch(...Array.from({ length: rows }, () => at)), { lane: 'bulk' }),
        );
        await clock.pass(hookAt);
        const before = worker.begun.length;
        runs.push(runner.run('graph', batch(-1)));
        await clock.rest();
        await Promise.all(runs);
        assert.equal(worker.begun[before]?.rows, 1);
      }),
      { numRuns: 60 },
    );
  });
});
