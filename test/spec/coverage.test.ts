/** No rule without a test that names it, and no test that names a rule there is not. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from './rules.ts';

const tests = join(import.meta.dirname, '..');
const one = '(?:[JDPQAFK]\\d+|cds-(?:r|resp|fb)-\\d)';
const several = new RegExp(`^${one}(?:(?:, ?| ?[–-] ?)${one})*$`);

/** Titles of all tests that run; one that is skipped names nothing. */
const titlesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\bit\(\s*(['"`])(.*?)\1/gs)].map(([, , title = '']) => title);

/** `A2–A5, Q1` → A2, A3, A4, A5, Q1; undefined where the head of a title is no list of rules. */
function rulesNamed(title: string): readonly string[] | undefined {
  const head = /^([^:]*):/.exec(title)?.[1] ?? '';
  return several.test(head) ? head.split(/, ?/).flatMap(expanded) : undefined;
}

function expanded(part: string): readonly string[] {
  const [, letter = '', first, last] = /^([A-Z])(\d+) ?[–-] ?[A-Z](\d+)$/.exec(part) ?? [];
  const count = Number(last) - Number(first) + 1;
  return letter === '' ? [part] : Array.from({ length: count }, (_, at) => `${letter}${Number(first) + at}`);
}

const titlesUnder = (folder: string): readonly string[] =>
  readdirSync(join(tests, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => titlesIn(readFileSync(join(tests, folder, file), 'utf8')));
const named = new Set(titlesUnder('.').flatMap((title) => rulesNamed(title) ?? []));

describe('the rules of CDS Hooks', () => {
  for (const { id, rule, cannotApply } of rules) {
    it(`${id} is named by a test: ${rule}`, () => {
      if (cannotApply !== undefined) assert.ok(cannotApply.length > 20, 'it says why');
      else assert.ok(named.has(id), `no test title starts with ${id}`);
    });
  }

  it('are each there once', () => {
    const ids = rules.map(({ id }) => id);
    assert.deepEqual(
      ids.filter((id, at) => ids.indexOf(id) !== at),
      [],
    );
  });

  /** Elsewhere faults (F), durability (D) and inputs have numbers of their own. */
  it('are named here by no test where there is no such rule', () => {
    const known = new Set(rules.map(({ id }) => id));
    const here = titlesUnder('spec').flatMap((title) => rulesNamed(title) ?? []);
    assert.ok(here.length > 0);
    assert.deepEqual(
      here.filter((id) => !known.has(id)),
      [],
    );
  });

  it('would be missed: the scan reads titles, lists and ranges, and no more', () => {
    assert.deepEqual(titlesIn("it('A1: x', () => {}); it.skip('A2: y'); xit('Q3: z')"), ['A1: x']);
    assert.deepEqual(rulesNamed('A2–A4, cds-resp-1: x'), ['A2', 'A3', 'A4', 'cds-resp-1']);
    assert.deepEqual(rulesNamed('K3-K5: x'), ['K3', 'K4', 'K5']);
    for (const title of ['P: x', 'A1 x', 'when A1: x', 'A 1: x']) {
      assert.equal(rulesNamed(title), undefined, title);
    }
  });
});
