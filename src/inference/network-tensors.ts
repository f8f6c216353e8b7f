/** Tensors of a network against its manifest: what may go in, what may come out, and how JSON numbers become them. */
import type { NetworkInput, NetworkOutput } from './network-manifest.ts';
import { rowSize, type Tensor, type Tensors } from './tensor.ts';

type Declared = Pick<NetworkInput, 'dtype' | 'axes'>;
interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Elements of one patient. */
export const elementsOf = ({ axes }: Pick<NetworkInput, 'axes'>): number =>
  axes.reduce((count, { size }) => count * size, 1);

/**
 * Everything that is wrong with feeds: `<input>: <rule>`, one rule for each input, and never a value or a
 * name that the manifest does not have. Bounds count as
 * the tensor's type holds them: a float32 may be the float32 next to a bound.
 */
export function feedProblems(
  inputs: readonly NetworkInput[],
  feeds: Tensors,
  rows: number,
): readonly string[] {
  if (!Number.isSafeInteger(rows) || rows < 1) return ['rows: is not a whole number from 1'];
  const unknown = Object.keys(feeds).some((given) => !inputs.some(({ name }) => name === given));
  return [
    ...inputs.flatMap((input) => {
      const rule = feedRule(input, Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined, rows);
      return rule === undefined ? [] : [`${input.name}: ${rule}`];
    }),
    ...(unknown ? ['inputs: there is one that the model does not have'] : []),
  ];
}

/** The rule that one input's tensor breaks, if any. */
export function feedRule(input: NetworkInput, tensor: Tensor | undefined, rows: number): string | undefined {
  if (tensor === undefined) return 'is not given';
  const { min, max } = input.valid;
  const element = {
    nan: 'has an element that is not a number',
    infinite: 'has an infinite element',
    outside: `has an element outside ${min} to ${max}`,
    inside: undefined,
  };
  return (
    formRule(input, tensor, rows) ?? element[worstElement(tensor, input.valid, input.missing !== undefined)]
  );
}

/** The rule that an answer breaks: nothing may be missing or infinite in it, nor outside the output's range. */
export function answerRule(
  output: NetworkOutput,
  tensor: Tensor | undefined,
  rows: number,
): string | undefined {
  if (tensor === undefined) return 'is not given';
  const form = formRule(output, tensor, rows);
  if (form !== undefined) return form;
  return worstElement(tensor, output.range, false) === 'inside' ? undefined : 'is outside its range';
}

/** Type, shape and length. */
export function formRule({ dtype, axes }: Declared, tensor: Tensor, rows: number): string | undefined {
  if (tensor.dtype !== dtype) return `is not ${dtype}`;
  const { shape, data } = tensor;
  const fits = shape.length === axes.length + 1 && axes.every(({ size }, at) => shape[at + 1] === size);
  if (!fits || shape[0] !== rows) return `is not of shape [${[rows, ...axes.map(({ size }) => size)]}]`;
  return data.length === rows * rowSize(tensor) ? undefined : 'has not as many elements as its shape says';
}

type Element = 'inside' | 'outside' | 'infinite' | 'nan';

/** The first element that is not inside, or `inside`. One loop, for tensors are large. */
function worstElement(tensor: Tensor, bounds: Bounds, mayBeNaN: boolean): Element {
  switch (tensor.dtype) {
    case 'float32':
      return worstNumber(
        tensor.data,
        { min: Math.fround(bounds.min), max: Math.fround(bounds.max) },
        mayBeNaN,
      );
    case 'int64':
      return worstInteger(tensor.data, bounds);
    default:
      return worstNumber(tensor.data, bounds, mayBeNaN);
  }
}

function worstNumber(
  data: Float32Array | Float64Array | Int32Array | Uint8Array,
  { min, max }: Bounds,
  mayBeNaN: boolean,
): Element {
  for (let at = 0; at < data.length; at++) {
    const value = data[at] ?? Number.NaN;
    if (value >= min && value <= max) continue;
    if (!Number.isNaN(value)) return Number.isFinite(value) ? 'outside' : 'infinite';
    if (!mayBeNaN) return 'nan';
  }
  return 'inside';
}

const wordSize = 2 ** 32;

/** In halves, without a BigInt for each element. Beyond 2^53 a value is rounded, and stays beyond its bound. */
function worstInteger(data: BigInt64Array, { min, max }: Bounds): Element {
  const low = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
  const high = new Int32Array(data.buffer, data.byteOffset, 2 * data.length);
  for (let at = 0; at < low.length; at += 2) {
    const value = (high[at + 1] ?? 0) * wordSize + (low[at] ?? 0);
    if (!(value >= min && value <= max)) return 'outside';
  }
  return 'inside';
}

/** One patient's elements as JSON has them; `null` is NaN. */
export type Elements = readonly (number | null)[];

/** The patients' elements as a tensor, or the rule that they break: how many there are, whole numbers for int64. */
export function tensorOf({ dtype, axes }: Declared, patients: readonly Elements[]): Tensor | string {
  const size = elementsOf({ axes });
  if (patients.some((elements) => elements.length !== size)) return `has not ${size} elements`;
  const shape = [patients.length, ...axes.map((axis) => axis.size)];
  const numbers = patients.flatMap((elements) => elements.map((element) => element ?? Number.NaN));
  switch (dtype) {
    case 'float32':
      return { dtype, shape, data: Float32Array.from(numbers) };
    case 'float64':
      return { dtype, shape, data: Float64Array.from(numbers) };
    case 'int64':
      if (!numbers.every(Number.isSafeInteger)) return 'has an element that is no whole number';
      return { dtype, shape, data: BigInt64Array.from(numbers, BigInt) };
  }
}
