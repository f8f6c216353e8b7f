/** What is counted of a ModelInferRequest before it is read. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maxElements, refuseCrowded } from '../../src/serving/grpc-wire.ts';
import { Refusal } from '../../src/serving/refusal.ts';
import { inferRequestBytes } from './grpc-client.ts';

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
/** One length-delimited field. */
const field = (number: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(content.length)]), content]);
const many = (count: number, entry: Uint8Array): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => entry));
const nothing = Buffer.alloc(0);

const refused = (message: Uint8Array): void =>
  assert.throws(
    () => refuseCrowded(message),
    (thrown) => thrown instanceof Refusal && thrown.status === 400,
  );

describe('a ModelInferRequest on the wire', () => {
  it('passes where it is as large as a request may be', () => {
    const word = Buffer.from('female');
    const column = (datatype: string, contents: object) => ({
      name: 'x',
      datatype,
      shape: [4096, 1],
      contents,
    });
    const largest = [
      column('BYTES', { bytes_contents: Array.from({ length: 4096 }, () => word) }),
      column('FP64', { fp64_contents: Array.from({ length: 4096 }, () => Number.NaN) }),
      column('INT64', { int64_contents: Array.from({ length: 4096 }, () => -1) }),
    ];
    const inputs = Array.from({ length: 63 }, (_, at) => largest[at % 3]);
    const outputs = inputs.map(() => ({
      name: '10yr_ascvd',
      parameters: { binary_data: { bool_param: true } },
    }));
    const parameters = { allow_abstention: { bool_param: true }, other: { string_param: 'x' } };
    refuseCrowded(inferRequestBytes({ model_name: 'prevent', id: 'x', inputs, outputs, parameters }));
    const described = Array.from({ length: 256 }, () => ({ name: 'x', datatype: 'FP64', shape: [4096] }));
    const raw = described.map(() => Buffer.alloc(4096 * 8));
    refuseCrowded(inferRequestBytes({ model_name: 'prevent', inputs: described, raw_input_contents: raw }));
    refuseCrowded(nothing);
  });

  it('is refused where small entries are many', () => {
    const million = 1_000_000;
    for (const number of [4, 5, 6, 7]) refused(many(million, field(number, nothing)));
    refused(field(5, many(million, field(4, nothing))));
    const tensor = (...members: readonly Buffer[]) => field(5, Buffer.concat(members));
    refused(tensor(field(3, Buffer.alloc(maxElements + 1)), field(5, field(1, Buffer.alloc(1)))));
    refused(tensor(field(5, many(maxElements + 1, field(8, nothing)))));
    refused(tensor(field(5, many(maxElements + 1, Buffer.from([0x08, 0x01])))));
    const widths = [1, 1, 1, 1, 1, 4, 8];
    for (const [at, width] of widths.entries()) {
      const packed = (count: number) => tensor(field(5, field(at + 1, Buffer.alloc(count * width))));
      refuseCrowded(packed(maxElements));
      refused(packed(maxElements + 1));
      refused(Buffer.concat([packed(maxElements / 2), packed(maxElements / 2 + 1)]));
    }
  });

  it('is refused where it breaks off or has groups', () => {
    for (const bytes of [[0x2a], [0x2a, 0x05, 0x00], [0x80], [0x0b], [0x39, 0x00], Array(20).fill(0xff)]) {
      refused(Buffer.from(bytes));
    }
  });

  it('whatever comes is passed or refused, nothing else, and changes nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const before = Buffer.from(bytes).toString('hex');
        try {
          refuseCrowded(bytes);
        } catch (thrown) {
          assert.ok(thrown instanceof Refusal);
        }
        assert.equal(Buffer.from(bytes).toString('hex'), before);
      }),
      { numRuns: 2000 },
    );
  });
});
