import { createHash } from 'node:crypto';
import type { Feedback } from 'cds-hooks-types';

/**
 * What makes two pieces of feedback the same one: issuer, service, card, outcome, instant and the accepted
 * suggestions, whatever their order. CDS clients may send feedback again, and it must then change nothing
 * (CDS Hooks 2.0 "Feedback"; reliability.md §6).
 */
export function feedbackKey(service: string, issuer: string, feedback: Feedback): string {
  const accepted = feedback.outcome === 'accepted' ? feedback.acceptedSuggestions : undefined;
  const suggestions = (accepted ?? []).map(({ id }) => id).toSorted();
  const told = [issuer, service, feedback.card, feedback.outcome, feedback.outcomeTimestamp, suggestions];
  return createHash('sha256').update(JSON.stringify(told)).digest('base64url');
}

/** The instant of the outcome in milliseconds; unreadable ones sort first. */
export function outcomeInstant(feedback: Feedback): number {
  const instant = Date.parse(feedback.outcomeTimestamp);
  return Number.isNaN(instant) ? 0 : instant;
}
