/** A worker as the scheduler sees it: what it may serve, what is in its pipe, when it will be free. */
import type { Lane } from '../urgency.ts';
import type { Job, Slice } from './job.ts';
import type { LatencyCurve, LatencyCurves } from './latency.ts';
import type { Worker } from './worker.ts';

/** Rows of a job in a batch. */
export interface Share {
  readonly job: Job;
  readonly slice: Slice;
}

/** What was asked of a worker in one go. */
export interface Asked {
  readonly model: string;
  readonly shares: readonly Share[];
  readonly rows: number;
  readonly lane: Lane;
  readonly alone: boolean;
  readonly askedAt: number;
  /** Milliseconds it should take; 0 while that is unknown. */
  readonly expectedMs: number;
}

export interface DeviceOptions {
  /** Unique in the runner. */
  readonly name: string;
  readonly worker: Worker;
  readonly lanes: readonly Lane[];
  /** Of its provider. */
  readonly curves: LatencyCurves;
  /** It is not asked for that model any more, for what it said. */
  readonly onRefused: (device: Device, model: string, said: string) => void;
}

/** Until a process that died is replaced (serving.md §0: 150 ms) others are preferred. */
const replacementMs = 150;
const pipeLength = 2;

export class Device {
  readonly name: string;
  readonly worker: Worker;
  readonly lanes: readonly Lane[];
  readonly curves: LatencyCurves;
  readonly #refused = new Set<string>();
  readonly #pipe: Asked[] = [];
  readonly #onRefused: DeviceOptions['onRefused'];
  #freeSince = 0;
  #backAt = 0;

  constructor({ name, worker, lanes, curves, onRefused }: DeviceOptions) {
    this.name = name;
    this.worker = worker;
    this.lanes = lanes;
    this.curves = curves;
    this.#onRefused = onRefused;
  }

  get isGpu(): boolean {
    return this.worker.provider !== 'cpu';
  }

  /** Models it is not asked for. */
  get refused(): ReadonlySet<string> {
    return this.#refused;
  }

  get pipe(): readonly Asked[] {
    return this.#pipe;
  }

  curve(model: string): LatencyCurve {
    return this.curves.of(model);
  }

  /** Another graph has that name now. */
  forget(model: string): void {
    this.curves.forget(model);
    this.#refused.delete(model);
  }

  /** It is not meant for that model. */
  spare(model: string): void {
    this.#refused.add(model);
  }

  /** Takes it out for that model. */
  refuse(model: string, said: string): void {
    if (this.#refused.has(model)) return;
    this.#refused.add(model);
    this.#onRefused(this, model, said);
  }

  /** May it be asked at all? */
  serves(job: Job): boolean {
    return (
      this.lanes.includes(job.lane) && !this.#refused.has(job.model) && job.next?.not.has(this.name) !== true
    );
  }

  /**
   * May it be asked now? A second batch may follow the one it computes, so that the process does not wait for it; not
   * one of the bulk lane where a hook would have to wait for both, none behind a run of unknown length, and none beside
   * one that may kill the process.
   */
  hasRoom(job: Job): boolean {
    const [first] = this.#pipe;
    if (first === undefined) return true;
    if (this.#pipe.length >= pipeLength || first.expectedMs === 0 || first.alone || job.alone) return false;
    return job.lane !== 'bulk' || !this.lanes.includes('hook');
  }

  /** Milliseconds until it has computed what it was asked. What is overdue is taken to need as long again. */
  waitMs(now: number): number {
    const [first, second] = this.#pipe;
    const left =
      first === undefined ? 0 : first.expectedMs - (now - Math.max(first.askedAt, this.#freeSince));
    return Math.abs(left) + (second?.expectedMs ?? 0) + Math.max(0, this.#backAt - now);
  }

  /** Milliseconds until it would have computed so many rows more; a graph unknown to it is taken to cost nothing. */
  readyMs(model: string, rows: number, now: number): number {
    return this.waitMs(now) + this.curve(model).mean(rows);
  }

  /**
   * Milliseconds after which that run hangs, as far as it can be told from others. Nothing is told of rows that are not
   * what they say; nor on a GPU, which compiles or tunes for seconds when it first meets a shape. A run that is asked
   * alone has the worker's whole patience: the machine may have been busy when it was asked before.
   */
  hangMs({ model, rows, shares, alone }: Asked): number {
    const isUsual = !this.isGpu && !alone && shares.every(({ job }) => job.isRegular);
    return isUsual ? this.curve(model).hangMs(rows) : Number.POSITIVE_INFINITY;
  }

  take(asked: Asked): void {
    this.#pipe.push(asked);
  }

  /** @returns milliseconds that it was busy with that batch alone */
  drop(asked: Asked, now: number): number {
    const busy = now - Math.max(asked.askedAt, this.#freeSince);
    this.#pipe.splice(this.#pipe.indexOf(asked), 1);
    this.#freeSince = now;
    return busy;
  }

  /** Its process died. */
  died(now: number): void {
    this.#backAt = now + replacementMs;
  }
}
