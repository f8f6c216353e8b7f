import type { Coding } from './coding.ts';
import type { Extensions } from './extension.ts';

/**
 * Body of `POST {baseUrl}/cds-services/{id}/feedback`; clients may send several at once, and repeat them.
 * @see https://cds-hooks.hl7.org/2.0/#feedback
 */
export interface FeedbackRequest {
  readonly feedback: readonly Feedback[];
  readonly extension?: Extensions;
}

/**
 * What the user did with one card.
 * @see https://cds-hooks.hl7.org/2.0/#feedback
 */
export type Feedback = AcceptedFeedback | OverriddenFeedback;

/**
 * One or more suggestions were accepted.
 * @see https://cds-hooks.hl7.org/2.0/#suggestion-accepted
 */
export interface AcceptedFeedback extends FeedbackFields {
  readonly outcome: 'accepted';
  readonly acceptedSuggestions: readonly AcceptedSuggestion[];
  readonly overrideReason?: undefined;
}

/**
 * The card was dismissed, with or without a reason.
 * @see https://cds-hooks.hl7.org/2.0/#overridden-guidance
 */
export interface OverriddenFeedback extends FeedbackFields {
  readonly outcome: 'overridden';
  readonly overrideReason?: OverrideFeedback;
  readonly acceptedSuggestions?: undefined;
}

/**
 * A suggestion by its uuid.
 * @see https://cds-hooks.hl7.org/2.0/#suggestion-accepted
 */
export interface AcceptedSuggestion {
  readonly id: string;
}

/**
 * Why a card was dismissed: a code, the user's words, or both.
 * @see https://cds-hooks.hl7.org/2.0/#overridden-guidance
 */
export type OverrideFeedback =
  | { readonly reason: Coding; readonly userComment?: string }
  | { readonly reason?: undefined; readonly userComment: string };

interface FeedbackFields {
  /** `card.uuid`. */
  readonly card: string;
  /** RFC 3339, UTC: when the user acted. */
  readonly outcomeTimestamp: string;
  readonly extension?: Extensions;
}
