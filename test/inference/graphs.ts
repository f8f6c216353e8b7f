/** Small ONNX graphs, written byte by byte (onnx.proto3, protocol buffers wire format): opset 17, IR 8. */

/** TensorProto.DataType */
const elementTypes = { float32: 1, int64: 7, bool: 9, float64: 11 } as const;
type ElementType = keyof typeof elementTypes;

/** A value's name, type and axes; a word is an open size. */
export interface Value {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface Constant {
  readonly name: string;
  readonly dtype: 'float32' | 'float64';
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** `[operator, inputs, output, attributes of whole numbers]` */
export type Node = readonly [string, readonly string[], string, Readonly<Record<string, number>>?];

export interface Graph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly constants?: readonly Constant[];
  readonly nodes: readonly Node[];
}

/** The bytes of a model file. */
export function onnxBytes({ inputs, outputs, constants = [], nodes }: Graph): Uint8Array {
  const graph = [
    ...nodes.map((node, at) => message(1, nodeBytes(node, at))),
    text(2, 'graph'),
    ...constants.map((constant) => message(5, constantBytes(constant))),
    ...inputs.map((value) => message(11, valueBytes(value))),
    ...outputs.map((value) => message(12, valueBytes(value))),
  ];
  const opset = message(8, joined([text(1, ''), whole(2, 17)]));
  return joined([whole(1, 8), message(7, joined(graph)), opset]);
}

const nodeBytes = ([kind, inputs, output, attributes = {}]: Node, at: number): Uint8Array =>
  joined([
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(3, `node_${at}`),
    text(4, kind),
    ...Object.entries(attributes).map(([name, value]) =>
      message(5, joined([text(1, name), whole(3, value), whole(20, 2)])),
    ),
  ]);

function constantBytes({ name, dtype, shape, data }: Constant): Uint8Array {
  const numbers = dtype === 'float32' ? Float32Array.from(data) : Float64Array.from(data);
  const dims = shape.map((size) => whole(1, size));
  return joined([
    ...dims,
    whole(2, elementTypes[dtype]),
    text(8, name),
    message(9, new Uint8Array(numbers.buffer)),
  ]);
}

function valueBytes({ name, dtype, shape }: Value): Uint8Array {
  const dims = shape.map((size) => message(1, typeof size === 'number' ? whole(1, size) : text(2, size)));
  const tensor = joined([whole(1, elementTypes[dtype]), message(2, joined(dims))]);
  return joined([text(1, name), message(2, message(1, tensor))]);
}

const whole = (field: number, value: number): Uint8Array => joined([varint(field * 8), varint(value)]);
const text = (field: number, value: string): Uint8Array => message(field, new TextEncoder().encode(value));
const message = (field: number, bytes: Uint8Array): Uint8Array =>
  joined([varint(field * 8 + 2), varint(bytes.length), bytes]);

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
