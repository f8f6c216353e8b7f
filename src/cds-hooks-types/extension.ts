/**
 * Agreed additions that any object of the specification may carry; names use reverse-DNS notation.
 * @see https://cds-hooks.hl7.org/2.0/#extensions
 */
export interface Extensions {
  readonly [name: string]: unknown;
}
