/**
 * The runner as the service knows it: graphs, loaded and proved on every worker, and a scheduler in front of them. A
 * process that dies, hangs or answers wrongly costs at most the question it was asked; nothing here ends the service.
 */
import { availableParallelism } from 'node:os';
import { Fault } from '../../errors.ts';
import type { Tensors } from '../tensor.ts';
import type { Lane, Urgency } from '../urgency.ts';
import { type Clock, systemClock } from './clock.ts';
import type { LaneStats } from './counts.ts';
import type { Device } from './device.ts';
import { shareOfCores, startFleet } from './fleet.ts';
import { rowsAreOpen } from './joined.ts';
import { longestBulkMs, longestMs } from './plan.ts';
import { startWorker as startProcess, type WorkerOptions } from './process-worker.ts';
import type { Batch, Signature } from './protocol.ts';
import type { Provider } from './providers.ts';
import { Scheduler } from './scheduler.ts';
import { type Golden, RunnerGone, type Worker } from './worker.ts';

export interface Runner {
  /**
   * Loads a graph on every worker, kept over restarts; other bytes take the place of what had that name.
   * @throws Fault model-unavailable, with the worker's words as cause, when a CPU worker cannot
   */
  load(model: string, bytes: Uint8Array): Promise<Signature>;
  /**
   * Every process reproduces this from now on before it answers anything of that model. A GPU worker that does not is
   * not asked for it any more. @throws Fault model-unavailable when a CPU worker does not
   */
  prove(model: string, golden: Golden): Promise<void>;
  /** @throws Fault model-unavailable, deadline-passed, overloaded */
  run(model: string, batch: Batch, urgency?: Urgency): Promise<Tensors>;
  /** Is there someone to run the model, as far as is known? Here there always is: a process that ends is replaced. */
  isUp(model: string): boolean;
  /** Ends the processes; whatever waits is answered `model-unavailable`. */
  close(): Promise<void>;
  devices(): readonly DeviceState[];
  stats(): RunnerStats;
  /** Process id of the first worker while its process lives. */
  readonly pid: number | undefined;
  /** Of every process that lives. */
  readonly pids: readonly number[];
}

export interface DeviceState {
  readonly provider: string;
  readonly pid: number | undefined;
  /** Models it is not asked for. */
  readonly refused: readonly string[];
}

export interface RunnerStats {
  readonly lanes: Readonly<Record<Lane, LaneStats>>;
  readonly curves: readonly CurveState[];
}

/** What was learned: a run takes perRun + perRow · rows milliseconds. */
export interface CurveState {
  readonly provider: string;
  readonly model: string;
  readonly perRow: number;
  readonly perRun: number;
  /** Milliseconds within which 99 of 100 runs of one row end. */
  readonly p99: number;
  readonly runs: number;
}

/** A GPU worker is not asked for that model any more; `reason` is its own words, without values. */
export interface RunnerEvent {
  readonly kind: 'model-refused';
  readonly provider: string;
  readonly model: string;
  readonly reason: string;
}

export interface RunnerOptions
  extends Pick<WorkerOptions, 'runHangMs' | 'startHangMs' | 'maxBytes' | 'deviceId'> {
  /** Processes on the CPU. Absent: one on two cores, else one fewer than cores, at most four. */
  readonly workers?: number | undefined;
  /** Threads of each. Absent: workers × threads = cores. */
  readonly threads?: number | undefined;
  /** A worker for each that is not `cpu`, beside those on the CPU. */
  readonly providers?: readonly Provider[] | undefined;
  /** For a program that computes rows and serves nobody who waits: every run is a bulk run, and workers are kept busy. */
  readonly bulkOnly?: boolean | undefined;
  readonly onEvent?: ((event: RunnerEvent) => void) | undefined;
  readonly startWorker?: ((options: WorkerOptions) => Worker) | undefined;
  readonly clock?: Clock | undefined;
}

export function startRunner(options: RunnerOptions = {}): Runner {
  const { providers = [], bulkOnly = false, onEvent, clock = systemClock, ...own } = options;
  const { startWorker = startProcess, runHangMs, startHangMs, maxBytes, deviceId } = own;
  const devices = startFleet({
    ...shareOfCores(availableParallelism(), own),
    providers,
    bulkOnly,
    startWorker: (what) => startWorker({ ...what, runHangMs, startHangMs, maxBytes, deviceId }),
    onRefused: ({ worker: { provider } }, model, reason) =>
      onEvent?.({ kind: 'model-refused', provider, model, reason }),
  });
  return new Workers(devices, clock, bulkOnly);
}

class Workers implements Runner {
  /** CPU first. */
  readonly #devices: readonly Device[];
  readonly #onCpu: readonly Device[];
  readonly #onGpu: readonly Device[];
  readonly #scheduler: Scheduler;
  readonly #bulkOnly: boolean;

  constructor(devices: readonly Device[], clock: Clock, bulkOnly: boolean) {
    this.#devices = devices;
    this.#onCpu = devices.filter(({ isGpu }) => !isGpu);
    this.#onGpu = devices.filter(({ isGpu }) => isGpu);
    this.#bulkOnly = bulkOnly;
    const bulkMs = this.#onCpu.length === 1 && !bulkOnly ? longestBulkMs : longestMs;
    this.#scheduler = new Scheduler({ devices: [...this.#onGpu, ...this.#onCpu], clock, bulkMs });
  }

  get pid(): number | undefined {
    return this.#devices[0]?.worker.pid;
  }

  get pids(): readonly number[] {
    return this.#devices.flatMap(({ worker }) => worker.pid ?? []);
  }

  async load(model: string, bytes: Uint8Array): Promise<Signature> {
    const load = (device: Device) => twice(() => device.worker.load(model, bytes));
    const [signature] = await Promise.all(this.#onCpu.map(load)).catch(unavailable(model));
    if (signature === undefined) throw new Fault('model-unavailable', [model]);
    for (const device of this.#devices) device.forget(model);
    if (isDouble(signature)) for (const device of this.#onGpu) device.spare(model);
    await this.#onEachGpu(model, load);
    this.#scheduler.admit(model, rowsAreOpen(signature));
    return signature;
  }

  async prove(model: string, golden: Golden): Promise<void> {
    const prove = (device: Device) => twice(() => device.worker.prove(model, golden));
    await Promise.all(this.#onCpu.map(prove)).catch(unavailable(model));
    await this.#onEachGpu(model, prove);
  }

  run(model: string, batch: Batch, urgency?: Urgency): Promise<Tensors> {
    return this.#scheduler.run(model, batch, this.#bulkOnly ? { ...urgency, lane: 'bulk' } : urgency);
  }

  isUp(): boolean {
    return true;
  }

  async close(): Promise<void> {
    this.#scheduler.close();
    await Promise.all(this.#devices.map(({ worker }) => worker.close()));
  }

  devices(): readonly DeviceState[] {
    return this.#devices.map(({ worker: { provider, pid }, refused }) => ({
      provider,
      pid,
      refused: [...refused],
    }));
  }

  stats(): RunnerStats {
    const byProvider = new Map(this.#devices.map(({ worker, curves }) => [worker.provider, curves]));
    return {
      lanes: this.#scheduler.stats(),
      curves: [...byProvider].flatMap(([provider, curves]) =>
        [...curves].map(([model, curve]) => {
          const { perRow, perRun, runs } = curve;
          return { provider, model, perRow, perRun, p99: curve.p99(1), runs };
        }),
      ),
    };
  }

  /** What a GPU cannot, the CPU does. */
  async #onEachGpu(model: string, ask: (device: Device) => Promise<unknown>): Promise<void> {
    const asked = this.#onGpu.filter(({ refused }) => !refused.has(model));
    await Promise.all(
      asked.map((device) => ask(device).catch((thrown: unknown) => device.refuse(model, wordsOf(thrown)))),
    );
  }
}

/** Published equations: thresholds are decided on every bit of them, and some GPUs know no float64. */
const isDouble = ({ inputs, outputs }: Signature): boolean =>
  [...inputs, ...outputs].some(({ type }) => type === 'float64');

/** A process that died is asked once more: the next one. */
const twice = <T>(ask: () => Promise<T>): Promise<T> =>
  ask().catch((thrown: unknown) => {
    if (thrown instanceof RunnerGone) return ask();
    throw thrown;
  });

const unavailable =
  (model: string) =>
  (thrown: unknown): never => {
    throw new Fault('model-unavailable', [model], thrown);
  };

const wordsOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.message !== '' ? thrown.message : 'its process ended';
