/** In-memory twins of the model port and the registry, for tests of what uses them. No process, no file. */
import { Fault } from '../errors.ts';
import type { Manifest } from './manifest.ts';
import type { Digest, Model, Outputs, Row } from './model.ts';
import type { Network } from './network.ts';
import { type ModelRegistry, registryOf } from './registry.ts';

/** A model whose answer to a row is a function. Like the real one it keeps order and minds the signal. */
export function memoryModel(manifest: Manifest, answer: (row: Row) => Outputs): Model {
  const run: Model['run'] = async (rows, { signal } = {}, only) => {
    if (signal?.aborted) throw new Fault('deadline-passed', [manifest.id]);
    const wanted = (outputs: Outputs): Outputs =>
      Object.fromEntries(
        Object.entries(outputs).filter(([name]) => only === undefined || only.includes(name)),
      );
    return rows.map((row) => wanted(answer(row)));
  };
  return {
    manifest,
    digest: manifest.digest as Digest,
    run,
    between: (from, to, players, urgency, only) => run(rowsBetween(from, to, players), urgency, only),
  };
}

function rowsBetween(from: Row, to: Row, players: readonly (readonly string[])[]): readonly Row[] {
  const played = new Set(players.flat());
  const kept = Object.entries(to).filter(([name]) => !played.has(name));
  const rows: Row[] = [{ ...from, ...Object.fromEntries(kept) }];
  for (const inputs of players)
    for (const without of rows.slice()) {
      const brought = inputs.map((input) => [input, to[input] ?? null]);
      rows.push({ ...without, ...Object.fromEntries(brought) });
    }
  return rows;
}

export const memoryRegistry = (models: readonly Model[], networks: readonly Network[] = []): ModelRegistry =>
  registryOf(models, networks, { isUp: () => true, close: async () => {} });
