/**
 * Who runs what, when: jobs wait in lanes, a worker that is free takes whose turn it is, answers go to everybody who
 * asked. serving.md §3: admission by estimate, earliest deadline first, batches as large as the earliest deadline
 * allows, no window for small models, equal questions computed once, bulk runs cut so that a hook never waits long.
 */
import { Fault } from '../../errors.ts';
import type { Tensors } from '../tensor.ts';
import type { Lane, Urgency } from '../urgency.ts';
import { keepsDeadline } from './admission.ts';
import { again } from './again.ts';
import type { Clock } from './clock.ts';
import { LaneCounts, type LaneStats } from './counts.ts';
import type { Asked, Device, Share } from './device.ts';
import { Job, type Slice } from './job.ts';
import { haveRows, joinBatches, sliceBatch, split } from './joined.ts';
import { deviceFor, holdUntil, planRun, type Rules } from './plan.ts';
import type { Batch } from './protocol.ts';
import { places, Queue } from './queue.ts';
import { Ticket } from './ticket.ts';
import { Twins } from './twins.ts';
import { type Ran, RunnerFailed, RunnerGone } from './worker.ts';

/** Milliseconds of the way there and back, beside those of the run. */
const way = { ms: 10, runs: 1 };

/** Time in which the service itself stood still, and did not read the answer, is not the run's: it would be held against others. */
const spentMs = (ms: number, busyMs: number): number =>
  Math.min(Math.max(ms, busyMs), ms + way.runs * ms + way.ms);

export interface SchedulerOptions {
  /** In the order in which they are preferred. */
  readonly devices: readonly Device[];
  readonly clock: Clock;
  /** Milliseconds of the longest run of the bulk lane. */
  readonly bulkMs: number;
}

export class Scheduler {
  readonly #devices: readonly Device[];
  readonly #clock: Clock;
  readonly #rules: Rules;
  /** By model: is its first axis open? */
  readonly #open = new Map<string, boolean>();
  readonly #queue = new Queue<Job>();
  readonly #twins = new Twins<Job>();
  readonly #living = new Set<Job>();
  readonly #counts = new LaneCounts();
  #arrivals = 0;
  #turning = false;
  #forgetHold: () => void = () => {};
  #closed = false;

  constructor({ devices, clock, bulkMs }: SchedulerOptions) {
    this.#devices = devices;
    this.#clock = clock;
    this.#rules = { bulkMs, isOpen: (model) => this.#open.get(model) === true };
  }

  /** From now on it may be asked for. */
  admit(model: string, isOpen: boolean): void {
    this.#open.set(model, isOpen);
  }

  /** @throws Fault model-unavailable, deadline-passed, overloaded */
  run(model: string, batch: Batch, urgency: Urgency = {}): Promise<Tensors> {
    if (this.#closed || !this.#open.has(model))
      return Promise.reject(new Fault('model-unavailable', [model]));
    const { signal, endsAt = Number.POSITIVE_INFINITY } = urgency;
    if (signal?.aborted || endsAt <= this.#clock.now()) {
      return Promise.reject(new Fault('deadline-passed', [model]));
    }
    const ticket = new Ticket(model, urgency);
    const twin = this.#twins.find(model, batch);
    if (twin === undefined) this.#enter(new Job(model, batch, this.#arrivals++, this.#clock.now()), ticket);
    else this.#share(twin, ticket);
    this.#turnSoon();
    return ticket.answer;
  }

  /** Whatever waits or runs is answered `model-unavailable`. */
  close(): void {
    this.#closed = true;
    this.#forgetHold();
    for (const job of [...this.#living]) this.#refuse(job, new RunnerGone());
  }

  stats(): Readonly<Record<Lane, LaneStats>> {
    const running = this.#devices.flatMap(({ pipe }) => pipe.map(({ lane }) => lane));
    return this.#counts.stats((lane) => ({
      waiting: this.#queue.size(lane),
      running: running.filter((each) => each === lane).length,
    }));
  }

  #enter(job: Job, ticket: Ticket): void {
    job.admit(ticket);
    if (this.#queue.size(job.lane) < places[job.lane] && this.#keepsDeadline(job)) {
      this.#living.add(job);
      this.#twins.add(job);
      this.#queue.add(job);
      ticket.whenLeft(() => this.#leave(job, ticket));
    } else {
      this.#counts.count(job.lane, 'refused');
      job.refuse(new Fault('overloaded', [job.model]));
    }
  }

  #share(job: Job, ticket: Ticket): void {
    this.#counts.count(ticket.lane, 'coalesced');
    this.#reordered(job, () => job.admit(ticket));
    ticket.whenLeft(() => this.#leave(job, ticket));
  }

  #leave(job: Job, ticket: Ticket): void {
    this.#reordered(job, () => job.leave(ticket));
    if (!job.wanted) this.#end(job);
  }

  /** Changes what its turn depends on. */
  #reordered(job: Job, change: () => void): void {
    const waited = this.#queue.remove(job);
    change();
    if (waited && job.wanted) this.#queue.add(job);
  }

  #keepsDeadline(job: Job): boolean {
    if (job.endsAt === Number.POSITIVE_INFINITY) return true;
    const able = this.#devices.filter((device) => device.serves(job));
    return keepsDeadline(job, able, [...this.#queue.before(job)], this.#rules, this.#clock.now());
  }

  /** What is asked in one go can be joined: turns are taken when the caller is done asking. */
  #turnSoon(): void {
    if (this.#turning) return;
    this.#turning = true;
    queueMicrotask(() => {
      this.#turning = false;
      this.#takeTurns();
    });
  }

  #takeTurns(): void {
    this.#forgetHold();
    let holdsUntil = Number.POSITIVE_INFINITY;
    for (const job of this.#queue) {
      job.dropLate(this.#clock.now());
      holdsUntil = Math.min(holdsUntil, this.#ask(job));
    }
    if (holdsUntil === Number.POSITIVE_INFINITY) return;
    this.#forgetHold = this.#clock.after(Math.max(0, holdsUntil - this.#clock.now()), () =>
      this.#takeTurns(),
    );
  }

  /** Asks for as much of it as there is room. @returns until when it is held back for company */
  #ask(job: Job): number {
    while (job.next !== undefined && job.wanted) {
      const now = this.#clock.now();
      const device = deviceFor(job, this.#devices, this.#rules, now);
      if (device === undefined) break;
      const plan = planRun(device, job, this.#queue.in(job.lane), this.#rules, now);
      const hold = holdUntil(device, plan, this.#rules);
      if (hold > now) return hold;
      const shares = plan.jobs.flatMap((each) => {
        const slice = each.take(each === job ? plan.cut : each.nextRows);
        if (each.next === undefined) this.#queue.remove(each);
        return slice === undefined ? [] : [{ job: each, slice }];
      });
      void this.#send(device, shares, plan.rows, job);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Who was answered and asks on, as a hook asks for its explanation, is served before bulk work goes on. */
  async #send(
    device: Device,
    shares: readonly Share[],
    rows: number,
    { model, lane, alone }: Job,
  ): Promise<void> {
    const askedAt = this.#clock.now();
    const asked = { model, shares, rows, lane, alone, askedAt, expectedMs: device.curve(model).mean(rows) };
    this.#countShares(shares);
    device.take(asked);
    const parts = shares.map(({ job, slice }) => sliceBatch(job.batch, slice.from, slice.to));
    await device.worker.run(model, joinBatches(parts), device.hangMs(asked)).then(
      (ran) => this.#ran(device, asked, ran),
      (thrown: unknown) => this.#failed(device, asked, thrown),
    );
    if (this.#queue.isEmpty) return;
    if (lane === 'bulk') this.#turnSoon();
    else setImmediate(() => this.#takeTurns());
  }

  #ran(device: Device, asked: Asked, { outputs, ms }: Ran): void {
    const { model, rows, shares } = asked;
    const busyMs = device.drop(asked, this.#clock.now());
    device.curve(model).learn(rows, spentMs(ms, busyMs), this.#clock.now());
    const isWhole = shares.every(({ job }) => rows === job.batch.rows);
    if (isWhole || haveRows(outputs, rows)) {
      this.#answer(asked, outputs);
    } else {
      this.#open.set(model, false);
      this.#askAllAgain(device, shares, new RunnerFailed('an output has not as many rows as the feeds'));
    }
  }

  #failed(device: Device, asked: Asked, thrown: unknown): void {
    const now = this.#clock.now();
    device.drop(asked, now);
    if (thrown instanceof RunnerGone) device.died(now);
    this.#askAllAgain(device, asked.shares, thrown);
  }

  #answer({ model, shares }: Asked, outputs: Tensors): void {
    const parts = split(
      outputs,
      shares.map(({ slice }) => slice.to - slice.from),
    );
    for (const [at, { job, slice }] of shares.entries()) {
      this.#blame(model, slice.not);
      if (job.wanted && job.answered(slice, parts[at] ?? {})) this.#end(job);
    }
  }

  /** Refused by one worker, answered by another: it was not the question. */
  #blame(model: string, not: Slice['not']): void {
    for (const device of this.#devices) {
      const said = not.get(device.name);
      if (said !== undefined) device.refuse(model, said);
    }
  }

  #askAllAgain(device: Device, shares: readonly Share[], thrown: unknown): void {
    for (const share of shares)
      if (share.job.wanted) this.#askAgain(device, share, shares.length > 1, thrown);
  }

  #askAgain(device: Device, { job, slice: asked }: Share, wasJoined: boolean, thrown: unknown): void {
    const isOther = (other: Device): boolean =>
      other !== device && other.serves(job) && !asked.not.has(other.name);
    const slice = again(asked, device, this.#devices.some(isOther), wasJoined, thrown);
    if (slice === undefined) {
      this.#refuse(job, thrown);
    } else {
      this.#queue.remove(job);
      job.alone = true;
      job.giveBack(slice);
      this.#queue.add(job);
    }
  }

  #refuse(job: Job, cause: unknown): void {
    this.#queue.remove(job);
    job.refuse(new Fault('model-unavailable', [job.model], cause));
    this.#end(job);
  }

  #end(job: Job): void {
    this.#living.delete(job);
    this.#twins.remove(job);
  }

  #countShares(shares: readonly Share[]): void {
    for (const { job, slice } of shares) {
      if (shares.length > 1) this.#counts.count(job.lane, 'joined');
      if (slice.from === 0 && slice.to < job.batch.rows) this.#counts.count(job.lane, 'cut');
    }
  }
}
