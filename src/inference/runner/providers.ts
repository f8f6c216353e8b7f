/**
 * Which execution provider networks run on: the first of the configured order that answers. Each is tried in a process of
 * its own that is thrown away, because a provider without its libraries or its device may end the process that asks.
 */
import { readFileSync } from 'node:fs';
import type { Batch } from './protocol.ts';
import type { Worker } from './worker.ts';

export const providers = ['tensorrt', 'cuda', 'webgpu', 'cpu'] as const;
export type Provider = (typeof providers)[number];

/** What a trial came to. */
export type Probe =
  | {
      readonly provider: Provider;
      readonly usable: true /** Milliseconds of the first answer. */;
      readonly ms: number;
    }
  | { readonly provider: Provider; readonly usable: false; readonly reason: string };

export interface Choice {
  /** The first that works; `cpu` always does. */
  readonly provider: Provider;
  /** In the configured order, up to the chosen one. */
  readonly probes: readonly Probe[];
}

/** y = 2x + 1 on four numbers: training/probe/build.py. */
const graph = readFileSync(new URL('./probe.onnx', import.meta.url));
const batch: Batch = {
  rows: 1,
  feeds: { x: { dtype: 'float32', shape: [1, 4], data: Float32Array.of(-1, 0, 0.5, 3) } },
  fetches: ['y'],
};
const expected = [-1, 1, 2, 7];

/**
 * @param order as configured; the CPU is tried last where it is not named
 * @param start a worker of its own for each trial, closed after it
 */
export async function chooseProvider(
  order: readonly Provider[],
  start: (provider: Provider) => Worker,
): Promise<Choice> {
  const probes: Probe[] = [];
  for (const provider of new Set<Provider>([...order, 'cpu'])) {
    const probe =
      provider === 'cpu'
        ? ({ provider, usable: true, ms: 0 } as const)
        : await tried(start(provider), provider);
    probes.push(probe);
    if (probe.usable) return { provider, probes };
  }
  return { provider: 'cpu', probes };
}

async function tried(worker: Worker, provider: Provider): Promise<Probe> {
  try {
    await worker.load('probe', graph);
    const since = performance.now();
    const { outputs } = await worker.run('probe', batch);
    const ms = performance.now() - since;
    const right = expected.every((value, at) => Number(outputs.y?.data[at]) === value);
    return right
      ? { provider, usable: true, ms }
      : { provider, usable: false, reason: 'answers wrong numbers' };
  } catch (thrown) {
    return { provider, usable: false, reason: thrown instanceof Error ? reasonOf(thrown) : 'unknown' };
  } finally {
    await worker.close();
  }
}

/** The first line of what onnxruntime says, without its source line and assertion; or that the process died of it. */
const reasonOf = ({ name, message }: Error): string =>
  message === ''
    ? name === 'RunnerGone'
      ? 'its process ended or hung'
      : name
    : (message.split('\n', 1)[0] ?? '').replace(assertion, '');

/** `<file>:<line> <function> <expression> was false. ` */
const assertion = /^\S+:\d+ .* was false\. (?=\S)/;
