import { randomBytes } from 'node:crypto';

const drawnAtOnce = 2400;
let drawn = Buffer.alloc(0);

/** Random bytes for names and nonces, drawn many at a time and given out once; keys are drawn by themselves. */
export function freshBytes(count: number): Buffer {
  if (drawn.length < count) drawn = randomBytes(Math.max(count, drawnAtOnce));
  const fresh = drawn.subarray(0, count);
  drawn = drawn.subarray(count);
  return fresh;
}
