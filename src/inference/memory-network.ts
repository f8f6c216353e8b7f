/** In-memory twin of the network port, for tests of what uses it. No process, no file. */
import { Fault } from '../errors.ts';
import { rowsOf } from './mixture.ts';
import type { Digest } from './model.ts';
import type { Network } from './network.ts';
import type { NetworkManifest } from './network-manifest.ts';
import { checkEnds, checkedAnswer, checkFeeds, wanted } from './onnx-network.ts';
import type { Tensors } from './tensor.ts';

export interface MemoryNetworkParts {
  readonly answer: (feeds: Tensors, rows: number) => Tensors;
  readonly slope?: (feeds: Tensors, rows: number) => Tensors;
  readonly background?: Network['background'];
  readonly graph?: Uint8Array;
}

/** A network whose answer is a function. Like the real one it checks feeds and answers, and minds the signal. */
export function memoryNetwork(
  manifest: NetworkManifest,
  { answer, slope, background, graph = new Uint8Array() }: MemoryNetworkParts,
): Network {
  const begin = (feeds: Tensors, rows: number, signal?: AbortSignal): void => {
    checkFeeds(manifest, feeds, rows);
    if (signal?.aborted) throw new Fault('deadline-passed', [manifest.id]);
  };
  const run: Network['run'] = async (feeds, rows, { signal } = {}, only) => {
    begin(feeds, rows, signal);
    return checkedAnswer(manifest.id, wanted(manifest, only), answer(feeds, rows), rows);
  };
  return {
    manifest,
    digest: manifest.digest as Digest,
    graph,
    run,
    async mix(told, urgency, only) {
      checkEnds(manifest, told);
      return run(rowsOf(told), told.rows, urgency, only);
    },
    ...(background === undefined ? {} : { background }),
    ...(slope === undefined
      ? {}
      : {
          gradient: async (feeds, rows, { signal } = {}) => {
            begin(feeds, rows, signal);
            return slope(feeds, rows);
          },
        }),
  };
}
