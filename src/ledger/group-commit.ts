/** One commit, and so one wait for the disk, for all that arrives in one turn or while the last commit is under way. */
import { DatabaseDown, unavailable } from './database.ts';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (thrown: unknown) => void;
}

export interface GroupCommit<Item, Result> {
  /** Resolves when the item is durable. @throws Fault ledger-unavailable */
  add(item: Item): Promise<Result>;
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
}

/**
 * @param commit makes all items durable or none; one result for each, in their order. When it throws, each is tried
 *   on its own, so that one cannot sink the others; unless the database is down, which concerns them all.
 */
export function groupCommit<Item, Result>(
  commit: (items: readonly Item[]) => Promise<readonly Result[]>,
): GroupCommit<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let running: Promise<void> | undefined;

  async function drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await settle(batch);
    }
    running = undefined;
  }

  async function settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await commit(batch.map(({ item }) => item));
      for (const [index, result] of results.entries()) batch[index]?.resolve(result);
    } catch (thrown) {
      if (batch.length === 1 || thrown instanceof DatabaseDown) {
        for (const { reject } of batch) reject(unavailable(thrown));
      } else for (const each of batch) await settle([each]);
    }
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        running ??= drain();
      }),
    idle: async () => running,
  };
}
