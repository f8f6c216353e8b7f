import { Fault } from '../errors.ts';

/** Runs the work, or refuses at once. @throws Fault overloaded */
export type Enter = <T>(work: () => Promise<T>, client: string) => Promise<T>;

/**
 * A gate in which no client takes all the places.
 * @param places of one client
 */
export function createShares(gate: <T>(work: () => Promise<T>) => Promise<T>, places: number): Enter {
  const inside = new Map<string, number>();
  return async (work, client) => {
    const own = inside.get(client) ?? 0;
    if (own >= places) throw new Fault('overloaded');
    inside.set(client, own + 1);
    try {
      return await gate(work);
    } finally {
      const left = (inside.get(client) ?? 1) - 1;
      if (left > 0) inside.set(client, left);
      else inside.delete(client);
    }
  };
}
