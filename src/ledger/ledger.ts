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
  /** Deletes what is older than the retention period. Returns how many decisions went. */
  purge(before: Date): Promise<number>;
  close(): Promise<void>;
}

export interface FeedbackReceipt {
  readonly joined: number;
  readonly repeated: number;
  readonly quarantined: number;
}
