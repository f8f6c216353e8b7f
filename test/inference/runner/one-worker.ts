/** A worker of one real process for each test, and what is asked of it. */
import assert from 'node:assert/strict';
import { inputTensors } from '../../../src/inference/manifest.ts';
import { startWorker, type WorkerOptions } from '../../../src/inference/runner/process-worker.ts';
import type { Batch } from '../../../src/inference/runner/protocol.ts';
import { type Golden, RunnerGone, type Worker } from '../../../src/inference/runner/worker.ts';
import { column, type Tensor } from '../../../src/inference/tensor.ts';
import { manifest, row } from '../prevent.ts';
import { batchOf, smallGraph } from './small-graph.ts';

/** The published test patient, so many times. */
export const patients = (rows: number): Batch => {
  const feeds = inputTensors(manifest).map((tensor) => {
    const missing = tensor.endsWith('_missing') ? 1 : 0;
    return [tensor, column(new Float64Array(rows).fill(new Map(Object.entries(row)).get(tensor) ?? missing))];
  });
  return { rows, feeds: Object.fromEntries(feeds), fetches: ['10yr_ascvd'] };
};
export const one = patients(1);
/** Long enough to be caught in the act. */
export const many = patients(40_000);

export const numbers = (...data: number[]): Tensor => ({
  dtype: 'float64',
  shape: [data.length],
  data: Float64Array.from(data),
});
export const negative = smallGraph({ operator: 'Neg' });
export const same = smallGraph({ operator: 'Identity' });
export const goldenOf = (x: Tensor, y: Tensor): Golden => ({ batch: batchOf(x), outputs: { y } });

export interface OneWorker {
  open(options?: WorkerOptions): Worker;
  worker(): Worker;
  pid(): number;
  kill(): void;
  /** It answers the test patient, as `prevent`. */
  works(): Promise<void>;
  answerOf(model: string, ...x: number[]): Promise<readonly number[]>;
  gone(run: Promise<unknown>): Promise<void>;
}

/** Within a `describe`: what a test opens is closed after it. */
export function oneWorker(): OneWorker {
  let opened: Worker | undefined;
  afterEach(() => opened?.close());
  const worker = (): Worker => opened ?? assert.fail('no worker');
  const pid = (): number => worker().pid ?? assert.fail('no process');
  return {
    worker,
    pid,
    open: (options) => {
      opened = startWorker(options);
      return opened;
    },
    kill: () => void process.kill(pid(), 'SIGKILL'),
    async works() {
      const { outputs, ms } = await worker().run('prevent', one);
      assert.ok(Math.abs(Number(outputs['10yr_ascvd']?.data[0]) - 0.092) < 5e-4);
      assert.ok(ms > 0);
    },
    async answerOf(model, ...x) {
      const { outputs } = await worker().run(model, batchOf(numbers(...x)));
      return Array.from(outputs.y?.data ?? [], Number);
    },
    gone: (run) => assert.rejects(run, RunnerGone),
  };
}
