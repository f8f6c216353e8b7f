/** Who is served next: by lane, in a lane by earliest deadline, then by arrival. */
import { type Lane, lanes } from '../urgency.ts';

export interface Queued {
  readonly lane: Lane;
  /** `Infinity` where nothing is due. */
  readonly endsAt: number;
  /** Number of arrival. */
  readonly order: number;
}

/** Runs that may wait in each lane: more would only wait for a refusal. */
export const places: Readonly<Record<Lane, number>> = { hook: 64, app: 64, bulk: 256 };

/** Below zero when `a` is served before `b`. */
export function compareTurns(a: Queued, b: Queued): number {
  if (a.lane !== b.lane) return lanes.indexOf(a.lane) - lanes.indexOf(b.lane);
  return a.endsAt === b.endsAt ? a.order - b.order : a.endsAt - b.endsAt;
}

/** Holds each item once. What an item is ordered by must not change while it waits here. */
export class Queue<Item extends Queued> implements Iterable<Item> {
  readonly #lanes: Readonly<Record<Lane, Item[]>> = { hook: [], app: [], bulk: [] };

  add(item: Item): void {
    const waiting = this.#lanes[item.lane];
    let at = waiting.length;
    for (let before = waiting[at - 1]; before && compareTurns(item, before) < 0; before = waiting[at - 1])
      at--;
    waiting.splice(at, 0, item);
  }

  /** @returns whether it waited here */
  remove(item: Item): boolean {
    const waiting = this.#lanes[item.lane];
    const at = waiting.indexOf(item);
    if (at >= 0) waiting.splice(at, 1);
    return at >= 0;
  }

  /** What waits in that lane, in the order in which it is served. */
  in(lane: Lane): readonly Item[] {
    return this.#lanes[lane];
  }

  size(lane: Lane): number {
    return this.#lanes[lane].length;
  }

  get isEmpty(): boolean {
    return lanes.every((lane) => this.#lanes[lane].length === 0);
  }

  /** What waits, in the order in which it is served. The queue may change meanwhile. */
  *[Symbol.iterator](): Iterator<Item> {
    for (const lane of lanes) yield* [...this.#lanes[lane]];
  }

  /** What is served before it. */
  *before(item: Queued): Iterable<Item> {
    for (const other of this) {
      if (compareTurns(item, other) < 0) return;
      yield other;
    }
  }
}
