/** Whether a graph answers here what it answered where its vectors were checked. */
import type { Dtype, Tensor, Tensors } from '../tensor.ts';

/** Largest difference of an element, relative to max(1, |golden|). Whole numbers and truths are equal. */
const allowed: Readonly<Record<Dtype, number>> = {
  float64: 1e-12,
  float32: 1e-4,
  int64: 0,
  int32: 0,
  bool: 0,
};

/** How the answer differs from the golden outputs, for a reader: `by 3.0e-3 in risk (allowed 1e-4)`; undefined: it does not. */
export function difference(golden: Tensors, outputs: Tensors): string | undefined {
  for (const [name, expected] of Object.entries(golden)) {
    const found = outputs[name];
    const how = found === undefined ? `: no ${name}` : tensorDifference(name, expected, found);
    if (how !== undefined) return how;
  }
  return undefined;
}

function tensorDifference(name: string, expected: Tensor, found: Tensor): string | undefined {
  if (found.dtype !== expected.dtype) return `in ${name}: ${found.dtype}, not ${expected.dtype}`;
  if (found.shape.join() !== expected.shape.join())
    return `in ${name}: shape [${found.shape}], not [${expected.shape}]`;
  const limit = allowed[expected.dtype];
  const worst = largest(expected, found);
  if (worst <= limit) return undefined;
  if (worst === Infinity) return `in ${name}: a number where there was none, or none where there was one`;
  return `by ${worst.toExponential(1)} in ${name} (allowed ${limit})`;
}

function largest(expected: Tensor, found: Tensor): number {
  let worst = 0;
  for (let at = 0; at < expected.data.length; at++) {
    worst = Math.max(worst, between(expected.data[at], found.data[at]));
  }
  return worst;
}

/** Infinity where only one of the two is a finite number. */
function between(expected: number | bigint | undefined, found: number | bigint | undefined): number {
  if (expected === found) return 0;
  const [one, other] = [Number(expected), Number(found)];
  if (Number.isNaN(one) && Number.isNaN(other)) return 0;
  if (!Number.isFinite(one) || !Number.isFinite(other)) return Infinity;
  return Math.abs(one - other) / Math.max(1, Math.abs(one)) || Number.MIN_VALUE;
}
