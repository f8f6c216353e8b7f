/** ONNX graphs of one node, written by hand: onnx.proto3 of ONNX 1.12, IR 8, opset 17. */
import type { Tensor } from '../../../src/inference/tensor.ts';

/** TensorProto.DataType. */
export const elementTypes = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 } as const;
export type ElementType = keyof typeof elementTypes;

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

/** A field of protobuf: a whole number. */
export const number = (field: number, value: number): Buffer =>
  Buffer.from([...varint(field * 8), ...varint(value)]);
/** A field of bytes: text, or fields one after another. */
export const bytes = (field: number, ...parts: readonly (Uint8Array | string)[]): Buffer => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
};

/** A value with one open axis: rows. */
export const column = (name: string, type: ElementType): Buffer =>
  Buffer.concat([
    bytes(1, name),
    bytes(2, bytes(1, number(1, elementTypes[type]), bytes(2, bytes(1, bytes(2, 'rows'))))),
  ]);

interface SmallGraph {
  readonly operator: 'Identity' | 'Neg' | 'Exp' | 'Cast';
  readonly type?: ElementType;
  /** Of the output: Cast. Absent: that of the input. */
  readonly to?: ElementType;
  /** Letters of a doc string, which make the file longer. */
  readonly padding?: number;
}

/** `x` [rows] → `y` [rows]. */
export function smallGraph({ operator, type = 'float64', to = type, padding = 0 }: SmallGraph): Uint8Array {
  const cast =
    operator === 'Cast' ? [bytes(5, bytes(1, 'to'), number(3, elementTypes[to]), number(20, 2))] : [];
  const node = bytes(1, bytes(1, 'x'), bytes(2, 'y'), bytes(4, operator), ...cast);
  const graph = bytes(7, node, bytes(2, 'small'), bytes(11, column('x', type)), bytes(12, column('y', to)));
  return Buffer.concat([number(1, 8), bytes(6, 'd'.repeat(padding)), graph, bytes(8, number(2, 17))]);
}

/** One batch of `x`. */
export const batchOf = (x: Tensor) => ({ rows: x.data.length, feeds: { x }, fetches: ['y'] });
