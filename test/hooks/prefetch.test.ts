import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readPrefetch } from '../../src/hooks/prefetch.ts';

const search = 'Condition?patient=1';
const condition = { resourceType: 'Condition', id: 'c' };
const outcome = (...severities: unknown[]) => ({
  resourceType: 'OperationOutcome',
  issue: severities.map((severity) => ({ severity, code: 'processing' })),
});
const bundle = (...resources: unknown[]) => ({
  resourceType: 'Bundle',
  entry: resources.map((resource) => ({ resource })),
});
const nothing = { kind: 'page', resources: [] };
const error = { kind: 'failed', reason: 'operation-outcome' };
const invalid = { kind: 'failed', reason: 'invalid-response' };

describe('prefetch', () => {
  const cases: Record<string, readonly [unknown, unknown]> = {
    'Q4: an absent key was not satisfied': [undefined, { kind: 'absent' }],
    'Q5: null means nothing there': [null, nothing],
    'Q5: an empty Bundle means nothing there': [
      { resourceType: 'Bundle', type: 'searchset', total: 0 },
      nothing,
    ],
    'Q5: a Bundle with an empty list means nothing there': [bundle(), nothing],
    'Q5: "none found" as a warning among the entries means nothing there (Epic)': [
      {
        resourceType: 'Bundle',
        total: 0,
        entry: [{ resource: outcome('warning'), search: { mode: 'outcome' } }],
      },
      nothing,
    ],
    'Q6: information among the entries is no data': [
      bundle(condition, outcome('information')),
      { kind: 'page', resources: [condition] },
    ],
    'Q6: an OperationOutcome in place of the data is an error': [outcome('error'), error],
    'Q6: so is one that only warns, for it stands in place of the data': [outcome('warning'), error],
    'Q6: an error among the entries is an error': [bundle(condition, outcome('error')), error],
    'Q6: a fatal one beside a warning is an error': [bundle(outcome('warning', 'fatal')), error],
    'Q6: an outcome without severity is an error': [bundle({ resourceType: 'OperationOutcome' }), error],
    'Q6: an entry without resource may be the one that matters': [
      { resourceType: 'Bundle', entry: [{ resource: condition }, { fullUrl: 'x' }] },
      invalid,
    ],
    'Q6: entries that are none are no empty list': [
      { resourceType: 'Bundle', entry: [null, 'x', 7] },
      invalid,
    ],
    'Q6: a total without entries or a next page is no empty list': [
      { resourceType: 'Bundle', total: 5, entry: [] },
      { kind: 'failed', reason: 'partial' },
    ],
    'a bare array is invalid': [[condition], invalid],
    'Q6: a list of another type alone is not what was asked': [
      bundle({ resourceType: 'Observation', id: 'o' }),
      invalid,
    ],
    'Q6: what a search includes stands beside what it found': [
      bundle(condition, { resourceType: 'Encounter', id: 'e' }),
      { kind: 'page', resources: [condition, { resourceType: 'Encounter', id: 'e' }] },
    ],
    'a single resource under a search is invalid': [condition, invalid],
    'a Bundle within a Bundle is invalid': [bundle(bundle(condition)), invalid],
    'an entry that is no resource is invalid': [bundle('x'), invalid],
    'entries that are no list are invalid': [
      { resourceType: 'Bundle', entry: { resource: condition } },
      invalid,
    ],
    'Q8: a next link leads on': [
      {
        ...bundle(condition),
        link: [
          { relation: 'self', url: 'a' },
          { relation: 'next', url: 'https://e/fhir?p=2' },
        ],
      },
      { kind: 'page', resources: [condition], next: 'https://e/fhir?p=2' },
    ],
  };
  for (const [rule, [value, reading]] of Object.entries(cases)) {
    it(rule, () => assert.deepEqual(readPrefetch(value, search), reading));
  }

  it('takes one resource, or a Bundle of it, under a read', () => {
    const patient = { resourceType: 'Patient', id: '1' };
    assert.deepEqual(readPrefetch(patient, 'Patient/1'), { kind: 'page', resources: [patient] });
    assert.deepEqual(readPrefetch(bundle(patient), 'Patient/1'), { kind: 'page', resources: [patient] });
    assert.deepEqual(readPrefetch(condition, 'Patient/1'), invalid);
    assert.deepEqual(readPrefetch(bundle(condition), 'Patient/1'), invalid);
  });

  it('Q8: a next page may hold anything, a record of its own it is not', () => {
    const other = { resourceType: 'Encounter', id: 'e' };
    assert.deepEqual(readPrefetch(bundle(other), '?'), { kind: 'page', resources: [other] });
    assert.deepEqual(readPrefetch(other, '?'), invalid);
  });

  it('never crashes, whatever stands under a key', () => {
    const odd = fc.jsonValue({ maxDepth: 4 });
    const bundles = fc.record({ resourceType: fc.constant('Bundle'), entry: odd, link: odd });
    const outcomes = fc.record({ resourceType: fc.constant('OperationOutcome'), issue: odd });
    const entries = fc.array(fc.oneof(odd, fc.record({ resource: fc.oneof(odd, outcomes, bundles) })));
    const nested = fc.record({ resourceType: fc.constant('Bundle'), entry: entries, link: fc.array(odd) });
    fc.assert(
      fc.property(fc.oneof(odd, bundles, outcomes, nested), (value) => Boolean(readPrefetch(value, search))),
      {
        numRuns: 5000,
      },
    );
  });
});
