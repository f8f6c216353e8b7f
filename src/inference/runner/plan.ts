/**
 * What one run is made of: rows of the job whose turn it is, at most as many as may hold a process, and where room is
 * left the rows of others that ask the same graph for the same outputs.
 */
import type { Lane } from '../urgency.ts';
import type { Device } from './device.ts';
import type { Job } from './job.ts';
import type { LatencyCurve } from './latency.ts';

/** A run cannot be cancelled (serving.md §0): nobody waits longer than this behind one that can be cut shorter. */
export const longestMs = 50;
/** The same for an app's and a bulk run where hooks have no other process to go to. */
export const longestBulkMs = 2;
/** Rows of a run of which nothing is known yet. */
const rowsAtFirst: Readonly<Record<Lane, number>> = { hook: 1024, app: 1024, bulk: 256 };
/** A graph that costs this much before its first row is worth waiting for company. */
const dearMs = 10;
const companyMs = 2;

/** How a runner makes runs of jobs. */
export interface Rules {
  /** Milliseconds of the longest run of the app's and the bulk lane. */
  readonly bulkMs: number;
  /** Is the first axis of that graph open? */
  readonly isOpen: (model: string) => boolean;
}

/**
 * Rows that a run of that lane may have. A run may cost as much by its rows as it costs by itself, however long that
 * is: cut finer it would compute nearly nothing, and whoever waits would wait for the run all the same.
 */
export function rowsPerRun(curve: LatencyCurve, lane: Lane, { bulkMs }: Pick<Rules, 'bulkMs'>): number {
  const wanted = lane === 'hook' ? longestMs : bulkMs;
  return curve.rowsWithin(Math.max(wanted, 2 * curve.perRun), rowsAtFirst[lane]);
}

/** Rows that the device would take of the job in one run. */
export function rowsOf(device: Device, job: Job, rules: Rules): number {
  if (!rules.isOpen(job.model) || !job.isRegular) return job.nextRows;
  return Math.min(job.nextRows, rowsPerRun(device.curve(job.model), job.lane, rules));
}

/** Who would have the job's next rows computed first, of those that have room; among equals the idle, then the preferred. */
export function deviceFor(
  job: Job,
  devices: readonly Device[],
  rules: Rules,
  now: number,
): Device | undefined {
  const able = devices.filter((device) => device.serves(job) && device.hasRoom(job));
  const best = able.find((device) => {
    const rows = rowsOf(device, job, rules);
    const ready = device.readyMs(job.model, rows, now);
    const isSooner = (other: Device): boolean => {
      const sooner = other.readyMs(job.model, rows, now) - ready;
      return sooner === 0 ? other.pipe.length < device.pipe.length : sooner < 0;
    };
    return !able.some((other) => other !== device && isSooner(other));
  });
  return best ?? able[0];
}

/** Jobs whose next rows make one run. */
export interface Plan {
  readonly jobs: readonly Job[];
  /** Rows taken of the first; the others give all of theirs that come next. */
  readonly cut: number;
  readonly rows: number;
}

/**
 * The run that the device is asked when it is that job's turn. Others of its lane join while the run keeps the earliest
 * deadline among them and the lane's longest run.
 * @param waiting in the order of turns
 */
export function planRun(device: Device, head: Job, waiting: Iterable<Job>, rules: Rules, now: number): Plan {
  const cut = rowsOf(device, head, rules);
  const plan = { jobs: [head], cut, rows: cut };
  if (cut < head.nextRows || !mayJoin(head, rules)) return plan;
  const curve = device.curve(head.model);
  const most = rowsPerRun(curve, head.lane, rules);
  const startsAt = now + device.waitMs(now);
  let due = head.endsAt;
  for (const job of waiting) {
    const rows = plan.rows + job.nextRows;
    if (rows > most || !isCompany(job, head, device, rules)) continue;
    const earliest = Math.min(due, job.endsAt);
    if (curve.learned && startsAt + curve.p99(rows) > earliest) continue;
    plan.jobs.push(job);
    plan.rows = rows;
    due = earliest;
  }
  return plan;
}

/** Until when a run had better wait for company: a dear one on its own, in the bulk lane or on a GPU; 0 when it need not. */
export function holdUntil(device: Device, { jobs: [job, ...company], rows }: Plan, rules: Rules): number {
  if (job === undefined || company.length > 0 || !mayJoin(job, rules)) return 0;
  const curve = device.curve(job.model);
  const isDear = curve.learned && curve.perRun > dearMs && (job.lane === 'bulk' || device.isGpu);
  return isDear && rows < rowsPerRun(curve, job.lane, rules) ? job.arrivedAt + companyMs : 0;
}

const mayJoin = (job: Job, rules: Rules): boolean =>
  !job.alone && job.isRegular && job.batch.mixture === undefined && rules.isOpen(job.model);

const isCompany = (job: Job, head: Job, device: Device, rules: Rules): boolean =>
  job !== head &&
  job.model === head.model &&
  job.lane === head.lane &&
  mayJoin(job, rules) &&
  device.serves(job) &&
  job.layout === head.layout;
