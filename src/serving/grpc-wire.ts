/**
 * A ModelInferRequest on the wire. Two bytes there can be an object here: everything is counted before protobuf makes any,
 * so that a small message cannot hold up the event loop, on which hooks are answered too.
 */
import { Refusal } from './refusal.ts';
import { maxTensors } from './schema.ts';
import { maxRows } from './tensor.ts';

/** Typed elements of one message: 64 whole columns, several times what any model takes. Raw ones are bytes, and cost none. */
export const maxElements = 64 * maxRows;
/** inputs, outputs and raw contents, beside name, version, id and parameters. */
const maxParts = 3 * maxTensors + 32;
/** Of one input: name, datatype, shape, contents, parameters. */
const maxTensorParts = 32;

/** Field numbers of the .proto. */
const inputsField = 5;
const shapeField = 3;
const contentsField = 5;

/** @throws Refusal malformed-inference where it holds more than any request needs, or is no protobuf */
export function refuseCrowded(message: Uint8Array): void {
  const whole = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  let elements = 0;
  for (const part of partsOf(whole, maxParts)) {
    if (part.field !== inputsField) continue;
    for (const member of partsOf(part.bytes, maxTensorParts)) {
      if (member.field === shapeField) elements += elementsIn(member, varints);
      if (member.field !== contentsField) continue;
      for (const some of partsOf(member.bytes, maxElements - elements)) {
        elements += elementsIn(some, countOf[some.field]);
        if (elements > maxElements) throw crowded();
      }
    }
  }
}

const crowded = (): Refusal =>
  new Refusal('malformed-inference', ['the message holds more entries than any request needs']);
const broken = (): Refusal => new Refusal('malformed-inference', ['the message is not a ModelInferRequest']);

/** Every varint ends in one byte below 0x80. */
function varints(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) if ((bytes[at] ?? 0) < 0x80) count++;
  return count;
}

/** InferTensorContents, packed: how many elements some bytes are. Strings and what is unknown are one each. */
const countOf: Readonly<Record<number, (bytes: Buffer) => number>> = {
  1: varints,
  2: varints,
  3: varints,
  4: varints,
  5: varints,
  6: ({ length }) => length / 4,
  7: ({ length }) => length / 8,
};

interface Part {
  readonly field: number;
  readonly wireType: number;
  readonly bytes: Buffer;
}

const lengthDelimited = 2;
const elementsIn = ({ wireType, bytes }: Part, count: ((bytes: Buffer) => number) | undefined): number =>
  wireType === lengthDelimited && count !== undefined ? count(bytes) : 1;

/** The fields of a message in their order. @throws Refusal where there are more than `most`, or one breaks off */
function* partsOf(message: Buffer, most: number): Generator<Part> {
  let at = 0;
  for (let count = 1; at < message.length; count++) {
    if (count > most) throw crowded();
    const tag = varint(message, at);
    const wireType = tag.value & 7;
    const { from, to } = extentOf(message, wireType, tag.end);
    if (to > message.length) throw broken();
    yield { field: tag.value >>> 3, wireType, bytes: message.subarray(from, to) };
    at = to;
  }
}

/** Where the value behind a tag begins and ends (protobuf wire types; proto3 has no groups). */
function extentOf(
  message: Buffer,
  wireType: number,
  at: number,
): { readonly from: number; readonly to: number } {
  switch (wireType) {
    case 0:
      return { from: at, to: varint(message, at).end };
    case 1:
      return { from: at, to: at + 8 };
    case lengthDelimited: {
      const { value: length, end } = varint(message, at);
      return { from: end, to: end + length };
    }
    case 5:
      return { from: at, to: at + 4 };
    default:
      throw broken();
  }
}

/** The low 32 bits are enough for tags and lengths. */
function varint(message: Buffer, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = message[at + index];
    if (byte === undefined) break;
    if (index < 5) value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return { value: value >>> 0, end: at + index + 1 };
  }
  throw broken();
}
