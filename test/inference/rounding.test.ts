import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounded } from '../../src/inference/rounding.ts';

const output = { rounding: { unit: '%', decimals: 1, mode: 'half-up' } } as const;

describe('rounding for words', () => {
  it('rounds half up to 0.1 %', () => {
    const cases = [
      [0.0745, 7.5],
      [0.07449, 7.4],
      [0.0005, 0.1],
      [0.00049, 0],
      [0.9996, 100],
      [0.1475, 14.8],
    ] as const;
    for (const [probability, words] of cases) assert.equal(rounded(output, probability), words);
  });

  it('is never further away than half a step', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (probability) => {
        assert.ok(Math.abs(rounded(output, probability) - probability * 100) <= 0.05 + 1e-12);
      }),
    );
  });
});
