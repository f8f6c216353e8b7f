/**
 * Elements of a tensor as bytes (Triton's binary tensor data extension; the same bytes are gRPC's raw contents):
 * little-endian without padding, as in the memory of every machine that onnxruntime runs on.
 */
import { type Contents, type Datatype, maxRows, refuse, sizeOf } from './tensor.ts';

/** Bytes of one element; BYTES have each their own length. */
const widths: Readonly<Record<Exclude<Datatype, 'BYTES'>, number>> = {
  FP64: 8,
  FP32: 4,
  INT64: 8,
  INT32: 4,
  BOOL: 1,
};

/**
 * Elements of bytes, seen where they lie if they are aligned there, else copied once.
 * @throws Refusal malformed-inference where the size does not fit the shape, a BOOL is neither 0 nor 1, or BYTES are not
 *   UTF-8
 */
export function contentsOfBytes(
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
  where: string,
): Contents {
  const size = sizeOf(shape, where);
  if (datatype === 'BYTES') return { datatype, data: words(bytes, size, where) };
  const width = widths[datatype];
  if (bytes.length !== size * width) throw refuse(where, 'binary data have another size than its shape');
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  switch (datatype) {
    case 'FP64':
      return { datatype, data: new Float64Array(buffer, byteOffset, size) };
    case 'FP32':
      return { datatype, data: new Float32Array(buffer, byteOffset, size) };
    case 'INT64':
      return { datatype, data: new BigInt64Array(buffer, byteOffset, size) };
    case 'INT32':
      return { datatype, data: new Int32Array(buffer, byteOffset, size) };
    case 'BOOL':
      if (bytes.some((byte) => byte > 1)) throw refuse(where, 'binary data hold an element that is not BOOL');
      return { datatype, data: bytes };
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Each element is its length (four bytes) and its bytes. No model has more than one word for each row. */
function words(bytes: Uint8Array, size: number, where: string): readonly string[] {
  if (size > maxRows) throw refuse(where, `BYTES hold more than ${maxRows} elements`);
  const { buffer, byteOffset, byteLength } = bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  const data: string[] = [];
  let at = 0;
  while (data.length < size && at + 4 <= byteLength) {
    const end = at + 4 + view.getUint32(at, true);
    if (end > byteLength) break;
    data.push(wordOf(bytes.subarray(at + 4, end), where));
    at = end;
  }
  if (data.length !== size || at !== byteLength)
    throw refuse(where, 'binary data have another size than its shape');
  return data;
}

/** @throws Refusal malformed-inference where it is not UTF-8 */
export function wordOf(bytes: Uint8Array, where: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse(where, 'BYTES are not UTF-8');
  }
}

/** The elements as bytes, seen where they lie; words are their lengths and their bytes. */
export function bytesOf({ datatype, data }: Contents): Buffer {
  if (datatype === 'BYTES') return Buffer.concat(data.flatMap(lengthAndBytes));
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function lengthAndBytes(word: string): readonly Buffer[] {
  const bytes = Buffer.from(word);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
}
