import type { Action, SystemAction } from './action.ts';
import type { Coding, OverrideReason } from './coding.ts';
import type { Extensions } from './extension.ts';

/**
 * Body of a 200 answer. Nothing to say is `{ "cards": [] }`.
 * @see https://cds-hooks.hl7.org/2.0/#cds-service-response
 */
export interface CdsResponse {
  readonly cards: readonly Card[];
  readonly systemActions?: readonly SystemAction[];
  readonly extension?: Extensions;
}

/**
 * Guidance for the user. A card with suggestions always says how they may be combined.
 * @see https://cds-hooks.hl7.org/2.0/#card-attributes
 */
export type Card = CardFields & (SuggestionGroup | NoSuggestions);

/**
 * The attributes of a card apart from its suggestions.
 * @see https://cds-hooks.hl7.org/2.0/#card-attributes
 */
export interface CardFields {
  /** Without it no feedback comes back. */
  readonly uuid?: string;
  /** One sentence, fewer than 140 characters. */
  readonly summary: string;
  /** GitHub Flavored Markdown. */
  readonly detail?: string;
  readonly indicator: Indicator;
  readonly source: Source;
  /** Offered when the user dismisses the card; `display` is what the user reads. */
  readonly overrideReasons?: readonly OverrideReason[];
  readonly links?: readonly Link[];
  readonly extension?: Extensions;
}

/**
 * Suggestions and how they may be combined: one never comes without the other.
 * @see https://cds-hooks.hl7.org/2.0/#card-attributes
 */
export interface SuggestionGroup {
  readonly suggestions: readonly Suggestion[];
  readonly selectionBehavior: SelectionBehavior;
}

/**
 * A card that proposes no change.
 * @see https://cds-hooks.hl7.org/2.0/#card-attributes
 */
export interface NoSuggestions {
  readonly suggestions?: undefined;
  readonly selectionBehavior?: undefined;
}

/**
 * Urgency, in increasing order.
 * @see https://cds-hooks.hl7.org/2.0/#card-attributes
 */
export type Indicator = 'info' | 'warning' | 'critical';

/**
 * `at-most-one`: none or one suggestion, of which at most one may be recommended; `any`: any number.
 * @see https://cds-hooks.hl7.org/2.0/#card-attributes
 */
export type SelectionBehavior = 'at-most-one' | 'any';

/**
 * Who stands behind the guidance.
 * @see https://cds-hooks.hl7.org/2.0/#source
 */
export interface Source {
  readonly label: string;
  /** Absolute; about the organization or data set, never a drill-down into this card. */
  readonly url?: string;
  /** Absolute; a 100 × 100 PNG without transparency. */
  readonly icon?: string;
  readonly topic?: Coding;
  readonly extension?: Extensions;
}

/**
 * A set of changes the user may accept as a whole.
 * @see https://cds-hooks.hl7.org/2.0/#suggestion
 */
export interface Suggestion {
  readonly label: string;
  readonly uuid?: string;
  readonly isRecommended?: boolean;
  readonly actions?: readonly Action[];
  /**
   * Only towards a client known to support it; absent means `all`.
   * @since 3.0
   */
  readonly actionSelectionBehavior?: ActionSelectionBehavior;
  readonly extension?: Extensions;
}

/**
 * Which actions of an accepted suggestion apply.
 * @since 3.0
 * @see https://cds-hooks.hl7.org/en/index.html#suggestion
 */
export type ActionSelectionBehavior = 'all' | 'any' | 'at-most-one';

/**
 * A link out of the card. Only a SMART launch can carry `appContext`.
 * @see https://cds-hooks.hl7.org/2.0/#link
 */
export type Link = AbsoluteLink | SmartLink;

/**
 * A page to open as it is.
 * @see https://cds-hooks.hl7.org/2.0/#link
 */
export interface AbsoluteLink extends LinkFields {
  readonly type: 'absolute';
  readonly appContext?: undefined;
}

/**
 * The launch URL of a SMART app; the client adds `iss` and `launch`.
 * @see https://cds-hooks.hl7.org/2.0/#link
 */
export interface SmartLink extends LinkFields {
  readonly type: 'smart';
  /** Handed to the app in the token response. */
  readonly appContext?: string;
}

interface LinkFields {
  readonly label: string;
  readonly url: string;
  /**
   * Hint that the app may be opened without showing the card; the app must then carry all guidance.
   * @since 3.0
   */
  readonly autolaunchable?: boolean;
  readonly extension?: Extensions;
}
