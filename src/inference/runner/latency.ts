/**
 * How long a run takes, learned while it runs: ms = a·rows + b.
 *
 * Least squares over a·n + b is how BentoML's CORK dispatcher fits it, and a p99 over what was measured is how Clipper
 * picks a batch (Crankshaw et al., NSDI 2017); Clockwork (arXiv 2006.02464) shows that a run is regular enough to
 * decide on it at admission. Here: recursive least squares with exponential forgetting (Haykin, Adaptive Filter Theory,
 * ch. 10), of relative errors, so that a run of one row counts as much as one of thousands. What is not excited (always
 * the same number of rows) is not forgotten: the covariance stays below what it was at first.
 */

/** Of the weight of a run, what is left at the next one: about the last fifty count. */
const forgetting = 0.98;
/** Variance of a relative error. */
const noise = 0.1;
/** Variances of a and b before the first run: a run of unknown graph costs by the run rather than by the row. */
const unknown = { a: 100, ab: 0, b: 10_000 };
const learnedAfter = 5;
/** What was learned longer ago, without a run since, refuses nobody. */
const staleAfterMs = 10_000;
/** Runs from which the spread is taken. */
const remembered = 128;
/** A spread is relative to the run, but to no less than this: a hiccup of the machine is as long in a short run. */
const hiccupMs = 5;
/** After so many runs of one row in a row two are tried: one row alone does not tell whether the row costs or the run. */
const lonelyRuns = 16;
/** The clock's grain: nothing is taken to be quicker. */
const grainMs = 0.01;
/**
 * A run hangs when it takes twenty times what 99 of 100 take: a machine that throttles, swaps or is shared by ten makes
 * a run ten times as long. Never below a second: on two cores that eight other processes keep busy, one run of 0.2 ms in
 * two thousand took 0.34 s.
 */
const hang = { times: 20, leastMs: 1000 };

export class LatencyCurve {
  #perRow = 0;
  #perRun = 0;
  #covariance = unknown;
  #runs = 0;
  #largest = 0;
  #learnedAt = 0;
  #lonely = 0;
  readonly #over: number[] = [];
  #spread: number | undefined;

  /** Milliseconds per row: a. */
  get perRow(): number {
    return this.#perRow;
  }

  /** Milliseconds per run: b. */
  get perRun(): number {
    return this.#perRun;
  }

  get runs(): number {
    return this.#runs;
  }

  /** False while too few runs were seen to decide on. */
  get learned(): boolean {
    return this.#runs >= learnedAfter;
  }

  /** May a run be refused on it? */
  isKnown(now: number): boolean {
    return this.learned && now - this.#learnedAt < staleAfterMs;
  }

  /** @param at on the same clock as `now` */
  learn(rows: number, ms: number, at: number): void {
    const measured = Math.max(ms, grainMs);
    if (this.#runs > 0) this.#remember(rows, measured);
    this.#fit(rows / measured, 1 / measured);
    this.#runs++;
    this.#lonely = rows === 1 ? this.#lonely + 1 : 0;
    this.#learnedAt = at;
    this.#largest = Math.max(this.#largest, rows);
  }

  /** Milliseconds that one run of so many rows takes on average; 0 before the first run. */
  mean(rows: number): number {
    return this.#perRow * rows + this.#perRun;
  }

  /** Milliseconds within which 99 of 100 runs of so many rows end. */
  p99(rows: number): number {
    const mean = this.mean(rows);
    return mean + this.#overP99() * Math.max(mean, hiccupMs);
  }

  /**
   * Milliseconds after which a run of so many rows hangs; `Infinity` while too few were seen. Of more rows than were ever
   * seen it goes in proportion at least: what a row costs may be unknown.
   */
  hangMs(rows: number): number {
    if (!this.learned) return Number.POSITIVE_INFINITY;
    const inProportion = (this.p99(this.#largest) * rows) / Math.max(1, this.#largest);
    const expected = rows > this.#largest ? Math.max(inProportion, this.p99(rows)) : this.p99(rows);
    return Math.max(hang.leastMs, hang.times * expected);
  }

  /**
   * Rows of a run of at most so many milliseconds; at least one, and now and then two. From what is known to what is not it goes by doubling,
   * or as far as the limit reaches when all the time were by the row: a run never costs more than in proportion.
   * @param atFirst rows before anything is known
   */
  rowsWithin(limitMs: number, atFirst: number): number {
    if (this.#runs === 0) return atFirst;
    const fitting = this.#perRow > 0 ? (limitMs - this.#perRun) / this.#perRow : Number.POSITIVE_INFINITY;
    const known = this.mean(this.#largest);
    const proportion = known > 0 ? (limitMs * this.#largest) / known : 0;
    const explored = Math.max(2 * this.#largest, proportion);
    const fewest = this.#lonely < lonelyRuns ? 1 : 2;
    return Math.max(fewest, Math.floor(Math.min(fitting, explored)));
  }

  #fit(n: number, one: number): void {
    const { a, ab, b } = this.#covariance;
    const [va, vb] = [a * n + ab * one, ab * n + b * one];
    const certainty = noise + n * va + one * vb;
    const error = 1 - (this.#perRow * n + this.#perRun * one);
    this.#perRow += (va / certainty) * error;
    this.#perRun += (vb / certainty) * error;
    const left = {
      a: a - (va * va) / certainty,
      ab: ab - (va * vb) / certainty,
      b: b - (vb * vb) / certainty,
    };
    const bounded = left.a / forgetting <= unknown.a && left.b / forgetting <= unknown.b;
    const kept = bounded ? forgetting : 1;
    this.#covariance = { a: left.a / kept, ab: left.ab / kept, b: left.b / kept };
    this.#bound();
  }

  /** Nothing costs less than nothing: where one does, the likeliest pair in which it costs nothing. */
  #bound(): void {
    const { a, ab, b } = this.#covariance;
    if (this.#perRun < 0) {
      this.#perRow = Math.max(0, this.#perRow - (ab / b) * this.#perRun);
      this.#perRun = 0;
    } else if (this.#perRow < 0) {
      this.#perRun = Math.max(0, this.#perRun - (ab / a) * this.#perRow);
      this.#perRow = 0;
    }
  }

  #remember(rows: number, ms: number): void {
    const mean = this.mean(rows);
    this.#over.push((ms - mean) / Math.max(mean, hiccupMs));
    if (this.#over.length > remembered) this.#over.shift();
    this.#spread = undefined;
  }

  #overP99(): number {
    this.#spread ??= Math.max(0, percentile99(this.#over));
    return this.#spread;
  }
}

/** Nearest rank: of fewer than 200 numbers the largest or the one below it. */
function percentile99(numbers: readonly number[]): number {
  let [largest, second] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const number of numbers) {
    if (number > largest) [largest, second] = [number, largest];
    else if (number > second) second = number;
  }
  return numbers.length < 100 ? largest : second;
}

/** What workers of one provider have learned of each model. */
export class LatencyCurves {
  readonly #byModel = new Map<string, LatencyCurve>();

  of(model: string): LatencyCurve {
    const known = this.#byModel.get(model);
    if (known !== undefined) return known;
    const curve = new LatencyCurve();
    this.#byModel.set(model, curve);
    return curve;
  }

  /** Another graph has that name now. */
  forget(model: string): void {
    this.#byModel.delete(model);
  }

  [Symbol.iterator](): Iterator<[model: string, curve: LatencyCurve]> {
    return this.#byModel.entries();
  }
}
