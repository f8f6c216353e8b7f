/** Whom the learned latencies refuse. */
import assert from 'node:assert/strict';
import { keepsDeadline } from '../../../src/inference/runner/admission.ts';
import { systemClock } from '../../../src/inference/runner/clock.ts';
import { Device } from '../../../src/inference/runner/device.ts';
import { Job } from '../../../src/inference/runner/job.ts';
import { LatencyCurves } from '../../../src/inference/runner/latency.ts';
import { MemoryWorker } from '../../../src/inference/runner/memory-worker.ts';
import { longestBulkMs } from '../../../src/inference/runner/plan.ts';
import { Scheduler } from '../../../src/inference/runner/scheduler.ts';
import { Ticket } from '../../../src/inference/runner/ticket.ts';
import { batch, doubled, signature } from './doubling.ts';

const rules = { bulkMs: longestBulkMs, isOpen: () => true };

/** A worker that runs something else already. */
function busyDevice(ms: readonly number[]): Device {
  const worker = new MemoryWorker({ clock: systemClock, signature: signature('rows'), answer: doubled });
  const curves = new LatencyCurves();
  const device = new Device({ name: 'cpu-0', worker, lanes: ['hook'], curves, onRefused: () => {} });
  for (const each of ms) device.curve('m').learn(1, each, 0);
  const asked = { model: 'm', shares: [], rows: 1, lane: 'hook', alone: false, askedAt: 0 } as const;
  device.take({ ...asked, expectedMs: device.curve('m').mean(1) });
  return device;
}

function jobWithin(ms: number): Job {
  const job = new Job('m', batch(1), 0, 0);
  job.admit(new Ticket('m', { endsAt: ms }));
  return job;
}

const usual = Array.from({ length: 128 }, () => 0.2);

describe('admission of a run behind another', () => {
  const cases: readonly (readonly [string, readonly number[], number, boolean])[] = [
    ['is in time as a rule', usual, 50, true],
    [
      'a machine that stood still now and then',
      usual.with(20, 1300).with(60, 1300).with(100, 1300),
      500,
      true,
    ],
    ['takes too long on average', usual.map(() => 400), 500, false],
    ['has a tail as long as its deadline', usual.map((_, at) => (at % 20 === 0 ? 300 : 60)), 250, false],
  ];
  for (const [what, ms, within, admitted] of cases)
    it(`${what}: ${admitted ? 'admitted' : 'refused'}`, () => {
      assert.equal(keepsDeadline(jobWithin(within), [busyDevice(ms)], [], rules, 0), admitted);
    });
});

describe('what is learned of a run', () => {
  it('is its own time, not that in which the service stood still', async () => {
    const worker = new MemoryWorker({ clock: systemClock, signature: signature('rows'), answer: doubled });
    const curves = new LatencyCurves();
    const device = new Device({ name: 'cpu-0', worker, lanes: ['hook'], curves, onRefused: () => {} });
    const scheduler = new Scheduler({ devices: [device], clock: systemClock, bulkMs: longestBulkMs });
    scheduler.admit('m', true);
    for (let at = 0; at < 6; at++) {
      const answer = scheduler.run('m', batch(at));
      if (at === 3) setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300));
      await answer;
    }
    assert.ok(device.curve('m').p99(1) < 30, String(device.curve('m').p99(1)));
    scheduler.close();
  });
});
