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

/** What the Open Inference Protocol calls them. */
export const datatypes = {
  float64: 'FP64',
  float32: 'FP32',
  int64: 'INT64',
  int32: 'INT32',
  bool: 'BOOL',
} as const satisfies Record<Dtype, string>;

/** What holds their elements. */
export const arrays = {
  float64: Float64Array,
  float32: Float32Array,
  int64: BigInt64Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;

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

/** The tensor's own memory: hosts that Node runs on are little-endian. */
export const bytesOf = ({ data }: Tensor): Buffer =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);
