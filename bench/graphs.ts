/** ONNX graphs of a chosen size, for benchmarks: a multi-layer perceptron with made-up weights. */
import protobuf from 'protobufjs';

const field = (id: number, type: string, repeated = false) => ({
  id,
  type,
  ...(repeated ? { rule: 'repeated' } : {}),
});

/** The part of ONNX's public schema (onnx.proto) that such a graph needs. */
const schema = protobuf.Root.fromJSON({
  nested: {
    Model: { fields: { ir: field(1, 'int64'), graph: field(7, 'Graph'), opset: field(8, 'Opset', true) } },
    Opset: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    Graph: {
      fields: {
        node: field(1, 'Node', true),
        name: field(2, 'string'),
        initializer: field(5, 'Initializer', true),
        input: field(11, 'Value', true),
        output: field(12, 'Value', true),
      },
    },
    Node: {
      fields: {
        input: field(1, 'string', true),
        output: field(2, 'string', true),
        opType: field(4, 'string'),
      },
    },
    Initializer: {
      fields: {
        dims: { ...field(1, 'int64', true), options: { packed: false } },
        dataType: field(2, 'int32'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
      },
    },
    Value: { fields: { name: field(1, 'string'), type: field(2, 'Type') } },
    Type: { fields: { tensor: field(1, 'TensorType') } },
    TensorType: { fields: { elemType: field(1, 'int32'), shape: field(2, 'Shape') } },
    Shape: { fields: { dim: field(1, 'Dim', true) } },
    Dim: { fields: { value: field(1, 'int64'), name: field(2, 'string') } },
  },
});

/** As ONNX numbers them. */
const elementTypes = { float32: 1, float64: 11 } as const;
type Element = keyof typeof elementTypes;

const value = (name: string, width: number, element: Element) => ({
  name,
  type: { tensor: { elemType: elementTypes[element], shape: { dim: [{ name: 'N' }, { value: width }] } } },
});

/** Small, of both signs, the same in every run. */
function weights(rows: number, columns: number, seed: number, element: Element): Uint8Array {
  const data = new (element === 'float32' ? Float32Array : Float64Array)(rows * columns);
  const scale = 1 / Math.sqrt(rows);
  for (let at = 0; at < data.length; at++) data[at] = Math.sin(seed + at * 12.9898) * scale;
  return new Uint8Array(data.buffer);
}

export interface Perceptron {
  readonly bytes: Uint8Array;
  readonly inputs: number;
  /** Multiplications and additions for one row. */
  readonly operations: number;
}

/** `x` [N, widths[0]] → MatMul, Relu … MatMul → `y` [N, widths.at(-1)]. */
export function perceptron(widths: readonly number[], element: Element = 'float32'): Perceptron {
  const layers = widths.slice(1).map((width, at) => ({ from: widths[at] ?? 0, to: width, at }));
  const last = layers.length - 1;
  const node = layers.flatMap(({ at }) => {
    const input = at === 0 ? 'x' : `r${at - 1}`;
    const output = at === last ? 'y' : `m${at}`;
    const multiply = { input: [input, `w${at}`], output: [output], opType: 'MatMul' };
    return at === last ? [multiply] : [multiply, { input: [output], output: [`r${at}`], opType: 'Relu' }];
  });
  const initializer = layers.map(({ from, to, at }) => ({
    dims: [from, to],
    dataType: elementTypes[element],
    name: `w${at}`,
    rawData: weights(from, to, at, element),
  }));
  const inputs = widths[0] ?? 0;
  const graph = {
    node,
    name: 'mlp',
    initializer,
    input: [value('x', inputs, element)],
    output: [value('y', widths.at(-1) ?? 0, element)],
  };
  const model = { ir: 8, graph, opset: [{ domain: '', version: 17 }] };
  const bytes = schema.lookupType('Model').encode(model).finish();
  return { bytes, inputs, operations: layers.reduce((sum, { from, to }) => sum + 2 * from * to, 0) };
}
