/** One way to ask one server for one model, and why it may give no answer. */
import type { Batch, Signature } from '../runner/protocol.ts';
import type { Tensors } from '../tensor.ts';
import type { RemoteModel } from './remote-model.ts';

/** How long an attempt may go on. */
export interface Until {
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`. */
  readonly endsAt: number;
}

/** Tensors go by the names that the server knows. @throws from both questions: NoAnswer, and nothing else */
export interface Transport {
  signature(until: Until): Promise<Signature>;
  /** Tensors as the server says they are: data fit shapes, nothing else is checked. */
  infer(batch: Batch, until: Until): Promise<Tensors>;
  close(): Promise<void>;
}

export interface TransportOptions {
  readonly remote: RemoteModel;
  readonly token: string | undefined;
  /** PEM of the authorities to trust instead of Node's own. */
  readonly ca: string | undefined;
  readonly maxAnswerBytes: number;
}

interface ReasonRow {
  /** May another endpoint be asked the same? */
  readonly again: boolean;
  /** Does it speak against the endpoint? Otherwise against the question, or against nobody. */
  readonly blames: boolean;
}

/**
 * - `unreachable`: no name, no connection, no TLS, or it says itself that it is not available
 * - `reset`: the connection ended before the answer did
 * - `failed`: the server failed (5xx)
 * - `late`: no answer in time
 * - `wrong`: an answer that is none: not the protocol, not the tensors asked for, a redirect, too large
 * - `refused`: it does not let us, does not have the model, or has enough to do (4xx)
 * - `not-taken`: it refuses this question (400, 413, 422)
 * - `cannot-travel`: these tensors cannot be written in JSON; nothing was asked
 * - `abandoned`: nobody waits any more
 */
const reasons = {
  unreachable: { again: true, blames: true },
  reset: { again: true, blames: true },
  failed: { again: true, blames: true },
  late: { again: false, blames: true },
  wrong: { again: false, blames: true },
  refused: { again: false, blames: true },
  'not-taken': { again: false, blames: false },
  'cannot-travel': { again: false, blames: false },
  abandoned: { again: false, blames: false },
} as const satisfies Record<string, ReasonRow>;

export type Reason = keyof typeof reasons;

/** Says the reason and names of tensors; no value, token or words of the server. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
  readonly reason: Reason;

  constructor(reason: Reason, detail?: string) {
    super(detail === undefined ? reason : `${reason}: ${detail}`);
    this.reason = reason;
  }

  get again(): boolean {
    return reasons[this.reason].again;
  }

  get blames(): boolean {
    return reasons[this.reason].blames;
  }
}

/** An attempt that a signal ended: was it too late, or did nobody wait any more? */
export const endedBy = ({ reason }: AbortSignal): NoAnswer =>
  new NoAnswer(reason instanceof Error && reason.name === 'TimeoutError' ? 'late' : 'abandoned');
