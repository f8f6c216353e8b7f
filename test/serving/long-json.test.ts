/** Long JSON read in parts is what the strict reader makes of it in one piece, and refused where that refuses it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Fault } from '../../src/errors.ts';
import { parseJsonObject } from '../../src/fhir/json.ts';
import { atOnce } from '../../src/serving/json-cuts.ts';
import { readLongJson } from '../../src/serving/long-json.ts';
import { inOneGo, inTurns } from '../../src/serving/steps.ts';

const inParts = (bytes: Buffer): unknown => inOneGo(readLongJson(bytes));

/** The object, or the code of the refusal. */
function outcome(read: (bytes: Buffer) => unknown, bytes: Buffer): unknown {
  try {
    return { read: read(bytes) };
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code;
    throw thrown;
  }
}

function sameFor(text: string | Buffer): void {
  const bytes = Buffer.from(text);
  assert.deepEqual(outcome(inParts, bytes), outcome(parseJsonObject, bytes));
}

const gap = ' '.repeat(atOnce);
/** Made long by what means nothing, so that every comma is a place to cut at and every container is long. */
const stretched = (text: string): string => text.replaceAll(',', `,${gap}`).replaceAll(/[[{]/g, `$&${gap}`);
const numbers = (length: number): readonly number[] =>
  Array.from({ length }, (_, at) => ((at * 7919) % 10_007) / 10_007);
const many = numbers(10_000);

describe('long JSON', () => {
  const taken: Readonly<Record<string, unknown>> = {
    'a long array of numbers': { data: many, after: 1 },
    'many long arrays': { inputs: [{ data: many }, { shape: [1], data: many }, {}], id: 'x' },
    'a long array in rows': { data: Array.from({ length: 3000 }, (_, row) => [row, row / 3, null]) },
    'long rows': { data: [many, many, [], many, 1] },
    'words with brackets, commas and quotes': {
      data: Array.from({ length: 5000 }, (_, at) => `],"${at}\\" {[:,é💊`),
    },
    'numbers and the odd word': { data: [...many, 'x', ...many] },
    'numbers and the odd object': { data: [...many, { a: [] }, ...many] },
    'a long object': Object.fromEntries(many.map((value, at) => [`key ${at}`, value])),
    'long objects in a long object': { a: { 1: many, b: { c: many } }, 0: { d: many } },
    'one long word': { a: 'x\\"'.repeat(atOnce), b: 1 },
    'what the data types have': { data: many.flatMap((each) => [each, null, true, -0, 1e300, '']) },
  };
  for (const [what, value] of Object.entries(taken)) {
    for (const indent of [undefined, 2]) {
      it(`reads ${what}${indent === undefined ? '' : ', spread out'}`, () => {
        const bytes = Buffer.from(JSON.stringify(value, undefined, indent));
        assert.ok(bytes.length > atOnce);
        assert.deepEqual(inParts(bytes), JSON.parse(bytes.toString()));
      });
    }
  }

  const filled = `[${many}]`;
  const texts: Readonly<Record<string, string>> = {
    'a comma before the first': `{"a":[,${many}]}`,
    'a comma behind the last': `{"a":[${many},]}`,
    'two commas': `{"a":[${many},,${many}]}`,
    'two commas a long way apart': `{"a":[${many},${gap},${many}]}`,
    'nothing but a comma': `{"a":[${gap},${gap}]}`,
    'nothing at all': `{"a":[${gap}]}`,
    'an object of nothing': `{"a":{${gap}}}`,
    'commas in an object of nothing': `{"a":{${gap},${gap}}}`,
    'no comma between long arrays': `{"a":[${filled}${filled}]}`,
    'no comma before a long array': `{"a":[1 ${filled}]}`,
    'something behind a long array': `{"a":[${filled}x]}`,
    'digits before a long array': `{"a":[1${filled}]}`,
    'no name': `{${filled}}`,
    'no colon': `{"a" ${filled}}`,
    'two colons': `{"a"::${filled}}`,
    'a name in an array': `{"a":["b":${filled}]}`,
    'a value without a name': `{"a":1,${filled}}`,
    'a bracket of the other kind': `{"a":[${many}}}`,
    'a brace of the other kind': `{"a":{"b":${filled}]}`,
    'a bracket too many': `{"a":${filled}]}`,
    'a bracket too few': `{"a":[${filled}}`,
    'brackets the wrong way round': `}{"a":${filled}`,
    'no end': `{"a":[${many}`,
    'a string without end': `{"a":${filled},"b`,
    'a string that ends in a backslash': `{"a":${filled},"b\\`,
    'an array alone': filled,
    'a word alone': `"${gap}"`,
    'space around': `${gap}{"a":1}${gap}`,
    'space and no more': gap,
    'two texts': `{"a":${filled}}{"a":${filled}}`,
    'two texts and a comma': `{"a":${filled}},{"a":${filled}}`,
    'a byte order mark': `\ufeff{"a":${filled}}`,
    'a byte order mark inside': `{"a":[${many},\ufeff${many}]}`,
    NaN: `{"a":[${many},NaN]}`,
    'a leading zero': `{"a":[${many},01]}`,
    'a number that overflows': `{"a":[${many},1e999]}`,
    'a number that overflows, and no end': `{"a":[1e999,${many}`,
    'a number that overflows in an array alone': `[1e999,${many}]`,
    'a forbidden name': `{"a":${filled},"__proto__":1}`,
    'a forbidden name of a long array': `{"__proto__":${filled}}`,
    'a forbidden name in escapes': `{"a":${filled},"b":{"__\\u0070roto__":${filled}}}`,
    'a name repeated, a long way apart': `{"a":${filled},"b":${filled},"a":1}`,
    'a name repeated in another spelling': `{"\\u0061":${filled},"a":1}`,
    'a name repeated far inside': `{"a":[{"b":${filled},"b":${filled}}]}`,
    '64 levels': `{"a":${'['.repeat(63)}${many}${']'.repeat(63)}}`,
    '65 levels': `{"a":${'['.repeat(64)}${many}${']'.repeat(64)}}`,
    '65 levels, and no JSON': `{"a":x${'['.repeat(64)}${many}`,
    '65 levels behind a bracket too many': `{"a":${filled}}}}${'['.repeat(67)}`,
    'half a character': `{"a":${filled},"b":"\ud83d"}`,
  };
  for (const [what, text] of Object.entries(texts)) it(`takes ${what} as in one piece`, () => sameFor(text));

  it('refuses what is not UTF-8', () => {
    const bytes = Buffer.from(JSON.stringify({ data: many, word: 'é' }));
    bytes[bytes.lastIndexOf(0xa9)] = 0x28;
    assert.equal(outcome(inParts, bytes), 'malformed-json');
  });

  const safe = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 5 }));
  const someText = safe.map((value) => JSON.stringify(value));

  it('any object, cut wherever it can be, is the same as in one piece', () => {
    fc.assert(
      fc.property(someText, (text) => sameFor(stretched(text))),
      { numRuns: 200 },
    );
  }).timeout(60_000);

  it('any object with a byte changed, lost or doubled is the same as in one piece', () => {
    const marks = fc.constantFrom(...'[]{},:"\\ 0x');
    const change = fc.record({ at: fc.nat(), lost: fc.nat({ max: 2 }), mark: fc.option(marks, { nil: '' }) });
    fc.assert(
      fc.property(someText, change, (text, { at, lost, mark }) => {
        const from = at % text.length;
        sameFor(stretched(`${text.slice(0, from)}${mark}${text.slice(from + lost)}`));
      }),
      { numRuns: 400 },
    );
  }).timeout(60_000);

  it('gives way between the parts', async () => {
    let turns = 0;
    const bytes = Buffer.from(JSON.stringify({ data: numbers(100_000) }));
    const read = await inTurns(readLongJson(bytes), async () => {
      turns += 1;
    });
    assert.ok(turns >= bytes.length / atOnce / 2, `${turns} turns for ${bytes.length} bytes`);
    assert.deepEqual(read, JSON.parse(bytes.toString()));
  });
});
