/** Tensors as graphs take and give them: row-major, the first axis counts the rows (patients). */

/** A truth is one byte, 0 or 1. */
export interface TensorArrays {
  readonly float64: Float64Array;
  readonly float32: Float32Array;
  readonly int64: BigInt64Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
}

/** Element types, as onnxruntime names them. */
export type Dtype = keyof TensorArrays;

/** One tensor; `data` holds the product of `shape` elements. */
export type Tensor = {
  readonly [Name in Dtype]: {
    readonly dtype: Name;
    /** Rows first. */
    readonly shape: readonly number[];
    readonly data: TensorArrays[Name];
  };
}[Dtype];

/** By the graph's own names. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** One number or truth for each row. */
export const column = (data: Float64Array): Tensor => ({ dtype: 'float64', shape: [data.length], data });

/** Elements of one row. */
export const rowSize = ({ shape: [, ...axes] }: Pick<Tensor, 'shape'>): number =>
  axes.reduce((size, axis) => size * axis, 1);
