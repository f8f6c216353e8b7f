import { createHash } from 'node:crypto';
import type { Feedback } from 'cds-hooks-types';
import type { FeedbackReceipt } from './ledger.ts';

/**
 * What makes two pieces of feedback the same one: issuer, service, card, outcome, instant and the accepted
 * suggestions, whatever their order, and what was given as the reason. CDS clients may send feedback again, and it must
 * then change nothing
 * (CDS Hooks 2.0 "Feedback"; reliability.md §6).
 */
export function feedbackKey(service: string, issuer: string, feedback: Feedback): string {
  const accepted = feedback.outcome === 'accepted' ? feedback.acceptedSuggestions : undefined;
  const suggestions = (accepted ?? []).map(({ id }) => id).toSorted();
  const { card, outcome, outcomeTimestamp, extension } = feedback;
  const reason = feedback.outcome === 'overridden' ? feedback.overrideReason : undefined;
  const told = [
    issuer,
    service,
    card,
    outcome,
    outcomeTimestamp,
    suggestions,
    reason ?? null,
    extension ?? null,
  ];
  return createHash('sha256').update(JSON.stringify(told)).digest('base64url');
}

/** The instant of the outcome in milliseconds; unreadable ones sort first. */
export function outcomeInstant(feedback: Feedback): number {
  const instant = Date.parse(feedback.outcomeTimestamp);
  return Number.isNaN(instant) ? 0 : instant;
}

/** The receipt of nothing, and of one piece of feedback. */
export const noReceipt: FeedbackReceipt = { joined: 0, repeated: 0, quarantined: 0 };
export const joined: FeedbackReceipt = { ...noReceipt, joined: 1 };
export const repeated: FeedbackReceipt = { ...noReceipt, repeated: 1 };
export const quarantined: FeedbackReceipt = { ...noReceipt, quarantined: 1 };

/** Sum of two receipts. */
export const add = (a: FeedbackReceipt, b: FeedbackReceipt): FeedbackReceipt => ({
  joined: a.joined + b.joined,
  repeated: a.repeated + b.repeated,
  quarantined: a.quarantined + b.quarantined,
});
