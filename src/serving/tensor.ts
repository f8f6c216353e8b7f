/**
 * Tensors of the Open Inference Protocol v2: elements row-major in one typed array, the first axis counts the rows
 * (patients). Words are strings. How they are written as JSON and as bytes: tensor-json.ts, tensor-bytes.ts.
 */
import { Refusal } from './refusal.ts';

interface TensorArrays {
  readonly FP64: Float64Array;
  readonly FP32: Float32Array;
  readonly INT64: BigInt64Array;
  readonly INT32: Int32Array;
  /** One byte each, 0 or 1. */
  readonly BOOL: Uint8Array;
  readonly BYTES: readonly string[];
}

export type Datatype = keyof TensorArrays;

/** Those of the protocol that models here take and give. */
export const datatypes = ['FP64', 'FP32', 'INT64', 'INT32', 'BOOL', 'BYTES'] as const satisfies Datatype[];

/** The protocol's other ones: known, and not taken. */
const others: readonly string[] = ['FP16', 'BF16', 'INT8', 'INT16', 'UINT8', 'UINT16', 'UINT32', 'UINT64'];

/** Elements of a tensor: as many as the product of its shape. */
export type Contents = {
  readonly [Name in Datatype]: {
    readonly datatype: Name;
    readonly data: TensorArrays[Name];
    /** 1 where JSON held null and the datatype has no NaN (INT64, INT32, BOOL); absent where it never did. */
    readonly missing?: Uint8Array;
  };
}[Datatype];

export type Tensor = { readonly name: string; readonly shape: readonly number[] } & Contents;

/** Most rows of one request. */
export const maxRows = 4096;
/** Most axes of a shape, the rows included. */
export const maxAxes = 8;
/** More elements than any body holds: before this is known nothing is allocated. */
const maxElements = 2 ** 27;

export const refuse = (where: string, rule: string): Refusal =>
  new Refusal('malformed-inference', [`${where}: ${rule}`]);

/** What is said of a datatype that is not taken; its name only where it is the protocol's. */
export const datatypeRule = (datatype: unknown): string =>
  others.some((other) => other === datatype)
    ? `${datatype} is not taken: send ${datatypes.join(', ')}`
    : `datatype is none of ${datatypes.join(', ')}`;

/** @throws Refusal malformed-inference for any that is not taken */
export function datatypeOf(datatype: string, where: string): Datatype {
  const known = datatypes.find((each) => each === datatype);
  if (known === undefined) throw refuse(where, datatypeRule(datatype));
  return known;
}

/**
 * How many elements a shape has.
 * @param where the tensor's place, for the refusal
 * @throws Refusal malformed-inference where it has no axis, no row or too many, a member that counts nothing, or a product
 *   that no body holds
 */
export function sizeOf(shape: readonly number[], where: string): number {
  if (shape.length < 1 || shape.length > maxAxes)
    throw refuse(where, `shape has not between 1 and ${maxAxes} members`);
  const [rows = 0] = shape;
  if (!Number.isSafeInteger(rows) || rows < 1) throw refuse(where, 'shape holds no row');
  if (rows > maxRows) throw refuse(where, `shape holds more than ${maxRows} rows`);
  let size = 1;
  for (const axis of shape) {
    if (!Number.isSafeInteger(axis) || axis < 1)
      throw refuse(where, 'shape holds a member that is not 1 or more');
    size *= axis;
    if (size > maxElements) throw refuse(where, 'shape holds more elements than any request');
  }
  return size;
}
