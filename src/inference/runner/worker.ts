/** What the scheduler hands work to: something that runs graphs, one after another. */
import type { Tensors } from '../tensor.ts';
import type { Batch, Golden, Signature } from './protocol.ts';

export type { Golden } from './protocol.ts';

/** The process ended, by itself or killed, before it answered. Asking again may help. */
export class RunnerGone extends Error {
  override name = 'RunnerGone';
}

/** It answered that it cannot. Asking again would not help. */
export class RunnerFailed extends Error {
  override name = 'RunnerFailed';
}

export interface Ran {
  readonly outputs: Tensors;
  /** Milliseconds of the run itself, without the way there and back. */
  readonly ms: number;
}

export interface Worker {
  /** The execution provider it runs on: `cpu`, `cuda`, `tensorrt`, `webgpu`; `remote`. */
  readonly provider: string;
  /** Process id while a process lives. */
  readonly pid: number | undefined;
  /**
   * Loads a graph, kept over restarts. Other bytes take the place of what had that name, and of its golden outputs;
   * where they fail, the old ones stay. @throws RunnerGone, RunnerFailed
   */
  load(model: string, bytes: Uint8Array): Promise<Signature>;
  /**
   * Every process of this worker reproduces it from now on, before it answers anything of that model; where one does
   * not, that graph is refused for good. @throws RunnerFailed, RunnerGone
   */
  prove(model: string, golden: Golden): Promise<void>;
  /**
   * Runs are answered in the order in which they were asked. A second may be asked while one is computed, so that the
   * process does not wait for it; what dies takes both with it.
   * @param hangMs milliseconds after which this one hangs; absent, or above the worker's own limit: after that
   * @throws RunnerGone, RunnerFailed
   */
  run(model: string, batch: Batch, hangMs?: number): Promise<Ran>;
  close(): Promise<void>;
}
