/** How many processes a runner has, on what, and whom each serves. */
import { type Lane, lanes } from '../urgency.ts';
import { Device } from './device.ts';
import { LatencyCurves } from './latency.ts';
import type { Provider } from './providers.ts';
import type { Worker } from './worker.ts';

export interface Processes {
  /** Processes on the CPU. */
  readonly workers: number;
  /** Threads of each. */
  readonly threads: number;
}

const mostWorkers = 4;
const hooks: readonly Lane[] = ['hook'];
const bulk: readonly Lane[] = ['bulk'];

/** Workers × threads = cores (serving.md §1: more only makes the tail longer); one core is left to the service. */
export function shareOfCores(
  cores: number,
  asked: { readonly workers?: number | undefined; readonly threads?: number | undefined } = {},
): Processes {
  const workers = asked.workers ?? (cores <= 2 ? 1 : Math.min(mostWorkers, cores - 1));
  return { workers, threads: asked.threads ?? Math.max(1, Math.floor(cores / workers)) };
}

export interface FleetOptions extends Processes {
  /** Of the GPU workers: one process owns a device (serving.md §0). `cpu` is there without being named. */
  readonly providers: readonly Provider[];
  /** Nobody else is served. */
  readonly bulkOnly: boolean;
  readonly startWorker: (options: { readonly provider: Provider; readonly threads: number }) => Worker;
  readonly onRefused: (device: Device, model: string, said: string) => void;
}

/** CPU workers first; the first of several is kept for hooks, so that one finds it free. */
export function startFleet(options: FleetOptions): readonly Device[] {
  const { workers, threads, providers, bulkOnly, startWorker, onRefused } = options;
  const everybody = bulkOnly ? bulk : lanes;
  const start = (provider: Provider, at: number, serves: readonly Lane[], curves: LatencyCurves): Device =>
    new Device({
      name: `${provider}-${at}`,
      worker: startWorker({ provider, threads: provider === 'cpu' ? threads : 1 }),
      lanes: serves,
      curves,
      onRefused,
    });
  const ofCpu = new LatencyCurves();
  const onCpu = Array.from({ length: Math.max(1, workers) }, (_, at) =>
    start('cpu', at, at === 0 && workers > 1 && !bulkOnly ? hooks : everybody, ofCpu),
  );
  const gpus = [...new Set(providers)].filter((provider) => provider !== 'cpu');
  return [...onCpu, ...gpus.map((provider) => start(provider, 0, everybody, new LatencyCurves()))];
}
