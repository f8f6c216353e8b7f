/**
 * Leaves a server alone that gives no answer, so that a slow EHR is not asked harder (reliability reference §4).
 *
 * Callers are counted, not reads, for the lists of one hook call fail together. When `failures` of them in a row
 * fail within `windowMs`, the server is not asked for `pauseMs`; then one caller may probe it. An answer of any
 * status closes the circuit. Times are milliseconds.
 */
export interface Circuit {
  /** May this caller ask that origin now? The first one after a pause is the probe. */
  mayAsk(origin: string, caller: object): boolean;
  /** The origin answered. */
  answered(origin: string): void;
  /** The origin could not be reached, or gave no answer within a whole read budget. */
  failed(origin: string, caller: object): void;
}

export interface CircuitOptions {
  readonly failures: number;
  readonly windowMs: number;
  readonly pauseMs: number;
  /** A clock that only goes forward. Default `performance.now`. */
  readonly now?: () => number;
}

type State =
  | { readonly kind: 'counting'; readonly since: number; readonly callers: ReadonlySet<object> }
  | { readonly kind: 'open'; readonly until: number; readonly probe?: object };

/** A circuit for every origin asked; one that answers is forgotten. */
export function createCircuit(options: CircuitOptions): Circuit {
  const { failures, windowMs, pauseMs, now = () => performance.now() } = options;
  const states = new Map<string, State>();

  function mayAsk(origin: string, caller: object): boolean {
    const state = states.get(origin);
    if (state?.kind !== 'open' || state.probe === caller) return true;
    if (now() < state.until) return false;
    // A probe that never tells how it went leaves the next pause to another caller.
    states.set(origin, { kind: 'open', until: now() + pauseMs, probe: caller });
    return true;
  }

  function failed(origin: string, caller: object): void {
    const state = states.get(origin);
    if (state?.kind === 'open') {
      if (state.probe === caller) states.set(origin, { kind: 'open', until: now() + pauseMs });
      return;
    }
    const recent = state !== undefined && now() - state.since <= windowMs ? state : undefined;
    const callers = new Set(recent?.callers).add(caller);
    states.set(
      origin,
      callers.size < failures
        ? { kind: 'counting', since: recent?.since ?? now(), callers }
        : { kind: 'open', until: now() + pauseMs },
    );
  }

  return { mayAsk, failed, answered: (origin) => void states.delete(origin) };
}
