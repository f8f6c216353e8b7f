/** May a run still be in time? Clockwork's rule (arXiv 2006.02464): what cannot is refused before it costs anything. */
import type { Device } from './device.ts';
import type { Job } from './job.ts';
import { type Rules, rowsOf } from './plan.ts';

/**
 * @param able the workers that may be asked
 * @param ahead what is served before it
 * @returns true also where a graph is not known well enough to refuse on. A worker that is idle with nothing ahead is
 *   asked when the average is in time: else nothing would be learned after a bad spell.
 */
export function keepsDeadline(
  job: Job,
  able: readonly Device[],
  ahead: readonly Job[],
  rules: Rules,
  now: number,
): boolean {
  return able.some((device) => {
    if (!device.curve(job.model).isKnown(now)) return true;
    const isIdle = ahead.length === 0 && device.pipe.length === 0;
    const before = ahead.reduce((sum, other) => sum + wholeMs(device, other, rules, 'mean'), 0) / able.length;
    const own = wholeMs(device, job, rules, isIdle ? 'mean' : 'p99');
    return now + device.waitMs(now) + before + own <= job.endsAt;
  });
}

/** Milliseconds in which everything that is left of a job is computed: on average, or in 99 of 100 cases. */
function wholeMs(device: Device, job: Job, rules: Rules, how: 'mean' | 'p99'): number {
  const curve = device.curve(job.model);
  const most = Math.max(1, rowsOf(device, job, rules));
  const parts = Math.max(1, Math.ceil(job.rowsLeft / most));
  const part = Math.min(job.rowsLeft, most);
  const last = how === 'mean' ? curve.mean(part) : Math.min(curve.p99(part), tailMs(curve.mean(part)));
  return curve.perRow * (job.rowsLeft - part) + curve.perRun * (parts - 1) + last;
}

/** What is longer was a spell of the machine, not of the graph: nobody is refused for it while it is remembered. */
const tailMs = (meanMs: number): number => 10 * meanMs + 50;
