import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ErrorCode, Fault } from '../../src/errors.ts';
import { parseJsonObject } from '../../src/fhir/json.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const refused = (body: Buffer, code: ErrorCode): void =>
  assert.throws(
    () => parseJsonObject(body),
    (thrown) =>
      thrown instanceof Fault && thrown.code === code && !JSON.stringify(thrown.details).includes('SECRET'),
  );

describe('strict JSON', () => {
  it('reads what JSON.parse reads, for any object with unique keys', () => {
    const safe = fc
      .dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 5 }))
      .filter((value) => !/"(__proto__|constructor|prototype)"/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(safe, fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        assert.deepEqual(parseJsonObject(bytes(text)), JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads a view into a larger buffer', () => {
    assert.deepEqual(parseJsonObject(bytes('xx{"a":1}yy').subarray(2, 9)), { a: 1 });
  });

  const malformed: Record<string, Buffer> = {
    'an empty body': bytes(''),
    'text that is cut off': bytes('{"a": "SECRET'),
    'two values': bytes('{} {}'),
    'invalid UTF-8': Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
    'an overlong encoding': Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
    'a surrogate in UTF-8': Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
    'a byte order mark': bytes('\ufeff{"a":1}'),
    'UTF-16, little endian': Buffer.from('{"a":1}', 'utf16le'),
    'UTF-16, big endian, with mark': Buffer.from('\ufeff{"a":1}', 'utf16le').swap16(),
    'an array': bytes('[{"a":1}]'),
    null: bytes('null'),
    'a string': bytes('"a"'),
    NaN: bytes('{"a":NaN}'),
    'a comment': bytes('{"a":1} // SECRET'),
    'a single quote': bytes("{'a':1}"),
    'a trailing comma': bytes('{"a":1,}'),
    'a raw NUL': bytes('{"a":"\0"}'),
  };
  for (const [what, body] of Object.entries(malformed)) {
    it(`refuses ${what} as malformed`, () => refused(body, 'malformed-json'));
  }

  const unsafe: Record<string, string> = {
    'a repeated key': '{"SECRET":1,"SECRET":2}',
    'a repeated key that swallows an object': '{"a":{"b":{"c":1}},"a":1}',
    'a repeated key in another spelling': '{"a":1,"\\u0061":2}',
    'a repeated key deep inside': '{"a":[{"b":[{"c":1,"d":2,"c":3}]}]}',
    'a repeated empty key': '{"":1,"":2}',
    'a repeated __proto__': '{"__proto__":1,"__proto__":2}',
    __proto__: '{"a":{"__proto__":{"isAdmin":true}}}',
    '__proto__ in escapes': '{"__\\u0070roto__":1}',
    constructor: '{"constructor":{"prototype":{}}}',
    prototype: '{"prototype":1}',
    'a number that overflows': '{"a":[1e999]}',
    'a negative number that overflows': '{"a":-1e999}',
    '65 levels': `{"a":${'['.repeat(64)}${']'.repeat(64)}}`,
    '400,000 levels': `{"a":${'['.repeat(400_000)}${']'.repeat(400_000)}}`,
    '400,000 levels without end': `{"a":${'{"a":'.repeat(400_000)}`,
  };
  for (const [what, body] of Object.entries(unsafe)) {
    it(`refuses ${what} as unsafe`, () => refused(bytes(body), 'unsafe-json'));
  }

  const fine: Record<string, string> = {
    'colons, brackets and quotes in strings': '{"a":"[{:\\"}]\\\\","b\\\\":"\\\\\\"{{{"}',
    'the same key in sibling objects': '{"a":[{"b":1},{"b":2}],"c":{"b":3}}',
    '64 levels': `{"a":${'['.repeat(63)}${']'.repeat(63)}}`,
    'the largest number': '{"a":1.7976931348623157e308}',
  };
  for (const [what, body] of Object.entries(fine)) {
    it(`takes ${what}`, () => assert.deepEqual(parseJsonObject(bytes(body)), JSON.parse(body)));
  }

  it('never crashes: any bytes give an object or a fault of ours', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.string({ maxLength: 60 }), (raw, text) => {
        for (const body of [Buffer.from(raw), bytes(text), bytes(`{${text}}`)]) {
          try {
            assert.equal(typeof parseJsonObject(body), 'object');
          } catch (thrown) {
            assert.ok(thrown instanceof Fault);
          }
        }
      }),
      { numRuns: 5000 },
    );
  });
});
