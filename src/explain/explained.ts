import type { ExplanationMethod } from '../inference/network-manifest.ts';
import type { HeatMap } from './grad-cam.ts';

/** An explanation as the inference API and the command line give it, of a clinical model or a network. */
export interface Explained {
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  readonly output: string;
  /** Which element of the output, flat, within one patient. */
  readonly element: number;
  /** Of value, baseline, contributions and gap. */
  readonly scale: 'logit' | 'identity';
  readonly method: ExplanationMethod;
  /** The output on its own scale, as an inference answers it. */
  readonly predicted: number;
  readonly value: number;
  /** The probability is so near to 1 that its type rounds the log odds: contributions are coarse, and may miss. */
  readonly saturated?: true;
  /** Whose score the contributions start from; absent where the method compares with nobody as a whole. */
  readonly baseline?: number;
  /** Whom the patient is compared with. */
  readonly background: {
    readonly label: string;
    readonly source: string;
    /** Absent where the package ships none. */
    readonly rows?: number;
  };
  /** None for Grad-CAM, which has no contributions. */
  readonly players: readonly Contributed[];
  /** value − baseline − Σ phi: what is left over. Absent where the method does not claim to add up. */
  readonly gap?: number;
  /** R² of LIME's local model. */
  readonly fit?: number;
  /** Rows that the model computed. */
  readonly evaluations: number;
  /** Grad-CAM's. */
  readonly map?: HeatMap;
}

export interface Contributed {
  readonly label: string;
  /** Input of the model; several, as a clinical group has them, joined by `+`. */
  readonly input: string;
  /** Positive raises the output. */
  readonly phi: number;
  /** Of phi, where the method samples. */
  readonly standardError?: number;
}

export const logit = (p: number): number => Math.log(p / (1 - p));
