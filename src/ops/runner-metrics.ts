/** How the runs of models fare, read from the runner whenever someone asks for the metrics. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Runner, RunnerStats } from '../inference/runner/runner.ts';
import { lanes } from '../inference/urgency.ts';

const now = ['waiting', 'running'] as const;
const sinceStart = ['refused', 'joined', 'coalesced', 'cut'] as const;

/** `auscult_runs`, `auscult_runs_total` and `auscult_run_seconds`; labels are lanes, models and providers. */
export function watchRunner(registry: Registry, runner: Pick<Runner, 'stats'>): void {
  const registers = [registry];
  const gauge = new Gauge({
    name: 'auscult_runs',
    help: 'Runs of models that wait for a worker, or run.',
    labelNames: ['lane', 'state'],
    registers,
    collect: () => eachLane(runner.stats(), now, (labels, value) => gauge.set(labels, value)),
  });
  const counter = new Counter({
    name: 'auscult_runs_total',
    help: 'Runs of models that were refused as busy, joined with others, answered together, or cut.',
    labelNames: ['lane', 'state'],
    registers,
    collect() {
      this.reset();
      eachLane(runner.stats(), sinceStart, (labels, value) => counter.inc(labels, value));
    },
  });
  const p99 = new Gauge({
    name: 'auscult_run_seconds',
    help: 'Time within which 99 of 100 runs of one row end, as learned.',
    labelNames: ['model', 'provider'],
    registers,
    collect() {
      for (const { model, provider, p99: ms } of runner.stats().curves)
        p99.set({ model, provider }, ms / 1000);
    },
  });
}

function eachLane<Name extends (typeof now | typeof sinceStart)[number]>(
  { lanes: counts }: RunnerStats,
  names: readonly Name[],
  tell: (labels: { readonly lane: string; readonly state: string }, value: number) => void,
): void {
  for (const lane of lanes) for (const state of names) tell({ lane, state }, counts[lane][state]);
}
