/**
 * A code of a code system, as cards carry it.
 * @see https://cds-hooks.hl7.org/2.0/#coding
 */
export interface Coding {
  readonly code: string;
  readonly system?: string;
  readonly display?: string;
}

/**
 * A reason a user may give for not following a card: here `system` and `display` are not optional.
 * @see https://cds-hooks.hl7.org/2.0/#reasons-for-rejecting-a-card
 */
export interface OverrideReason extends Coding {
  readonly system: string;
  readonly display: string;
}
