/** The strict JSON reader reads what JSON.parse reads and nothing else; what it refuses, it refuses as a Fault. */
import assert from 'node:assert/strict';
import { Fault } from '../src/errors.ts';
import { parseJsonObject } from '../src/fhir/json.ts';
import { bytes } from './target.ts';

export function fuzz(data: Buffer): void {
  let value: unknown;
  try {
    value = parseJsonObject(data);
  } catch (thrown) {
    if (thrown instanceof Fault && /^(malformed|unsafe)-json$/.test(thrown.code)) return;
    throw thrown;
  }
  assert.deepEqual(value, JSON.parse(data.toString('utf8')));
  assert.ok(Object.getPrototypeOf(value) === Object.prototype);
}

export const seeds = (): readonly Buffer[] =>
  ['{}', '{"a":[1,2.5e3,-0,true,null,"x\\"\\u0061"]}', '{"a":{"b":[{"c":{}}]},"d":"é\u{1f600}"}'].map(bytes);

export const dictionary = [
  '"a":1',
  '{"',
  '":',
  '\\u',
  '\\"',
  '[[',
  ']]',
  '1e999',
  '__proto__',
  'constructor',
];
