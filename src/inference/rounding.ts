/** Numbers for words. Decisions are taken on the unrounded double, never on what this returns. */
import type { ProbabilityOutput } from './manifest.ts';

/** A probability in the unit and to the decimals its output is printed with, half up: 0.0745 → 7.5 (%). */
export function rounded(output: Pick<ProbabilityOutput, 'rounding'>, probability: number): number {
  const scale = 10 ** output.rounding.decimals;
  return Math.round(probability * 100 * scale) / scale;
}
