/**
 * The runner as the service knows it: a queue in front of one child process that is replaced when it dies.
 *
 * Questions are asked one at a time, so a crash costs only the question that was being answered, and one whose
 * deadline passed while it waited is never asked. That question is asked once more of the next process; after that
 * the model is unavailable. Nothing here ends the service.
 */
import { Fault } from '../../errors.ts';
import type { Tensors } from '../tensor.ts';
import type { Urgency } from '../urgency.ts';
import { RunnerChild, RunnerGone } from './child.ts';
import type { Batch, Signature } from './protocol.ts';

export interface Runner {
  /** Loads a graph, kept over restarts. @throws Fault model-unavailable, with the runner's words as cause */
  load(model: string, bytes: Uint8Array): Promise<Signature>;
  /** @throws Fault model-unavailable, deadline-passed */
  run(model: string, batch: Batch, urgency?: Urgency): Promise<Tensors>;
  /** Ends the process; whatever waits is answered `model-unavailable`. */
  close(): Promise<void>;
  /** Process id while a process lives. */
  readonly pid: number | undefined;
}

export interface RunnerOptions {
  /** A run that takes longer hangs: the process is killed and replaced. */
  readonly runHangMs?: number;
  /** The same for loading a graph and for starting the process. */
  readonly startHangMs?: number;
}

interface Job {
  readonly work: (child: RunnerChild) => Promise<void>;
  readonly fail: (thrown: unknown) => void;
  done: boolean;
}

const attempts = 2;
const replaceAfterMs = 1_000;

export function startRunner(options: RunnerOptions = {}): Runner {
  return new RunnerProcess(options);
}

class RunnerProcess implements Runner {
  readonly #runHangMs: number;
  readonly #startHangMs: number;
  readonly #graphs = new Map<string, Uint8Array>();
  readonly #queue: Job[] = [];
  #current: Job | undefined;
  #child: RunnerChild | undefined;
  #starting: Promise<RunnerChild> | undefined;
  #closed = false;

  constructor({ runHangMs = 5_000, startHangMs = 30_000 }: RunnerOptions) {
    this.#runHangMs = runHangMs;
    this.#startHangMs = startHangMs;
  }

  get pid(): number | undefined {
    return this.#child?.ended === false ? this.#child.pid : undefined;
  }

  async load(model: string, bytes: Uint8Array): Promise<Signature> {
    const signature = await this.#enqueue(model, (child) => this.#load(child, model, bytes));
    this.#graphs.set(model, bytes);
    return signature;
  }

  run(model: string, batch: Batch, { signal }: Urgency = {}): Promise<Tensors> {
    const ask = async (child: RunnerChild): Promise<Tensors> => {
      const answer = await child.ask({ kind: 'run', model, ...batch }, this.#runHangMs);
      if (answer.kind !== 'ran') throw new Fault('model-unavailable', [model]);
      return answer.outputs;
    };
    return this.#enqueue(model, ask, signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const waiting = [...(this.#current === undefined ? [] : [this.#current]), ...this.#queue.splice(0)];
    for (const job of waiting) job.fail(new RunnerGone());
    await this.#starting?.catch(() => {});
    await this.#child?.end();
  }

  /** Settles with the work's answer, or at once when the signal says that nobody waits for it any more. */
  #enqueue<T>(model: string, work: (child: RunnerChild) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = (): void => settle(() => reject(new Fault('deadline-passed', [model])));
      const settle = (how: () => void): void => {
        if (job.done) return;
        job.done = true;
        signal?.removeEventListener('abort', late);
        how();
      };
      const job: Job = {
        done: false,
        work: async (child) => {
          const answer = await work(child);
          settle(() => resolve(answer));
        },
        fail: (thrown) => settle(() => reject(unavailable(model, thrown))),
      };
      if (signal?.aborted) return late();
      if (this.#closed) return job.fail(new RunnerGone());
      signal?.addEventListener('abort', late, { once: true });
      this.#queue.push(job);
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#current !== undefined) return;
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      this.#current = job;
      if (!job.done) await this.#attempt(job);
    }
    this.#current = undefined;
  }

  async #attempt(job: Job): Promise<void> {
    for (let attempt = 1; !job.done; attempt++) {
      try {
        await job.work(await this.#living());
      } catch (thrown) {
        if (!(thrown instanceof RunnerGone) || attempt === attempts || this.#closed) job.fail(thrown);
        if (thrown instanceof RunnerGone) await this.#bury();
      }
    }
  }

  /** A process that no longer talks may not have ended yet. */
  async #bury(): Promise<void> {
    this.#child?.kill();
    await this.#child?.gone;
  }

  /** The process, started and with its graphs; a new one when the last is gone. @throws RunnerGone, RunnerFailed */
  #living(): Promise<RunnerChild> {
    if (this.#child?.ended === true) this.#starting = undefined;
    this.#starting ??= this.#start().catch((thrown: unknown) => {
      this.#starting = undefined;
      throw thrown;
    });
    return this.#starting;
  }

  async #start(): Promise<RunnerChild> {
    if (this.#closed) throw new RunnerGone();
    const child = new RunnerChild();
    this.#child = child;
    const watchdog = setTimeout(() => child.kill(), this.#startHangMs);
    try {
      await child.ready;
    } finally {
      clearTimeout(watchdog);
    }
    for (const [model, bytes] of this.#graphs) await this.#load(child, model, bytes);
    const since = performance.now();
    void child.gone.then(() => this.#replace(child, performance.now() - since));
    return child;
  }

  /** A process that had worked for a while is replaced before anyone asks; else it waits to be asked for. */
  #replace(gone: RunnerChild, livedMs: number): void {
    if (this.#closed || this.#child !== gone || livedMs < replaceAfterMs) return;
    this.#living().catch(() => {});
  }

  async #load(child: RunnerChild, model: string, bytes: Uint8Array): Promise<Signature> {
    const answer = await child.ask({ kind: 'load', model, bytes }, this.#startHangMs);
    if (answer.kind !== 'loaded') throw new Fault('model-unavailable', [model]);
    return answer.signature;
  }
}

const unavailable = (model: string, thrown: unknown): Fault =>
  thrown instanceof Fault ? thrown : new Fault('model-unavailable', [model], thrown);
