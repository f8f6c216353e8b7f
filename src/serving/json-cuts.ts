/** Where a long JSON text is cut into parts that JSON.parse reads one by one: at commas, found by brackets and quotes alone. */
import { Fault } from '../errors.ts';
import { maxDepth } from '../fhir/json.ts';
import type { Steps } from './steps.ts';

/** Bytes that are read before others get their turn; an array or object that is shorter is never cut. */
export const atOnce = 32 * 1024;

/** A long array or object, or the whole text. */
export interface Long {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly Part[];
}

/** Members, without the commas around them. A long one stands alone in its part. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly long: Long | undefined;
}

/** What is open: from its bracket on; its part and its member that are not over begin where they say. */
interface Frame {
  from: number;
  part: number;
  member: number;
  parts: Part[];
  long: Long | undefined;
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const marks = [quote, colon, comma, openArray, closeArray, openObject, closeObject];
const isMark = Uint8Array.from({ length: 256 }, (_, byte) => Number(marks.includes(byte)));

/**
 * The whole text with its cuts, and how many names it holds, in steps. What is no JSON is cut too: then some part is none.
 * @throws Fault unsafe-json (deeper than the strict reader takes), malformed-json (brackets or a string that do not close)
 */
export function* cutsOf(bytes: Buffer): Steps<{ readonly text: Long; readonly names: number }> {
  const frames = Array.from({ length: maxDepth + 1 }, () => begin(frameAt(), -1));
  const [text, outside] = [frames[0] ?? frameAt(), frameAt()];
  let [depth, names, turn, isClosed] = [0, 0, atOnce, true];
  for (let at = nextMark(bytes, 0); at < bytes.length; at = nextMark(bytes, at + 1)) {
    if (at >= turn) {
      turn = at + atOnce;
      yield;
    }
    const mark = bytes[at];
    if (mark === quote) at = endOfString(bytes, at + 1);
    else if (mark === colon) names += 1;
    else if (mark === comma) passComma(frames[depth] ?? outside, at);
    else if (mark === openArray || mark === openObject) {
      depth += 1;
      if (depth > maxDepth) throw new Fault('unsafe-json', [`deeper than ${maxDepth} levels`]);
      const frame = begin(frames[depth] ?? outside, at);
      if (mark === openArray) at = passScalars(bytes, frame);
    } else {
      depth -= 1;
      isClosed &&= depth >= 0;
      close(frames[depth + 1] ?? outside, frames[depth] ?? outside, at);
    }
    if (at >= bytes.length) isClosed = false;
  }
  if (!isClosed || depth !== 0) throw new Fault('malformed-json');
  cut(text, bytes.length);
  return { text: { from: 0, to: bytes.length, parts: text.parts }, names };
}

const frameAt = (): Frame => ({ from: 0, part: 0, member: 0, parts: [], long: undefined });

function begin(frame: Frame, at: number): Frame {
  frame.from = at;
  frame.part = at + 1;
  frame.member = at + 1;
  frame.long = undefined;
  if (frame.parts.length > 0) frame.parts = [];
  return frame;
}

function cut(frame: Frame, at: number): void {
  frame.parts.push({ from: frame.part, to: at, long: frame.long });
  frame.part = at + 1;
  frame.long = undefined;
}

function passComma(frame: Frame, at: number): void {
  if (frame.long !== undefined || at - frame.part >= atOnce) cut(frame, at);
  frame.member = at + 1;
}

function close(frame: Frame, around: Frame, at: number): void {
  if (at - frame.from < atOnce) return;
  cut(frame, at);
  if (around.member > around.part) cut(around, around.member - 1);
  around.long = { from: frame.from, to: at + 1, parts: frame.parts };
}

function nextMark(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isMark[bytes[at] ?? 0] === 0) at++;
  return at;
}

/** Index of the closing quote; where there is none, one behind the end or more. */
function endOfString(bytes: Buffer, from: number): number {
  let at = from;
  for (; at < bytes.length; at++) {
    if (bytes[at] === backslash) at++;
    else if (bytes[at] === quote) return at;
  }
  return at;
}

/** So many bytes are looked at one by one before it is thought that scalars follow for long. */
const glance = 64;

/**
 * Behind an array's opening bracket: the last byte of its scalars where it holds many and nothing else, found at the speed
 * of memory; else the bracket.
 */
function passScalars(bytes: Buffer, frame: Frame): number {
  for (let at = frame.part; at < frame.part + glance; at++)
    if (bytes[at] !== comma && isMark[bytes[at] ?? 0] === 1) return frame.from;
  const end = bytes.indexOf(closeArray, frame.part + glance);
  if (end === -1) return frame.from;
  const inside = bytes.subarray(frame.part, end);
  if ([openArray, quote, openObject, closeObject, colon].some((mark) => inside.includes(mark)))
    return frame.from;
  for (;;) {
    const at = bytes.indexOf(comma, frame.part + atOnce);
    if (at === -1 || at > end) return end - 1;
    cut(frame, at);
  }
}
