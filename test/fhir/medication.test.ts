import assert from 'node:assert/strict';
import type { MedicationRequest } from '@medplum/fhirtypes';
import { drugOf, parseDrugIndex } from '../../src/fhir/medication.ts';

const index = parseDrugIndex(
  '# comment\nrxcui\ttty\tingredients\tname\n83367\tIN\t83367\tatorvastatin\n617310\tSCD\t83367\t\n10601\tBN\t\tTimoptic\n153165\tBN\t83367\tLipitor\n',
);
const request = (parts: object): MedicationRequest =>
  ({ resourceType: 'MedicationRequest', ...parts }) as MedicationRequest;

describe('drug index', () => {
  it('leads from a product to its ingredients', () => {
    assert.deepEqual(index.ingredients('617310'), ['83367']);
    assert.deepEqual(index.ingredients('10601'), []);
    assert.equal(index.ingredients('1'), undefined);
  });

  it('names ingredients and the brands that hold them', () => {
    assert.deepEqual(index.namesOf(new Set(['83367'])), ['atorvastatin', 'Lipitor']);
  });
});

describe('drugOf', () => {
  it('says so when the drug is described elsewhere', () => {
    for (const medicationReference of [
      { reference: 'Medication/1' },
      { reference: '#1' },
      { identifier: { value: '1' } },
    ]) {
      assert.equal(drugOf(request({ medicationReference }), new Map()).kind, 'elsewhere');
    }
  });

  it('describes a request without any drug by nothing', () => {
    assert.deepEqual(drugOf(request({}), new Map()), { kind: 'described', codes: [], words: '' });
  });
});
