/** The way of tensors to the process and back. */
import assert from 'node:assert/strict';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import {
  type Packed,
  type PackedMixture,
  pack,
  packMixture,
  unpack,
  unpackMixture,
} from '../../../src/inference/runner/packed.ts';
import type { Tensor } from '../../../src/inference/tensor.ts';
import { mixtures } from '../mixtures.ts';

const elements = { maxLength: 9 };
const data = fc.oneof(
  fc.float64Array(elements).map((each) => ({ dtype: 'float64' as const, data: each })),
  fc.float32Array(elements).map((each) => ({ dtype: 'float32' as const, data: each })),
  fc.bigInt64Array(elements).map((each) => ({ dtype: 'int64' as const, data: each })),
  fc.int32Array(elements).map((each) => ({ dtype: 'int32' as const, data: each })),
  fc.uint8Array({ ...elements, max: 1 }).map((each) => ({ dtype: 'bool' as const, data: each })),
);
const tensor = fc
  .record({ data, axes: fc.array(fc.nat(4), { maxLength: 3 }) })
  .map(({ data: each, axes }): Tensor => ({ ...each, shape: [each.data.length, ...axes] }));
const tensors = fc.dictionary(fc.string({ minLength: 1 }), tensor, { maxKeys: 6, noNullPrototype: true });

describe('packed tensors', () => {
  it('come out as they went in, bit by bit, also where the shape does not fit the elements', () => {
    fc.assert(fc.property(tensors, (given) => assert.deepEqual(unpack(pack(given)), given)));
  });

  it('come out of a clone, wherever its bytes lie', () => {
    fc.assert(
      fc.property(tensors, fc.nat(7), (given, shift) => {
        const { layout, bytes } = deserialize(serialize(pack(given))) as Packed;
        const moved = new Uint8Array(bytes.length + shift).subarray(shift);
        moved.set(bytes);
        assert.deepEqual(unpack({ layout, bytes: moved }), given);
      }),
    );
  });

  it('mixtures come out of a clone as they went in', () => {
    fc.assert(
      fc.property(mixtures, (given) => {
        const cloned = deserialize(serialize(packMixture(given))) as PackedMixture;
        assert.deepEqual(unpackMixture(cloned), given);
      }),
    );
  });

  it('a part of a larger array takes only its own bytes along', () => {
    const part = Float64Array.of(1, 2, 3, 4).subarray(1, 3);
    const packed = pack({ x: { dtype: 'float64', shape: [2], data: part } });
    assert.equal(packed.bytes.length, 16);
    assert.deepEqual(unpack(packed).x?.data, Float64Array.of(2, 3));
  });
});
