/**
 * Leaves one endpoint alone that fails, so that nobody waits for it (Nygard, Release It!, "Circuit Breaker").
 *
 * `closed`: it is asked. `open`: it failed so many times in a row, or too large a share of its last attempts; it is not
 * asked until a pause is over. `half-open`: one probe is under way, which closes or opens it. Pauses are spread, so that
 * the servers of a site do not come back all at once. An endpoint begins open without a pause: it has to prove itself.
 */
export type CircuitState = 'closed' | 'open' | 'half-open';

export interface CircuitOptions {
  /** Failures in a row that open it. Default 5. */
  readonly failures?: number;
  /** Share of failures among the last attempts that opens it, once there are as many. Default 0.5 of 20. */
  readonly share?: number;
  readonly attempts?: number;
  /** Milliseconds until it may be probed; between a half and one and a half of it. Default 5000. */
  readonly pauseMs?: number;
  /** A clock that only goes forward. Default `performance.now`. */
  readonly now?: () => number;
  /** Evenly between 0 and 1. Default `Math.random`. */
  readonly random?: () => number;
}

export interface Circuit {
  readonly state: CircuitState;
  /** Takes the probe: true once after each pause. Whoever took it tells how it went. */
  mayProbe(): boolean;
  /** An attempt was answered. Closes it only as the probe: what was under way before it opened does not count. */
  answered(): void;
  failed(): void;
  /** The probe was answered as it should be. */
  proven(): void;
  /** The probe was not. */
  unproven(): void;
}

export function createCircuit(options: CircuitOptions = {}): Circuit {
  const { failures = 5, share = 0.5, attempts = 20, pauseMs = 5_000 } = options;
  const { now = () => performance.now(), random = Math.random } = options;
  let state: CircuitState = 'open';
  let until = Number.NEGATIVE_INFINITY;
  let last: readonly boolean[] = [];
  const open = (): void => {
    state = 'open';
    until = now() + pauseMs * (0.5 + random());
  };
  const remember = (failed: boolean): void => {
    last = [...last, failed].slice(-attempts);
  };
  const isBad = (): boolean => {
    const inRow = last.length >= failures && last.slice(-failures).every(Boolean);
    return inRow || (last.length >= attempts && last.filter(Boolean).length >= share * last.length);
  };
  return {
    get state() {
      return state;
    },
    mayProbe() {
      if (state !== 'open' || now() < until) return false;
      state = 'half-open';
      return true;
    },
    answered: () => remember(false),
    failed() {
      remember(true);
      if (state === 'closed' && isBad()) open();
    },
    proven() {
      state = 'closed';
      last = [];
    },
    unproven: open,
  };
}
