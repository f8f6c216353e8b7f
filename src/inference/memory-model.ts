/** In-memory twins of the model port and the registry, for tests of what uses them. No process, no file. */
import { Fault } from '../errors.ts';
import type { Manifest } from './manifest.ts';
import type { Digest, Model, Outputs, Row } from './model.ts';
import type { Network } from './network.ts';
import { type ModelRegistry, registryOf } from './registry.ts';

/** A model whose answer to a row is a function. Like the real one it keeps order and minds the signal. */
export function memoryModel(manifest: Manifest, answer: (row: Row) => Outputs): Model {
  return {
    manifest,
    digest: manifest.digest as Digest,
    async run(rows, { signal } = {}, only) {
      if (signal?.aborted) throw new Fault('deadline-passed', [manifest.id]);
      const wanted = (outputs: Outputs): Outputs =>
        Object.fromEntries(
          Object.entries(outputs).filter(([name]) => only === undefined || only.includes(name)),
        );
      return rows.map((row) => wanted(answer(row)));
    },
  };
}

export const memoryRegistry = (models: readonly Model[], networks: readonly Network[] = []): ModelRegistry =>
  registryOf(models, networks, async () => {});
