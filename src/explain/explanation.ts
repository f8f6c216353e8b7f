/** Why a prediction is what it is: one number per clinical group, adding up exactly. */
export interface Explanation {
  readonly model: string;
  readonly digest: string;
  /** Model output explained. */
  readonly output: string;
  readonly method: 'exact-shapley';
  readonly scale: 'logit';
  /** Where the sum starts: a stated reference person, never an unnamed average. */
  readonly baseline: {
    /** One sentence, e.g. "a 55-year-old woman with …". */
    readonly label: string;
    readonly source: string;
    /** The output for that person, on the output's own scale. */
    readonly value: number;
  };
  /**
   * The fair comparison for this patient: the reference person with what the manifest's `peer` names (age, say) at
   * the patient's own value. A coalition of the same game, no other computation. Absent where the manifest names
   * none: compare with the baseline.
   */
  readonly peer?: {
    /** Who that is, in a phrase of the manifest, e.g. "same age and sex, no diabetes, smoking or treatment". */
    readonly label: string;
    /** The output for that person, on the output's own scale. */
    readonly value: number;
  };
  /** The output for this patient, on the output's own scale. */
  readonly value: number;
  /** Sorted by absolute size, largest first. logit(value) − logit(baseline.value) = Σ phi to 1e-9. */
  readonly contributions: readonly Contribution[];
}

export interface Contribution {
  /** Vocabulary group. */
  readonly group: string;
  readonly label: string;
  /** Manifest input names of the group. */
  readonly inputs: readonly string[];
  /** On the logit scale; positive raises the risk. */
  readonly phi: number;
  /** One plain sentence with value, unit and direction. */
  readonly sentence: string;
}
