/**
 * Tensors of the Open Inference Protocol v2, as JSON and as bytes (Triton's binary tensor data extension; the same bytes
 * are gRPC's raw contents). Every tensor here is one column: one element for each row.
 */
import { Refusal } from './refusal.ts';

/** Those of the protocol that our models take and give. */
export const datatypes = ['FP64', 'FP32', 'INT64', 'BOOL', 'BYTES'] as const;
export type Datatype = (typeof datatypes)[number];

/** `null` is nothing: NaN, JSON's null, a BYTES element of no bytes. */
export type Element = number | boolean | string | null;

export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly column: readonly Element[];
}

/** Most rows of one request. */
export const maxRows = 4096;

const refuse = (where: string, rule: string): Refusal =>
  new Refusal('malformed-inference', [`${where}: ${rule}`]);

/**
 * How many rows a shape has.
 * @param where the tensor's place, for the refusal
 * @throws Refusal malformed-inference where it is neither [rows] nor [rows, 1], or has no rows or too many
 */
export function rowsOf(shape: readonly number[], where: string): number {
  const [rows = 0, width = 1] = shape;
  if (shape.length < 1 || shape.length > 2 || width !== 1)
    throw refuse(where, 'shape is neither [rows] nor [rows, 1]');
  if (!Number.isSafeInteger(rows) || rows < 1) throw refuse(where, 'shape holds no row');
  if (rows > maxRows) throw refuse(where, `shape holds more than ${maxRows} rows`);
  return rows;
}

/**
 * The column of JSON data, flat or nested like its shape.
 * @throws Refusal malformed-inference where an element is not of the datatype, or there are not as many as rows
 */
export function columnOfJson(
  datatype: Datatype,
  rows: number,
  data: readonly unknown[],
  where: string,
): readonly Element[] {
  if (data.length !== rows) throw refuse(where, 'data holds another number of elements than its shape');
  return data.map((item) => {
    const raw = Array.isArray(item) && item.length === 1 ? item[0] : item;
    const element = raw === null ? null : elementOf(datatype, raw);
    if (element === undefined) throw refuse(where, `data holds an element that is not ${datatype}`);
    return element;
  });
}

/** An element as its datatype holds it; a string without characters is none. Undefined for one of another type. */
export function elementOf(datatype: Datatype, raw: unknown): Element | undefined {
  switch (datatype) {
    case 'FP64':
      return typeof raw === 'number' ? orNull(raw) : undefined;
    case 'FP32':
      return typeof raw === 'number' ? orNull(Math.fround(raw)) : undefined;
    case 'INT64':
      return Number.isSafeInteger(raw) ? (raw as number) : undefined;
    case 'BOOL':
      return typeof raw === 'boolean' ? raw : undefined;
    case 'BYTES':
      return typeof raw === 'string' ? raw || null : undefined;
  }
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Bytes of one element; BYTES have each their own length. */
const widths: Readonly<Record<Exclude<Datatype, 'BYTES'>, number>> = { FP64: 8, FP32: 4, INT64: 8, BOOL: 1 };

/**
 * The column of little-endian bytes, without padding.
 * @throws Refusal malformed-inference where the size does not fit the rows, a BOOL is neither 0 nor 1, an INT64 is
 *   beyond ±2^53, or BYTES are not UTF-8
 */
export function columnOfBytes(
  datatype: Datatype,
  rows: number,
  bytes: Buffer,
  where: string,
): readonly Element[] {
  if (datatype === 'BYTES') return words(bytes, rows, where);
  if (bytes.length !== rows * widths[datatype])
    throw refuse(where, 'binary data have another size than its shape');
  return Array.from({ length: rows }, (_, row) => {
    const element = elementAt(datatype, bytes, row);
    if (element === undefined) throw refuse(where, `binary data hold an element that is not ${datatype}`);
    return element;
  });
}

function elementAt(datatype: Exclude<Datatype, 'BYTES'>, bytes: Buffer, row: number): Element | undefined {
  switch (datatype) {
    case 'FP64':
      return orNull(bytes.readDoubleLE(row * 8));
    case 'FP32':
      return orNull(bytes.readFloatLE(row * 4));
    case 'INT64':
      return elementOf('INT64', Number(bytes.readBigInt64LE(row * 8)));
    case 'BOOL':
      return ([false, true] as const)[bytes.readUInt8(row)];
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Each element is its length (four bytes) and its bytes. */
function words(bytes: Buffer, rows: number, where: string): readonly Element[] {
  const column: Element[] = [];
  let at = 0;
  while (column.length < rows && at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    column.push(wordOf(bytes.subarray(at + 4, end), where));
    at = end;
  }
  if (column.length !== rows || at !== bytes.length)
    throw refuse(where, 'binary data have another size than its shape');
  return column;
}

/** @throws Refusal malformed-inference where it is not UTF-8 */
export function wordOf(bytes: Uint8Array, where: string): string | null {
  try {
    return utf8.decode(bytes) || null;
  } catch {
    throw refuse(where, 'BYTES are not UTF-8');
  }
}

/** The column as JSON data: nothing is null, and an empty string where it is BYTES. */
export const jsonOf = ({ datatype, column }: Tensor): readonly Element[] =>
  datatype === 'BYTES' ? column.map((element) => element ?? '') : column;

/** The column as bytes: nothing is NaN, and no bytes where it is BYTES. */
export function bytesOf({ datatype, column }: Tensor): Buffer {
  if (datatype === 'BYTES') return Buffer.concat(column.flatMap((element) => lengthAndBytes(element)));
  const width = widths[datatype];
  const bytes = Buffer.alloc(column.length * width);
  for (const [row, element] of column.entries()) {
    const at = row * width;
    const value = element === null ? Number.NaN : Number(element);
    if (datatype === 'FP64') bytes.writeDoubleLE(value, at);
    else if (datatype === 'FP32') bytes.writeFloatLE(value, at);
    else if (datatype === 'INT64') bytes.writeBigInt64LE(BigInt(value), at);
    else bytes.writeUInt8(value, at);
  }
  return bytes;
}

function lengthAndBytes(element: Element): readonly Buffer[] {
  const bytes = Buffer.from(element === null ? '' : String(element));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
}
