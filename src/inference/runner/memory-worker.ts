/** In-memory twin of a worker, for tests of what hands work to one: a graph is a function, a run takes what it is told. */
import type { Tensors } from '../tensor.ts';
import type { Clock } from './clock.ts';
import type { Batch, Signature } from './protocol.ts';
import { type Golden, type Ran, RunnerFailed, RunnerGone, type Worker } from './worker.ts';

export interface MemoryWorkerOptions {
  readonly clock: Clock;
  readonly provider?: string;
  readonly signature: Signature;
  /** What a graph answers. Throwing refuses; throwing RunnerGone ends the process, and the next is there at once. */
  readonly answer: (model: string, batch: Batch) => Tensors;
  /** Milliseconds of a run. Absent: none. */
  readonly ms?: (model: string, rows: number) => number;
  /** Throws RunnerFailed when that graph cannot be loaded. */
  readonly onLoad?: (model: string) => void;
  /** Throws RunnerFailed when that graph does not answer what it should. */
  readonly onProve?: (model: string) => void;
}

/** What was asked, in the order in which it was begun. */
export interface Begun {
  readonly model: string;
  readonly rows: number;
  readonly at: number;
}

interface Question {
  readonly model: string;
  readonly batch: Batch;
  readonly hangMs: number;
  readonly resolve: (ran: Ran) => void;
  readonly reject: (thrown: unknown) => void;
}

/** Like the real one it answers in order, and what dies or hangs takes with it whatever it was asked. */
export class MemoryWorker implements Worker {
  readonly provider: string;
  readonly pid = 1;
  readonly begun: Begun[] = [];
  /** The most that was ever in the pipe. */
  deepest = 0;
  readonly #options: MemoryWorkerOptions;
  #pipe: Question[] = [];
  #forget: () => void = () => {};

  constructor(options: MemoryWorkerOptions) {
    this.#options = options;
    this.provider = options.provider ?? 'cpu';
  }

  async load(model: string): Promise<Signature> {
    this.#options.onLoad?.(model);
    return this.#options.signature;
  }

  async prove(model: string, _golden: Golden): Promise<void> {
    this.#options.onProve?.(model);
  }

  run(model: string, batch: Batch, hangMs = Number.POSITIVE_INFINITY): Promise<Ran> {
    return new Promise((resolve, reject) => {
      this.#pipe.push({ model, batch, hangMs, resolve, reject });
      this.deepest = Math.max(this.deepest, this.#pipe.length);
      if (this.#pipe.length === 1) this.#begin();
    });
  }

  /** Ends the process with everything it was asked. */
  die(): void {
    this.#forget();
    const lost = this.#pipe;
    this.#pipe = [];
    for (const { reject } of lost) reject(new RunnerGone());
  }

  async close(): Promise<void> {
    this.die();
  }

  #begin(): void {
    const [question] = this.#pipe;
    if (question === undefined) return;
    const { model, batch, hangMs } = question;
    const { clock, ms = () => 0 } = this.#options;
    const took = ms(model, batch.rows);
    this.begun.push({ model, rows: batch.rows, at: clock.now() });
    const end = (): void => (took > hangMs ? this.die() : this.#end(question, took));
    this.#forget = clock.after(Math.min(took, hangMs), end);
  }

  #end({ model, batch, resolve, reject }: Question, ms: number): void {
    try {
      const outputs = this.#options.answer(model, batch);
      this.#pipe.shift();
      resolve({ outputs, ms });
    } catch (thrown) {
      if (thrown instanceof RunnerGone) this.die();
      else this.#pipe.shift();
      reject(thrown instanceof RunnerFailed ? thrown : new RunnerFailed('refused'));
    }
    this.#begin();
  }
}
