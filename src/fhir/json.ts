import { isUtf8 } from 'node:buffer';
import { Fault } from '../errors.ts';

/** Levels of arrays and objects. */
export const maxDepth = 64;

/** Could it reach a prototype? */
const isForbidden = (key: string): boolean =>
  key === '__proto__' || key === 'constructor' || key === 'prototype';

/**
 * One JSON object from raw bytes, strictly: UTF-8 without a byte order mark, unique keys (RFC 8259 §4 and
 * FHIR R4 JSON leave repeated ones undefined), no key that could reach a prototype, at most 64 levels, every
 * number finite (`1e999` would become Infinity).
 *
 * @throws Fault malformed-json (not one JSON object in UTF-8), unsafe-json (the rest); details never quote.
 */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(buffer)) throw new Fault('malformed-json');
  const text = buffer.toString('utf8');
  const names = countNames(text);
  const value = parseJson(text);
  if (!isObject(value)) throw new Fault('malformed-json');
  if (countKeys(value) !== names) throw new Fault('unsafe-json', ['a key is repeated']);
  return value;
}

/** @throws Fault malformed-json */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the body: it is dropped.
    throw new Fault('malformed-json');
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * How many names stand in the text, and whether its nesting is bearable: read before the text is parsed. A
 * repeated key swallows the earlier value with all its names, so the parsed value then holds fewer keys.
 */
function countNames(text: string): number {
  let names = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at + 1);
    else if (code === colon) names++;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) throw new Fault('unsafe-json', [`deeper than ${maxDepth} levels`]);
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return names;
}

/** Index of the closing quote; the text's length where there is none. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/**
 * How many keys a value holds that JSON.parse gave.
 * @throws Fault unsafe-json (a key that could reach a prototype, a number that is not finite)
 */
export function countKeys(value: unknown): number {
  if (typeof value === 'number') refuseInfinite(value);
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'number') refuseInfinite(item);
      else keys += countKeys(item);
    }
    return keys;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    if (isForbidden(key)) throw new Fault('unsafe-json', ['a key is forbidden']);
    const item = object[key];
    keys += typeof item === 'string' ? 1 : 1 + countKeys(item);
  }
  return keys;
}

function refuseInfinite(value: number): void {
  if (!Number.isFinite(value)) throw new Fault('unsafe-json', ['a number is too large']);
}
