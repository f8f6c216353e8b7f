/** A body that is read in parts gives the tensors that it gives in one piece; an answer in parts is one JSON text. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Fault } from '../../src/errors.ts';
import { atOnce } from '../../src/serving/json-cuts.ts';
import { readInference, writeInference } from '../../src/serving/rest-body.ts';
import { inOneGo } from '../../src/serving/steps.ts';
import { type Datatype, datatypes, type Tensor } from '../../src/serving/tensor.ts';

/** Tensors, or the refusal in its words. */
function read(text: string): unknown {
  try {
    return inOneGo(readInference(Buffer.from(text), undefined)).request;
  } catch (thrown) {
    if (thrown instanceof Fault) return [thrown.code, ...thrown.details];
    throw thrown;
  }
}

const gap = ' '.repeat(atOnce);
/** As many parts as there can be: commas and brackets in these bodies stand outside of strings alone. */
const stretched = (text: string): string => text.replaceAll(',', `,${gap}`).replaceAll(/[[{]/g, `$&${gap}`);

const elements: Readonly<Record<Datatype, fc.Arbitrary<unknown>>> = {
  FP64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  FP32: fc.float({ noNaN: true, noDefaultInfinity: true }),
  INT64: fc.maxSafeInteger(),
  INT32: fc.integer(),
  BOOL: fc.boolean(),
  BYTES: fc.stringMatching(/^[a-zé 💊]*$/u),
};
const oddities = fc.constantFrom<unknown>(null, 0.5, 1e300, 'word', true, [], [1], {});

const nested = (flat: readonly unknown[], [axis = 1, ...more]: readonly number[]): readonly unknown[] => {
  if (more.length === 0) return flat;
  const width = flat.length / axis;
  return Array.from({ length: axis }, (_, at) => nested(flat.slice(at * width, (at + 1) * width), more));
};

const tensor = fc
  .record({
    datatype: fc.constantFrom(...datatypes),
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    isNested: fc.boolean(),
  })
  .chain(({ datatype, shape, isNested }) => {
    const length = shape.reduce((product, axis) => product * axis, 1);
    const element = fc.oneof({ weight: 40, arbitrary: elements[datatype] }, oddities);
    return fc
      .array(element, { minLength: length, maxLength: length })
      .map((flat) => ({ name: 'x', datatype, shape, data: isNested ? nested(flat, shape) : flat }));
  });

const bodies = fc.record({
  inputs: fc.array(tensor, { minLength: 1, maxLength: 3 }),
  parameters: fc.record({ allow_abstention: fc.boolean(), priority: fc.nat({ max: 2 }) }),
});

const numbers = Float64Array.from({ length: 20_000 }, (_, at) => (at % 5 === 0 ? Number.NaN : at / 7));
const columns: readonly Tensor[] = [
  { name: 'number', shape: [20_000], datatype: 'FP64', data: numbers },
  {
    name: 'long',
    shape: [3000],
    datatype: 'INT64',
    data: BigInt64Array.from({ length: 3000 }, (_, at) => BigInt(at)),
  },
  {
    name: 'flag',
    shape: [4096],
    datatype: 'BOOL',
    data: Uint8Array.from({ length: 4096 }, (_, at) => at % 2),
  },
  {
    name: 'word',
    shape: [4096],
    datatype: 'BYTES',
    data: Array.from({ length: 4096 }, (_, at) => `é💊"${at}`),
  },
];

describe('bodies of the inference API', () => {
  it('give the same tensors, or refusal, in parts and in one piece', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const text = JSON.stringify(body);
        assert.deepEqual(read(stretched(text)), read(text));
      }),
      { numRuns: 300 },
    );
  }).timeout(60_000);

  for (const [what, shape, width] of [
    ['flat', [4096, 16], 0],
    ['in rows', [4096, 16], 16],
    ['in long rows', [2, 32_768], 32_768],
  ] as const) {
    it(`hold 65,536 numbers, ${what}`, () => {
      const flat = Array.from({ length: 65_536 }, (_, at) => (at % 9 === 0 ? null : at / 3));
      const data = width === 0 ? flat : nested(flat, shape);
      const text = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP64', shape, data }] });
      const { inputs } = read(text) as { readonly inputs: readonly Tensor[] };
      const expected = Float64Array.from(flat, (each) => each ?? Number.NaN);
      assert.deepEqual(inputs, [{ name: 'x', datatype: 'FP64', shape, data: expected }]);
    });
  }

  it('long answers are one JSON text, with bytes behind it', async () => {
    const response = { model: 'm', version: '1', digest: 'd', id: 'ü', outputs: columns };
    const { head, tail } = await writeInference(response, (name) => name === 'flag');
    assert.ok(head.length > 1);
    const { outputs, ...rest } = JSON.parse(Buffer.concat(head).toString());
    assert.deepEqual(rest, { model_name: 'm', model_version: '1', id: 'ü', parameters: { digest: 'd' } });
    assert.deepEqual(
      outputs.map(({ data }: { data?: readonly unknown[] }) => data),
      [
        Array.from(numbers, (each) => (Number.isNaN(each) ? null : each)),
        Array.from({ length: 3000 }, (_, at) => at),
        undefined,
        columns[3]?.data,
      ],
    );
    assert.deepEqual(outputs[2].parameters, { binary_data_size: 4096 });
    assert.deepEqual(Buffer.concat(tail), Buffer.from(columns[2]?.data as Uint8Array));
  });

  it('an answer without outputs is one too', async () => {
    const { head } = await writeInference({ model: 'm', version: '1', digest: 'd', outputs: [] }, () => true);
    assert.deepEqual(JSON.parse(Buffer.concat(head).toString()).outputs, []);
  });
});
