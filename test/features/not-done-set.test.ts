import assert from 'node:assert/strict';
import { valueSetsNotDone } from '../../src/features/not-done-set.ts';
import { prescription } from './sample-chart.ts';
import { shipped } from './small-vocabulary.ts';

const cqf = 'http://hl7.org/fhir/StructureDefinition/cqf-notDoneValueSet';
const older = 'http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDoneValueSet';
const vsac = 'http://cts.nlm.nih.gov/fhir/ValueSet/';
const statins = '2.16.840.1.113762.1.4.1110.19';
const antithrombotics = '2.16.840.1.113883.3.117.1.7.1.201';
const anticoagulants = '2.16.840.1.113883.3.117.1.7.1.200';
const raas = '2.16.840.1.113883.3.526.3.1139';
const set = (id: string): string => `urn:auscult:ValueSet:${id}`;
const naming = (value: object, url = cqf): object => ({ extension: [{ url, ...value }] });

/** QI-Core MedicationNotRequested. */
const refusal = (oid: string): object =>
  prescription(naming({ valueCanonical: `${vsac}${oid}|20240206` }), {
    meta: { profile: ['http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-medicationnotrequested'] },
    status: 'completed',
    doNotPerform: true,
    authoredOn: '2026-05-01',
    category: [{ coding: [{ code: 'discharge' }] }],
    reasonCode: [{ coding: [{ system: 'http://snomed.info/sct', code: '105480006' }] }],
  });
const declined = (name: string, ...oids: readonly string[]): unknown =>
  shipped(`${name}Declined`, { resources: oids.map(refusal) });

describe('a value set in the place of a code', () => {
  const spellings: readonly (readonly [rule: string, concept: object])[] = [
    ['canonical', naming({ valueCanonical: `${vsac}${statins}` })],
    ['canonical with its version', naming({ valueCanonical: `${vsac}${statins}|20210220` })],
    ['uri, on https', naming({ valueUri: `${vsac.replace('http:', 'https:')}${statins}` })],
    ['OID as a URN', naming({ valueUri: `urn:oid:${statins}` })],
    ['bare OID, as older measures write it', naming({ valueString: statins }, older)],
    ['on the coding', { coding: [naming({ valueCanonical: `${vsac}${statins}` })] }],
  ];
  for (const [rule, concept] of spellings)
    it(`is read: ${rule}`, () => assert.deepEqual(valueSetsNotDone(concept), [set('statin')]));

  it('may be ours', () => {
    assert.deepEqual(valueSetsNotDone(naming({ valueCanonical: 'urn:x|1' })), ['urn:x']);
  });

  it('is not a code', () => {
    assert.equal(valueSetsNotDone({ coding: [{ system: 'x', code: '1' }] }), undefined);
    assert.equal(valueSetsNotDone(undefined), undefined);
    assert.equal(valueSetsNotDone(naming({ valueCode: 'x' })), undefined);
  });

  it('stands for none of ours where its drugs are others, or it lists what is no order', () => {
    const mean = (oid: string): unknown => valueSetsNotDone(naming({ valueUri: `urn:oid:${oid}` }));
    for (const oid of [
      '2.16.840.1.113883.3.464.1003.196.12.1001',
      '2.16.840.1.113762.1.4.1110.42',
      '2.16.840.1.113762.1.4.1110.50',
    ])
      assert.deepEqual(mean(oid), []);
  });
});

describe('a refusal of a set of drugs', () => {
  const rows: readonly (readonly [oid: string, yes: readonly string[], no: readonly string[]])[] = [
    [statins, ['statin'], ['ezetimibe', 'antiplatelet']],
    [antithrombotics, ['anticoagulant', 'antiplatelet'], ['statin']],
    [anticoagulants, ['anticoagulant'], ['antiplatelet']],
    [raas, ['raas', 'arni'], ['betaBlocker', 'mra']],
    ['2.16.840.1.113883.3.526.1577', ['antihypertensive'], ['mra']],
    ['2.16.840.1.113762.1.4.1248.119', ['naloxone'], ['insulin']],
    ['2.16.840.1.113883.3.117.1.7.1.219', [], ['anticoagulant']],
  ];
  for (const [oid, yes, no] of rows)
    it(`${oid} is one of ${yes.join(' and ') || 'nothing we ask about'}`, () => {
      for (const name of yes) assert.equal(declined(name, oid), true, name);
      for (const name of no) assert.equal(declined(name, oid), false, name);
    });

  it('that nobody knows may be any drug', () => {
    assert.equal(declined('statin', '2.16.840.1.113883.3.999.1'), 'missing: unsuitable');
  });

  it('is a decision of its date', () => {
    const old = { ...refusal(statins), authoredOn: '2024-05-01' };
    assert.equal(shipped('statinDeclined', { resources: [old] }), false);
  });
});
