import { Fault } from '../errors.ts';
import type { Tensor, Tensors } from '../inference/tensor.ts';
import { numbersOf } from './rows.ts';

/** Where a convolutional network looked: 0 (nowhere) to 1 (most), row-major. */
export interface HeatMap {
  /** Height and width. */
  readonly shape: readonly [number, number];
  readonly numbers: readonly number[];
}

/**
 * Grad-CAM (Selvaraju et al. 2017): each channel of the last convolution weighs as much as the mean of its gradient; the
 * weighted sum, without what speaks against the output, is scaled to 0..1 and enlarged to the image. It localises: it is
 * no contribution, adds up to nothing, and is as coarse as the convolution. All 0 where nothing speaks for the output.
 * @param slopes of one patient: `activations` and `d_activations`, both [1, channels, height, width]
 * @param size height and width of the image
 * @throws Fault model-unavailable where the two are not given so, or not finite
 */
export function gradCam(slopes: Tensors, size: readonly [number, number]): HeatMap {
  const { activations, d_activations } = slopes;
  const [rows, channels = 0, height = 0, width = 0] = activations?.shape ?? [];
  const same = activations?.shape.join() === d_activations?.shape.join();
  if (activations === undefined || d_activations === undefined || rows !== 1 || !same)
    throw new Fault('model-unavailable', ['activations']);
  const coarse = weightedSum(activations, d_activations, { channels, area: height * width });
  const most = Math.max(...coarse);
  if (!Number.isFinite(most)) throw new Fault('model-unavailable', ['activations']);
  const scaled = most > 0 ? coarse.map((heat) => heat / most) : coarse;
  return { shape: size, numbers: enlarged(scaled, [height, width], size) };
}

function weightedSum(
  activations: Tensor,
  gradient: Tensor,
  { channels, area }: { readonly channels: number; readonly area: number },
): Float64Array {
  const [active, slopes] = [numbersOf(activations), numbersOf(gradient)];
  const map = new Float64Array(area);
  for (let channel = 0; channel < channels; channel++) {
    const own = slopes.subarray(channel * area, (channel + 1) * area);
    const weight = own.reduce((total, slope) => total + slope, 0) / area;
    for (let at = 0; at < area; at++) map[at] = (map[at] ?? 0) + weight * (active[channel * area + at] ?? 0);
  }
  return map.map((heat) => Math.max(0, heat));
}

type Size = readonly [number, number];

/** Bilinear between the centres of the coarse pixels; beyond the outermost centres the edge holds. */
function enlarged(coarse: Float64Array, [height, width]: Size, [toHeight, toWidth]: Size): readonly number[] {
  const at = (row: number, column: number): number => coarse[row * width + column] ?? 0;
  const columns = Array.from({ length: toWidth }, (_, column) => between(column, toWidth, width));
  return Array.from({ length: toHeight }, (_, row) => between(row, toHeight, height)).flatMap((y) =>
    columns.map((x) => {
      const upper = at(y.low, x.low) * (1 - x.share) + at(y.low, x.high) * x.share;
      const lower = at(y.high, x.low) * (1 - x.share) + at(y.high, x.high) * x.share;
      return upper * (1 - y.share) + lower * y.share;
    }),
  );
}

/** The two coarse pixels around a fine one, and how near it is to the second. */
function between(position: number, length: number, coarse: number) {
  const exact = Math.min(Math.max(((position + 0.5) * coarse) / length - 0.5, 0), coarse - 1);
  const low = Math.floor(exact);
  return { low, high: Math.min(low + 1, coarse - 1), share: exact - low };
}
