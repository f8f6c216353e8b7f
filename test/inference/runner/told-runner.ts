/** A runner over workers whose runs take what they are told, with a clock that stands still until it is told. */
import { type ManualClock, manualClock } from '../../../src/inference/runner/clock.ts';
import { MemoryWorker, type MemoryWorkerOptions } from '../../../src/inference/runner/memory-worker.ts';
import type { Batch } from '../../../src/inference/runner/protocol.ts';
import { type Runner, type RunnerOptions, startRunner } from '../../../src/inference/runner/runner.ts';
import type { Urgency } from '../../../src/inference/urgency.ts';
import { answerOf, batch, doubled, signature } from './doubling.ts';

let fresh = 0;
/** Rows that nobody asked before. */
export const rows = (count: number): Batch => batch(...Array.from({ length: count }, () => ++fresh));

export interface ToldRunner {
  readonly clock: ManualClock;
  readonly workers: readonly MemoryWorker[];
  readonly runner: Runner;
  /** Names of what was answered, in that order. */
  readonly answered: readonly string[];
  ask(what: Batch, urgency?: Urgency, model?: string): Promise<readonly number[]>;
  /** Notes the name when it is answered. */
  named(name: string, urgency: Urgency, what?: Batch): Promise<unknown>;
  /** Rows of each run of that worker. */
  begun(worker?: number): readonly number[];
  forget(): void;
  /** So many runs, one after another. */
  teach(count: number, size?: number, urgency?: Urgency): Promise<void>;
}

/** With the model `graph` loaded. @param of by provider; `ms` is 1 without it */
export async function toldRunner(
  options: RunnerOptions = {},
  of: (provider: string) => Partial<MemoryWorkerOptions> = () => ({}),
): Promise<ToldRunner> {
  const clock = manualClock();
  const workers: MemoryWorker[] = [];
  const answered: string[] = [];
  const runner = startRunner({
    workers: 1,
    clock,
    startWorker: ({ provider = 'cpu' }) => {
      const shared = { clock, provider, signature: signature('rows'), answer: doubled, ms: () => 1 };
      const worker = new MemoryWorker({ ...shared, ...of(provider) });
      workers.push(worker);
      return worker;
    },
    ...options,
  });
  await runner.load('graph', new Uint8Array());
  const ask: ToldRunner['ask'] = (what, urgency = {}, model = 'graph') =>
    runner.run(model, what, urgency).then(answerOf);
  const forget = (): void => {
    for (const worker of workers) worker.begun.length = 0;
  };
  return {
    ...{ clock, workers, runner, answered, ask, forget },
    named: (name, urgency, what = rows(1)) =>
      ask(what, urgency).then(
        () => answered.push(name),
        (fault: { code: string }) => answered.push(`${name}: ${fault.code}`),
      ),
    begun: (worker = 0) => workers[worker]?.begun.map((run) => run.rows) ?? [],
    async teach(count, size = 1, urgency = {}) {
      for (let at = 0; at < count; at++) {
        const run = ask(rows(size), urgency);
        await clock.rest();
        await run;
      }
      forget();
    },
  };
}
