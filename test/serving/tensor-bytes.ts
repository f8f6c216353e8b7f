/** Tensors in bytes, written and read apart from the code under test. */
import assert from 'node:assert/strict';
import type { Answer, InferAnswer, JsonTensor } from './served.ts';

export function bytes({ datatype, data }: JsonTensor): Buffer {
  const parts = data.map((item) => {
    if (datatype === 'BYTES') {
      const word = Buffer.from(String(item ?? ''));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(word.length);
      return Buffer.concat([length, word]);
    }
    if (datatype === 'BOOL') return Buffer.from([item === true ? 1 : 0]);
    return Buffer.from(new Uint8Array(new Float64Array([item === null ? Number.NaN : Number(item)]).buffer));
  });
  return Buffer.concat(parts);
}

export function columnOf(datatype: string, rows: number, part: Buffer): readonly unknown[] {
  let at = 0;
  return Array.from({ length: rows }, (_, row) => {
    if (datatype === 'FP64') return part.readDoubleLE(row * 8);
    if (datatype === 'BOOL') return part[row] === 1;
    const end = at + 4 + part.readUInt32LE(at);
    const word = part.subarray(at + 4, end).toString();
    at = end;
    return word;
  });
}

/** A body of REST: JSON, and every tensor behind it. */
export function body(
  tensors: readonly JsonTensor[],
  parameters: object = {},
): { body: Buffer; json: number } {
  const parts = tensors.map(bytes);
  const inputs = tensors.map(({ data: _, ...tensor }, at) => ({
    ...tensor,
    parameters: { binary_data_size: parts[at]?.length },
  }));
  const head = Buffer.from(JSON.stringify({ parameters, inputs }));
  return { body: Buffer.concat([head, ...parts]), json: head.length };
}

/** The columns of an answer that is all in bytes. */
export function read(answer: Answer): Readonly<Record<string, readonly unknown[]>> {
  const length = Number(answer.header('inference-header-content-length'));
  const head = JSON.parse(answer.bytes.subarray(0, length).toString()) as InferAnswer;
  let at = length;
  const columns = head.outputs.map(({ name, datatype, shape: [rows = 0], parameters, data }) => {
    assert.equal(data, undefined);
    const part = answer.bytes.subarray(at, at + (parameters?.binary_data_size ?? 0));
    at += part.length;
    return [name, columnOf(datatype, rows, part)] as const;
  });
  assert.equal(at, answer.bytes.length);
  return Object.fromEntries(columns);
}
