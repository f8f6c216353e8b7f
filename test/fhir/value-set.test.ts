import assert from 'node:assert/strict';
import { codeOf } from '../../src/fhir/coding.ts';
import { compileValueSet, countedRoute, valueSetSchema } from '../../src/fhir/value-set.ts';

const icd = 'http://hl7.org/fhir/sid/icd-10-cm';
const source = (change: object = {}): object => ({
  resourceType: 'ValueSet',
  url: 'urn:test:ValueSet:x',
  version: '1',
  title: 'X',
  status: 'draft',
  description: 'a test',
  copyright: 'none',
  compose: {
    include: [
      { system: 'http://snomed.info/sct', concept: [{ code: '1', display: 'One' }] },
      { system: icd, filter: [{ property: 'code', op: 'regex', value: '(E11|I25\\.1).*' }] },
    ],
    exclude: [{ system: icd, concept: [{ code: 'E11.9' }] }],
  },
  expansion: {
    timestamp: '2026-11-20T00:00:00Z',
    contains: [{ system: icd, code: 'E11.21', display: 'Listed' }],
  },
  ...change,
});
const set = compileValueSet(valueSetSchema.parse(source()));
const display = (system: string, code: string): string | undefined => set.display(codeOf(system, code));

describe('ValueSet', () => {
  it('holds its expansion, its listed concepts and what its prefix rule takes', () => {
    assert.equal(display(icd, 'E1121'), 'Listed');
    assert.equal(display('http://snomed.info/sct', '1'), 'One');
    assert.equal(display(icd, 'E11.A99'), 'X');
    assert.equal(display(icd, 'I25.110'), 'X');
  });

  it('does not hold what it excludes, nor another system’s code, nor a look-alike', () => {
    assert.equal(display(icd, 'E11.9'), undefined);
    assert.equal(display('http://hl7.org/fhir/sid/icd-10', 'E11.2'), undefined);
    assert.equal(display(icd, 'I25.2'), undefined);
    assert.equal(display(icd, 'E1'), undefined);
  });

  it('lists the members of a system without what it excludes', () => {
    assert.deepEqual([...set.members('http://snomed.info/sct')], [['1', 'One']]);
    const without = source({
      compose: {
        include: [{ system: icd, concept: [{ code: 'E11.9' }, { code: 'E11.8' }] }],
        exclude: [{ system: icd, concept: [{ code: 'E11.9' }] }],
      },
    });
    const members = compileValueSet(valueSetSchema.parse(without)).members(icd);
    assert.deepEqual([...members.keys()], ['E118', 'E1121']);
  });

  const counted = (...words: readonly string[]): object =>
    source({ extension: words.map((valueCode) => ({ url: countedRoute, valueCode })) });

  it('counts what reaches the circulation where it names no route', () => {
    for (const route of ['oral', 'injected', 'nasal', 'unknown'] as const)
      assert.ok(set.counts([route]), route);
    for (const route of ['local', 'vaginal'] as const) assert.ok(!set.counts([route]), route);
    assert.ok(set.counts(['local', 'oral']));
  });

  it('counts the routes it names alone', () => {
    const naloxone = compileValueSet(valueSetSchema.parse(counted('nasal', 'injected')));
    assert.ok(naloxone.counts(['nasal']));
    assert.ok(!naloxone.counts(['oral', 'unknown']));
  });

  it('refuses a route that is none, and leaves other extensions alone', () => {
    assert.equal(valueSetSchema.safeParse(counted('by mouth')).success, false);
    const other = source({ extension: [{ url: 'urn:other', valueString: 'x' }] });
    assert.ok(compileValueSet(valueSetSchema.parse(other)).counts(['oral']));
  });

  it('refuses a rule that is no list of prefixes', () => {
    for (const value of ['E11.*', '(E11).+', '(E11|.*).*', '(E11)', '([EI]11).*']) {
      const include = [{ system: icd, filter: [{ property: 'code', op: 'regex', value }] }];
      assert.equal(valueSetSchema.safeParse(source({ compose: { include } })).success, false, value);
    }
  });
});
