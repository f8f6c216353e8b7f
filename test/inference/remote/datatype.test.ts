import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  axesOf,
  datatypeOf,
  dtypeOf,
  jsonOf,
  tensorOfBytes,
  tensorOfJson,
  typeOf,
} from '../../../src/inference/remote/datatype.ts';
import { bytesOf, type Tensor } from '../../../src/inference/tensor.ts';

const numbers: fc.Arbitrary<Tensor> = fc.oneof(
  fc
    .float64Array({ noNaN: true, noDefaultInfinity: true })
    .map((data) => ({ dtype: 'float64' as const, shape: [data.length], data })),
  fc
    .float32Array({ noNaN: true, noDefaultInfinity: true })
    .map((data) => ({ dtype: 'float32' as const, shape: [data.length, 1], data })),
  fc.int32Array().map((data) => ({ dtype: 'int32' as const, shape: [data.length], data })),
  fc.array(fc.maxSafeInteger()).map((values) => ({
    dtype: 'int64' as const,
    shape: [values.length],
    data: BigInt64Array.from(values, BigInt),
  })),
  fc.array(fc.boolean()).map((values) => ({
    dtype: 'bool' as const,
    shape: [values.length],
    data: Uint8Array.from(values, Number),
  })),
);

const without0 = ({ data }: Tensor) =>
  Array.from<number | bigint>(data).map((value) => (value === 0 ? 0 : value));

describe('tensors on the wire', () => {
  it('come back from bytes as they went, NaN included', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          numbers,
          fc.float32Array().map((data): Tensor => ({ dtype: 'float32', shape: [data.length], data })),
        ),
        (tensor) => {
          const back = tensorOfBytes(dtypeOf(datatypeOf(tensor), 't'), tensor.shape, bytesOf(tensor), 't');
          assert.deepEqual(back, tensor);
        },
      ),
    );
  });

  it('come back from JSON as they went', () => {
    fc.assert(
      fc.property(numbers, (tensor) => {
        const data = JSON.parse(JSON.stringify(jsonOf(tensor, 't')));
        const back = tensorOfJson(tensor.dtype, tensor.shape, data, 't');
        assert.deepEqual(without0(back), without0(tensor));
      }),
    );
  });

  it('are views of their own part of a memory', () => {
    const data = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    assert.deepEqual(bytesOf({ dtype: 'float32', shape: [2], data }).length, 8);
    const bytes = Buffer.concat([Buffer.alloc(3), bytesOf({ dtype: 'float32', shape: [2], data })]).subarray(
      3,
    );
    assert.deepEqual([...tensorOfBytes('float32', [2], bytes, 't').data], [2, 3]);
  });

  it('that JSON cannot carry are refused by name, without their value', () => {
    const cases: readonly Tensor[] = [
      { dtype: 'float32', shape: [2], data: Float32Array.of(1, Number.NaN) },
      { dtype: 'float64', shape: [1], data: Float64Array.of(Number.POSITIVE_INFINITY) },
      { dtype: 'int64', shape: [1], data: BigInt64Array.of(2n ** 53n) },
    ];
    for (const tensor of cases)
      assert.throws(() => jsonOf(tensor, 'x'), { reason: 'cannot-travel', message: /x: .* JSON/ });
  });

  it('are read nested too', () => {
    assert.deepEqual(
      [
        ...tensorOfJson(
          'float64',
          [2, 2],
          [
            [1, 2],
            [3, 4],
          ],
          't',
        ).data,
      ],
      [1, 2, 3, 4],
    );
  });

  const wrong: readonly (readonly [string, () => unknown])[] = [
    ['a datatype that no graph of ours gives', () => dtypeOf('FP16', 't')],
    ['fewer bytes than the shape', () => tensorOfBytes('float32', [2], Buffer.alloc(4), 't')],
    ['a truth of 2', () => tensorOfBytes('bool', [1], Buffer.of(2), 't')],
    ['fewer elements than the shape', () => tensorOfJson('float32', [2], [1], 't')],
    ['null', () => tensorOfJson('float32', [1], [null], 't')],
    ['a string', () => tensorOfJson('float64', [1], ['1'], 't')],
    ['a fraction as int64', () => tensorOfJson('int64', [1], [0.5], 't')],
    ['an int32 beyond its range', () => tensorOfJson('int32', [1], [2 ** 31], 't')],
  ];
  for (const [what, read] of wrong) it(`refuses ${what}`, () => assert.throws(read, { reason: 'wrong' }));

  it('are declared in the words of onnxruntime, open axes by a name', () => {
    assert.deepEqual(['FP32', 'INT64', 'BOOL', 'BYTES', 'NEW'].map(typeOf), [
      'float32',
      'int64',
      'bool',
      'string',
      'NEW',
    ]);
    assert.deepEqual(axesOf([-1, 28, -1]), ['rows', 28, 'axis_2']);
  });
});
