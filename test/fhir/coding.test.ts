import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalSystem, codeKey, codeOf, codesOf, statusCodesOf, wordsOf } from '../../src/fhir/coding.ts';
import { containedIn, idIn, referenceOf, referenceTo } from '../../src/fhir/reference.ts';

const icd = 'http://hl7.org/fhir/sid/icd-10-cm';

describe('coding', () => {
  it('knows the spellings of a code system', () => {
    for (const system of ['urn:oid:2.16.840.1.113883.6.90', icd]) assert.equal(canonicalSystem(system), icd);
    assert.equal(canonicalSystem('urn:local'), 'urn:local');
  });

  it('writes an ICD code one way, with or without dot, in either case', () => {
    assert.deepEqual(codeOf(icd, 'e11.9'), codeOf('urn:oid:2.16.840.1.113883.6.90', 'E119'));
    assert.equal(codeKey(codeOf('http://loinc.org', '2093-3')), 'http://loinc.org|2093-3');
  });

  it('reading a code twice changes nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(icd, 'http://loinc.org', 'urn:local'), fc.string(), (system, code) => {
        const once = codeOf(system, code);
        assert.deepEqual(codeOf(once.system, once.code), once);
      }),
    );
  });

  it('takes codes and words from a CodeableConcept and nothing from anything else', () => {
    const concept = {
      text: 'words',
      coding: [
        { system: icd, code: 'E11.9', display: 'more' },
        { code: 'x' },
        null,
        { system: 5, code: 'y' },
      ],
    };
    assert.deepEqual(codesOf(concept), [{ system: icd, code: 'E119' }]);
    assert.match(wordsOf(concept), /words[\s\S]*more/);
    fc.assert(
      fc.property(fc.jsonValue(), (odd) => {
        assert.ok(
          Array.isArray(codesOf(odd)) &&
            Array.isArray(statusCodesOf(odd)) &&
            typeof wordsOf(odd) === 'string',
        );
      }),
    );
  });

  it('reads a status by code, or by text when there is no code', () => {
    assert.deepEqual(statusCodesOf({ coding: [{ code: 'Active' }] }), ['active']);
    assert.deepEqual(statusCodesOf({ text: 'Resolved' }), ['resolved']);
    assert.deepEqual(statusCodesOf(undefined), []);
  });
});

describe('references', () => {
  it('finds the id whichever way a reference is written', () => {
    for (const reference of [
      'Encounter/1',
      'Encounter/1/_history/2',
      'https://ehr.example/fhir/Encounter/1',
      'https://ehr.example/fhir/Encounter/1/_history/9',
      'urn:uuid:1',
    ]) {
      assert.equal(idIn(reference, 'Encounter'), '1', reference);
    }
    for (const reference of ['Patient/1', '#1', 'Encounter/', '1', 'https://ehr.example/Encounter']) {
      assert.equal(idIn(reference, 'Encounter'), undefined, reference);
    }
  });

  it('finds what is contained', () => {
    assert.deepEqual(containedIn({ contained: [null, { id: 'm1', resourceType: 'Medication' }] }, '#m1'), {
      id: 'm1',
      resourceType: 'Medication',
    });
    assert.equal(containedIn({ contained: 'x' }, '#m1'), undefined);
  });

  it('names a resource, with or without id', () => {
    assert.equal(referenceTo({ resourceType: 'Observation', id: '7' }), 'Observation/7');
    assert.equal(referenceTo({ resourceType: 'Observation' }), '#');
    assert.equal(referenceOf({ identifier: {} }), undefined);
  });
});
