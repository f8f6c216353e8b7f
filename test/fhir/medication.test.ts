import assert from 'node:assert/strict';
import type { MedicationRequest } from '@medplum/fhirtypes';
import { codeOf, rxnorm } from '../../src/fhir/coding.ts';
import { drugOf, parseDrugIndex, rxcuisOf } from '../../src/fhir/medication.ts';

let read = 0;
const index = parseDrugIndex(
  [
    '# comment',
    'rxcui\ttty\troutes\tquantity\tform\tingredients\tname',
    '161\tIN\t\t\t\t161\tacetaminophen',
    '5489\tIN\t\t\t\t5489\thydrocodone',
    '83367\tIN\t\t\t\t83367\tatorvastatin',
    '617310\tSCD\to\t\tOral Tablet\t83367 20 mg\t',
    '857002\tSCD\to\t\tOral Tablet\t161 325 mg|5489 5 mg\t',
    '854235\tSCD\ti\t0.4 mL\tPrefilled Syringe\t67108 100 mg/mL\t',
    '10601\tBN\tl\t\t\t10600\tTimoptic',
    '153165\tBN\to\t\t\t83367\tLipitor',
    '70001\tBPCK\tlo\t\tPack\t161|?\t',
    '',
  ].join('\n'),
  () => {
    read += 1;
    return '000020152\t617310\t01\n';
  },
);
const request = (parts: object): MedicationRequest =>
  ({ resourceType: 'MedicationRequest', ...parts }) as MedicationRequest;

describe('drug index', () => {
  it('leads from a product to its ingredients, and from what acts locally to none', () => {
    assert.deepEqual(index.ingredients('617310'), ['83367']);
    assert.deepEqual(index.ingredients('10601'), []);
    assert.deepEqual(index.components('10601'), [{ ingredient: '10600' }]);
    assert.equal(index.ingredients('1'), undefined);
    assert.equal(index.components('1'), undefined);
  });

  it('tells strengths, form and quantity', () => {
    assert.deepEqual(index.components('857002'), [
      { ingredient: '161', amount: { value: 325, unit: 'mg' } },
      { ingredient: '5489', amount: { value: 5, unit: 'mg' } },
    ]);
    assert.equal(index.doseForm('857002'), 'Oral Tablet');
    assert.equal(index.doseForm('83367'), undefined);
    assert.deepEqual(index.quantity('854235'), { value: 0.4, unit: 'mL' });
    assert.equal(index.quantity('857002'), undefined);
  });

  it('tells routes, or that they are not told', () => {
    assert.deepEqual(index.routes('617310'), ['oral']);
    assert.deepEqual(index.routes('70001'), ['local', 'oral']);
    assert.deepEqual(index.routes('83367'), ['unknown']);
    assert.deepEqual(index.routes('1'), ['unknown']);
  });

  it('knows when an ingredient is not told', () => {
    assert.equal(index.isWhole('617310'), true);
    assert.equal(index.isWhole('70001'), false);
    assert.equal(index.isWhole('1'), false);
    assert.deepEqual(index.ingredients('70001'), ['161']);
  });

  it('names ingredients and the brands that hold them', () => {
    assert.equal(index.nameOf('5489'), 'hydrocodone');
    assert.equal(index.nameOf('617310'), undefined);
    assert.deepEqual(index.namesOf(new Set(['83367'])), ['atorvastatin', 'Lipitor']);
    const oral = (routes: readonly string[]): boolean => routes.includes('oral');
    assert.deepEqual(index.namesOf(new Set(['10600', '83367']), oral), ['Lipitor']);
  });

  it('reads the NDC table when the first NDC is asked for', () => {
    assert.equal(read, 0);
    assert.equal(index.ofNdc('0002-0152-01'), '617310');
    assert.equal(index.ofNdc('0002-0152-09'), undefined);
    assert.equal(read, 1);
  });

  it('reads an index without the newer columns', () => {
    const old = parseDrugIndex('rxcui\ttty\tingredients\tname\n153165\tBN\t83367\tLipitor\n');
    assert.deepEqual(old.ingredients('153165'), ['83367']);
    assert.deepEqual(old.routes('153165'), ['unknown']);
    assert.deepEqual(old.namesOf(new Set(['83367'])), ['Lipitor']);
    assert.equal(old.ofNdc('0002-0152-01'), undefined);
  });
});

describe('rxcuisOf', () => {
  const codes = [
    codeOf('urn:oid:2.16.840.1.113883.6.69', '00002-0152-01'),
    codeOf(rxnorm, '617310'),
    codeOf(rxnorm, '83367'),
    codeOf('http://hl7.org/fhir/sid/ndc', '99999999999'),
    codeOf('http://snomed.info/sct', '617310'),
  ];

  it('takes RxNorm codes, and the products of NDC codes, each once', () => {
    assert.deepEqual(rxcuisOf(codes, index), ['617310', '83367']);
  });

  it('takes RxNorm codes alone without an index', () => {
    assert.deepEqual(rxcuisOf(codes.slice(0, 1)), []);
    assert.deepEqual(rxcuisOf(codes), ['617310', '83367']);
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
