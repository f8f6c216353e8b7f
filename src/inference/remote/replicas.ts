/** The endpoints of one model: which of them is asked, when a second one is, and which have to prove themselves first. */
import type { Batch } from '../runner/protocol.ts';
import type { Tensors } from '../tensor.ts';
import { createAllowance } from './allowance.ts';
import type { Endpoint } from './endpoint.ts';
import type { Tail } from './tail.ts';
import { endedBy, NoAnswer, type Until } from './transport.ts';
import { firstAnswer } from './two-attempts.ts';

export interface Replicas {
  /** @throws NoAnswer: at once, where every endpoint is known to be down */
  ask(batch: Batch, until: Until): Promise<Tensors>;
  /**
   * Is an endpoint in order? Where none is, those that are due prove themselves meanwhile, as a question would have them
   * do: who is told that nothing runs here asks nothing, and it would stay so.
   */
  isUp(): boolean;
  counts(): SecondAttempts;
}

export interface SecondAttempts {
  /** Because the first was slow, and those of them that were answered first. */
  readonly hedges: number;
  readonly hedgesWon: number;
  /** Because the first brought no answer. */
  readonly retries: number;
}

export interface ReplicasOptions {
  readonly endpoints: readonly Endpoint[];
  readonly tail: Tail;
  /** Most second attempts at slow questions, as a share of all. */
  readonly hedgeShare: number;
  /** Lets an endpoint prove itself, in its own time. @throws NoAnswer */
  readonly verify: (endpoint: Endpoint) => Promise<void>;
}

export function createReplicas({ endpoints, tail, hedgeShare, verify }: ReplicasOptions): Replicas {
  const allowance = createAllowance(hedgeShare);
  let [turn, hedges, hedgesWon, retries] = [0, 0, 0, 0];

  const closed = () => endpoints.filter(({ state }) => state === 'closed');
  const probed = (): readonly Promise<void>[] => endpoints.filter((each) => each.mayProbe()).map(verify);

  function isUp(): boolean {
    const isClosed = closed().length > 0;
    if (!isClosed) void Promise.allSettled(probed());
    return isClosed;
  }

  /** Whoever finds one that is due for its probe and none in order waits for the probe. */
  async function ready(until: Until): Promise<Endpoint | undefined> {
    const probes = probed();
    const first = idlest(closed(), turn);
    const proven = Promise.any(probes).catch(() => {});
    if (first !== undefined || probes.length === 0) return first;
    await beforeEnd(proven, until);
    return idlest(closed(), turn);
  }

  function second(why: 'slow' | 'failed', first: Endpoint, batch: Batch, until: Until) {
    const others = closed().filter((each) => each !== first);
    const other = idlest(others, turn);
    if (other === undefined || (why === 'slow' && !allowance.spend())) return undefined;
    const attempt = other.ask(batch, until);
    if (why === 'failed') retries++;
    else {
      hedges++;
      attempt.then(
        () => hedgesWon++,
        () => {},
      );
    }
    return attempt;
  }

  async function ask(batch: Batch, until: Until): Promise<Tensors> {
    allowance.earn();
    turn++;
    const first = await ready(until);
    if (first === undefined) throw new NoAnswer('unreachable', 'every endpoint is down');
    return firstAnswer({
      first: first.ask(batch, until),
      slowMs: tail.p95(batch.rows),
      again: (thrown) => thrown instanceof NoAnswer && thrown.again,
      second: (why) => second(why, first, batch, until),
    });
  }

  return { ask, isUp, counts: () => ({ hedges, hedgesWon, retries }) };
}

/** The least busy; of equals, whose turn it is. */
function idlest(endpoints: readonly Endpoint[], turn: number): Endpoint | undefined {
  const least = Math.min(...endpoints.map(({ inFlight }) => inFlight));
  const equals = endpoints.filter(({ inFlight }) => inFlight === least);
  return equals[turn % equals.length];
}

/** @throws NoAnswer, where the end comes first */
function beforeEnd(work: Promise<void>, { signal }: Until): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(endedBy(signal));
    signal.addEventListener('abort', end, { once: true });
    void work.then(() => {
      signal.removeEventListener('abort', end);
      resolve();
    });
  });
}
