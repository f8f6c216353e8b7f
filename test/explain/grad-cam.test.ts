import assert from 'node:assert/strict';
import fc from 'fast-check';
import { gradCam } from '../../src/explain/grad-cam.ts';
import type { Tensors } from '../../src/inference/tensor.ts';
import { float64 } from './networks.ts';

const maps = (shape: readonly number[], activations: readonly number[], slopes: readonly number[]) => ({
  activations: float64(shape, activations),
  d_activations: float64(shape, slopes),
});

describe('Grad-CAM', () => {
  /** Weights are the means 0.5 and −1: 0.5 · (0 2 4 8) − (0 1 0 6) = (0 0 2 −2), without the negative (0 0 2 0). */
  const worked = maps([1, 2, 2, 2], [0, 2, 4, 8, 0, 1, 0, 6], [1, 0, 1, 0, -1, -1, -1, -1]);

  it('of two channels is what the paper’s equations give by hand', () => {
    assert.deepEqual(gradCam(worked, [2, 2]), { shape: [2, 2], numbers: [0, 0, 1, 0] });
  });

  it('is enlarged between the centres of the coarse pixels', () => {
    const { shape, numbers } = gradCam(worked, [4, 4]);
    assert.deepEqual(shape, [4, 4]);
    const share = [0, 0.25, 0.75, 1];
    const expected = share.flatMap((down) => share.map((right) => down * (1 - right)));
    for (const [at, heat] of numbers.entries()) assert.ok(Math.abs(heat - (expected[at] ?? 0)) < 1e-15);
  });

  it('is 0 everywhere where nothing speaks for the output', () => {
    const against = maps([1, 1, 1, 2], [1, 2], [-1, -1]);
    assert.deepEqual(gradCam(against, [2, 2]).numbers, [0, 0, 0, 0]);
  });

  it('stays within 0 to 1, whatever the maps', () => {
    const numbers = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 18, maxLength: 18 });
    fc.assert(
      fc.property(numbers, numbers, (activations, slopes) => {
        const heat = gradCam(maps([1, 2, 3, 3], activations, slopes), [7, 5]).numbers;
        assert.equal(heat.length, 35);
        assert.ok(heat.every((each) => each >= 0 && each <= 1));
      }),
    );
  });

  it('is none without both maps, of one shape and one patient, and finite', () => {
    const broken: readonly Tensors[] = [
      {},
      { activations: worked.activations },
      { ...worked, d_activations: float64([1, 1, 2, 2], [1, 1, 1, 1]) },
      maps([2, 1, 1, 1], [1, 1], [1, 1]),
      maps([1, 1, 1, 2], [1, Number.NaN], [1, 1]),
      maps([1, 1, 1, 2], [1, 1], [1, Number.POSITIVE_INFINITY]),
    ];
    for (const slopes of broken)
      assert.throws(() => gradCam(slopes, [2, 2]), { code: 'model-unavailable', details: ['activations'] });
  });
});
