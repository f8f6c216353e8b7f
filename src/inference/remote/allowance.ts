/**
 * How many questions may be asked twice: a token bucket that every question fills by a share, and every second asking
 * empties by one. It begins empty, so that second askings never exceed that share of all questions.
 */
export interface Allowance {
  earn(): void;
  /** Takes one; false where there is none. */
  spend(): boolean;
}

/** @param most tokens kept, so that quiet hours do not pay for a storm */
export function createAllowance(share: number, most = 10): Allowance {
  let tokens = 0;
  return {
    earn() {
      tokens = Math.min(most, tokens + share);
    },
    spend() {
      // Sums of a share are not exact: 50 times 0.02 is short of 1 by less than that.
      if (tokens < 1 - 1e-9) return false;
      tokens -= 1;
      return true;
    },
  };
}
