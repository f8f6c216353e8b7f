import type { DecisionId } from './decision.ts';
import { freshBytes } from './fresh-bytes.ts';

const form = /^[A-Za-z0-9_-]{22}$/;

/** A new opaque decision id: 128 random bits as base64url. It says nothing, so it may travel in `appContext`. */
export function newDecisionId(): DecisionId {
  return freshBytes(16).toString('base64url') as DecisionId;
}

/** The text as a decision id, or undefined when it does not have the form of one. */
export function asDecisionId(text: unknown): DecisionId | undefined {
  return typeof text === 'string' && form.test(text) ? (text as DecisionId) : undefined;
}
