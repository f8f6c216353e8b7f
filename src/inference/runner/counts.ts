/** What became of the runs of each lane, counted since the start. */
import type { Lane } from '../urgency.ts';

export interface LaneCount {
  /** Refused as `overloaded`: no place, or not in time. */
  readonly refused: number;
  /** Asked together with others. */
  readonly joined: number;
  /** Answered with what another asked. */
  readonly coalesced: number;
  /** Asked in parts. */
  readonly cut: number;
}

export interface LaneStats extends LaneCount {
  /** Runs that wait for a worker now. */
  readonly waiting: number;
  /** Runs that a worker was asked, joined ones as one. */
  readonly running: number;
}

const none: LaneCount = { refused: 0, joined: 0, coalesced: 0, cut: 0 };

export class LaneCounts {
  readonly #counts: Record<Lane, LaneCount> = { hook: none, app: none, bulk: none };

  count(lane: Lane, what: keyof LaneCount): void {
    const before = this.#counts[lane];
    this.#counts[lane] = { ...before, [what]: before[what] + 1 };
  }

  /** @param now what waits and runs at this moment */
  stats(now: (lane: Lane) => Pick<LaneStats, 'waiting' | 'running'>): Readonly<Record<Lane, LaneStats>> {
    const of = (lane: Lane): LaneStats => ({ ...this.#counts[lane], ...now(lane) });
    return { hook: of('hook'), app: of('app'), bulk: of('bulk') };
  }
}
