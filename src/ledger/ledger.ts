import type { Feedback } from 'cds-hooks-types';
import type { Decision, DecisionId } from './decision.ts';

/** The port to what must never be lost: a decision before it is answered, feedback before it is acknowledged. */
export interface Ledger {
  /** Durable when it resolves. @throws Fault ledger-unavailable */
  record(decision: Decision): Promise<void>;
  /** The decision, only for the issuer and patient it was made for. */
  find(id: DecisionId, issuer: string, patientId: string): Promise<Decision | undefined>;
  /**
   * Joins feedback to decisions by card uuid, in one transaction; a repeat changes nothing.
   * A card never issued to this issuer and service is kept apart (quarantined), never joined.
   */
  recordFeedback(service: string, issuer: string, feedback: readonly Feedback[]): Promise<FeedbackReceipt>;
  /** Feedback joined to one decision, oldest first. */
  feedbackOf(id: DecisionId): Promise<readonly Feedback[]>;
  /** What can still be read, in the order it was written, issuer by issuer. Never all of it in memory at once. */
  entries(range?: EntryRange): AsyncIterable<LedgerEntry>;
  /**
   * Recomputes every chain: an entry that was edited, removed or moved shows.
   * @param heads that were kept elsewhere: a chain whose end was cut off, or that was written anew, has not passed them
   */
  verify(heads?: ReadonlySet<string>): Promise<readonly ChainReport[]>;
  /** Wraps every data key with the current `LEDGER_KEY`. Returns how many were wrapped with a former one. */
  rotate(): Promise<number>;
  /**
   * Ends the retention period: what is older cannot be read any more, nor restored from a copy of the file once
   * its data key is gone. Its link stays in the chain. Returns how many decisions went.
   */
  purge(before: Date): Promise<number>;
  close(): Promise<void>;
}

export interface FeedbackReceipt {
  readonly joined: number;
  readonly repeated: number;
  readonly quarantined: number;
}

export interface EntryRange {
  /** Recorded at or after. */
  readonly from?: Date;
  /** Recorded before. */
  readonly until?: Date;
  readonly issuer?: string;
}

/** `decision` of a feedback entry is absent where the card was never issued: it is quarantined. */
export type LedgerEntry =
  | { readonly kind: 'decision'; readonly decision: Decision }
  | {
      readonly kind: 'feedback';
      readonly service: string;
      readonly issuer: string;
      readonly receivedAt: string;
      readonly feedback: Feedback;
      readonly decision?: DecisionId;
    };

/** One issuer's chain. A site that keeps `head` elsewhere can tell later that the chain still leads through it. */
export interface ChainReport {
  readonly issuer: string;
  readonly length: number;
  /** Hex SHA-256 of the last entry; 64 zeros where there is none. */
  readonly head: string;
  /** Sequence numbers, from 1, whose link does not hold. */
  readonly broken: readonly number[];
  /** Those of the heads that were asked for that are the hash of one of its entries. */
  readonly passed: readonly string[];
}
