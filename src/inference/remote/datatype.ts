/**
 * Tensors as the Open Inference Protocol writes them: datatypes, little-endian bytes (binary tensor data extension; gRPC's
 * raw contents) and JSON.
 */
import { arrays, type Dtype, datatypes, type Tensor } from '../tensor.ts';
import { NoAnswer } from './transport.ts';

/** As onnxruntime names them. Those that are no Dtype stand here for signatures only. */
const types: Readonly<Record<string, string>> = {
  FP64: 'float64',
  FP32: 'float32',
  FP16: 'float16',
  BF16: 'bfloat16',
  INT64: 'int64',
  INT32: 'int32',
  INT16: 'int16',
  INT8: 'int8',
  UINT64: 'uint64',
  UINT32: 'uint32',
  UINT16: 'uint16',
  UINT8: 'uint8',
  BOOL: 'bool',
  BYTES: 'string',
};

/** The protocol's datatype in onnxruntime's words; one that we do not know stays as it is. */
export const typeOf = (datatype: string): string => types[datatype] ?? datatype;

export const datatypeOf = ({ dtype }: Tensor): string => datatypes[dtype];

/** @throws NoAnswer wrong, for a datatype that no graph of ours gives */
export function dtypeOf(datatype: string, name: string): Dtype {
  const found = (Object.keys(datatypes) as Dtype[]).find((dtype) => datatypes[dtype] === datatype);
  if (found === undefined) throw new NoAnswer('wrong', `${name} has another datatype`);
  return found;
}

/** Axes of a declared shape: -1 is open. */
export const axesOf = (shape: readonly number[]): readonly (number | string)[] =>
  shape.map((size, at) => (size >= 0 ? size : at === 0 ? 'rows' : `axis_${at}`));

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, axis) => size * axis, 1);

/** @throws NoAnswer wrong, where the bytes are not those of the shape, or a truth is neither 0 nor 1 */
export function tensorOfBytes(
  dtype: Dtype,
  shape: readonly number[],
  bytes: Uint8Array,
  name: string,
): Tensor {
  const array = arrays[dtype];
  if (bytes.byteLength !== sizeOf(shape) * array.BYTES_PER_ELEMENT)
    throw new NoAnswer('wrong', `${name} has another size than its shape`);
  if (dtype === 'bool' && bytes.some((byte) => byte > 1))
    throw new NoAnswer('wrong', `${name} holds what is no truth`);
  return { dtype, shape, data: new array(Uint8Array.from(bytes).buffer) } as Tensor;
}

/**
 * Elements for JSON, flat and row-major.
 * @throws NoAnswer cannot-travel, for NaN, an infinity, or an INT64 that a JSON reader would round
 */
export function jsonOf(tensor: Tensor, name: string): readonly (number | boolean)[] {
  const elements = Array.from<number | bigint>(tensor.data);
  if (tensor.dtype === 'bool') return elements.map(Boolean);
  const rule = tensor.dtype === 'int64' ? 'an INT64 beyond ±2^53' : 'NaN or an infinity';
  return elements.map((element) => {
    const value = Number(element);
    const travels = typeof element === 'bigint' ? Number.isSafeInteger(value) : Number.isFinite(value);
    if (travels) return value;
    throw new NoAnswer(
      'cannot-travel',
      `${name}: ${rule} cannot travel in JSON to a server without binary_tensor_data`,
    );
  });
}

/**
 * @param nested elements, flat or nested like the shape
 * @throws NoAnswer wrong, where there are not as many as the shape says, or one is of another type
 */
export function tensorOfJson(
  dtype: Dtype,
  shape: readonly number[],
  nested: readonly unknown[],
  name: string,
): Tensor {
  const elements = nested.flat(shape.length);
  if (elements.length !== sizeOf(shape))
    throw new NoAnswer('wrong', `${name} has another size than its shape`);
  if (!elements.every((element) => isOf(dtype, element)))
    throw new NoAnswer('wrong', `${name} holds an element of another type`);
  const data =
    dtype === 'int64'
      ? BigInt64Array.from(elements as (number | bigint)[], BigInt)
      : arrays[dtype].from(elements.map(Number));
  return { dtype, shape, data } as Tensor;
}

function isOf(dtype: Dtype, element: unknown): boolean {
  switch (dtype) {
    case 'bool':
      return typeof element === 'boolean' || element === 0 || element === 1;
    case 'int64':
      return Number.isSafeInteger(element);
    case 'int32':
      return Number.isInteger(element) && (element as number) === ((element as number) | 0);
    case 'float32':
    case 'float64':
      return typeof element === 'number';
  }
}
