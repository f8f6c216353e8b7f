/**
 * The learned tail of answer times: after which time an answer is later than 19 of 20 (Dean and Barroso, The Tail at Scale,
 * CACM 2013: "defer sending a secondary request until the first has been outstanding for more than the 95th-percentile").
 * Times of batches of like size stand together, by powers of two.
 */
export interface Tail {
  add(rows: number, ms: number): void;
  /** Milliseconds; undefined while too few answers of that size are known. */
  p95(rows: number): number | undefined;
}

const remembered = 128;
const atLeast = 20;
/** Answers after which it is computed anew. */
const refreshed = 8;

interface Times {
  readonly last: readonly number[];
  readonly since: number;
  readonly p95: number | undefined;
}

export function createTail(): Tail {
  const bySize = new Map<number, Times>();
  const sizeOf = (rows: number): number => Math.ceil(Math.log2(Math.max(1, rows)));
  return {
    add(rows, ms) {
      const { last = [], since = 0, p95 } = bySize.get(sizeOf(rows)) ?? {};
      const times = [...last, ms].slice(-remembered);
      const due = times.length >= atLeast && (p95 === undefined || since + 1 >= refreshed);
      bySize.set(
        sizeOf(rows),
        due ? { last: times, since: 0, p95: p95Of(times) } : { last: times, since: since + 1, p95 },
      );
    },
    p95: (rows) => bySize.get(sizeOf(rows))?.p95,
  };
}

const p95Of = (times: readonly number[]): number | undefined =>
  times.toSorted((one, other) => one - other)[Math.ceil(0.95 * times.length) - 1];
