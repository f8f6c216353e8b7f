/** The shipped drug sets, asked through the shipped index: which products count, and which do not. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { drugEvidence, matchDrug, memberIngredients, memberOf } from '../../src/features/drug.ts';
import { buildVocabulary, readVocabularyFolder, type Vocabulary } from '../../src/features/vocabulary.ts';
import { codeOf, rxnorm } from '../../src/fhir/coding.ts';
import type { ValueSet } from '../../src/fhir/value-set.ts';

const files = readVocabularyFolder(join(import.meta.dirname, '../../vocabulary'));
const vocabulary = buildVocabulary([{ ...files, groups: new Map() }]);
const { drugs } = vocabulary;

function setOf(id: string, from: Vocabulary = vocabulary): ValueSet {
  const set = from.valueSets.get(`urn:auscult:ValueSet:${id}`);
  assert.ok(set, id);
  return set;
}
const isIn = (id: string, code: string, system = rxnorm): boolean =>
  memberOf(setOf(id), [codeOf(system, code)], drugs) !== undefined;

/** Set, product, does it count. */
const products: readonly (readonly [string, string, boolean, string])[] = [
  ['statin', '617310', true, 'atorvastatin 20 MG Oral Tablet'],
  ['statin', '153165', true, 'Lipitor'],
  ['statin', '597980', true, 'amlodipine 5 MG / atorvastatin 20 MG Oral Tablet'],
  ['antihypertensive', '597980', true, 'amlodipine 5 MG / atorvastatin 20 MG Oral Tablet'],
  ['antihypertensive', '314076', true, 'lisinopril 10 MG Oral Tablet'],
  ['antihypertensive', '1923428', false, 'timolol 2.5 MG/ML Ophthalmic Solution'],
  ['beta-blocker', '1923428', false, 'timolol 2.5 MG/ML Ophthalmic Solution'],
  ['beta-blocker', '10601', false, 'Timoptic'],
  ['beta-blocker-allergen', '1923428', true, 'timolol 2.5 MG/ML Ophthalmic Solution'],
  ['doac', '1364445', true, 'apixaban 5 MG Oral Tablet'],
  ['anticoagulant-oral', '1364445', true, 'apixaban 5 MG Oral Tablet'],
  ['anticoagulant', '854235', true, '0.4 ML enoxaparin Prefilled Syringe'],
  ['anticoagulant-oral', '854235', false, '0.4 ML enoxaparin Prefilled Syringe'],
  ['opioid', '577057', true, '72 HR fentanyl Transdermal System'],
  ['opioid', '857002', true, 'acetaminophen / hydrocodone Oral Tablet'],
  ['acetaminophen', '857002', true, 'acetaminophen / hydrocodone Oral Tablet'],
  ['naloxone', '1725059', true, 'naloxone Nasal Spray'],
  ['naloxone', '351266', false, 'buprenorphine / naloxone Sublingual Tablet'],
  ['opioid', '351266', true, 'buprenorphine / naloxone Sublingual Tablet'],
  ['corticosteroid-systemic', '259966', true, 'methylprednisolone 4 MG Oral Tablet'],
  ['corticosteroid-systemic', '762675', true, 'methylprednisolone pack'],
  ['nsaid', '197806', true, 'ibuprofen 600 MG Oral Tablet'],
  ['nsaid-non-aspirin', '197806', true, 'ibuprofen 600 MG Oral Tablet'],
  ['nsaid-non-aspirin', '1191', false, 'aspirin'],
  ['aspirin', '1191', true, 'aspirin'],
  ['penicillin-allergen', '70618', true, 'Penicillin (retired)'],
  ['penicillin-allergen', '723', true, 'amoxicillin'],
  ['cephalosporin-allergen', '723', false, 'amoxicillin'],
];

describe('drug sets', () => {
  for (const [id, code, counts, name] of products) {
    it(`${id} ${counts ? 'takes' : 'leaves out'} ${name} (${code})`, () =>
      assert.equal(isIn(id, code), counts));
  }

  it('leave out every cream, inhaler and drop of a corticosteroid', () => {
    const set = setOf('corticosteroid-systemic');
    for (const [form, counts] of [
      ['Topical Cream', false],
      ['Metered Dose Inhaler', false],
      ['Metered Dose Nasal Spray', false],
      ['Ophthalmic Suspension', false],
      ['Oral Tablet', true],
      ['Injectable Suspension', true],
    ] as const) {
      const codes = productsWith(form).filter((code) => hasMember(set, code));
      assert.ok(codes.length > 0, form);
      for (const code of codes)
        assert.equal(memberIngredients(set, code, drugs).size > 0, counts, `${form} ${code}`);
    }
  });

  it('take a drug that is coded in NDC alone', () => {
    const found = memberOf(
      setOf('cephalosporin'),
      [codeOf('http://hl7.org/fhir/sid/ndc', '0093-2240-01')],
      drugs,
    );
    assert.deepEqual(found, { display: 'cephalexin', code: '197454' });
    assert.equal(isIn('cephalosporin', '0000-0000-00', 'http://hl7.org/fhir/sid/ndc'), false);
  });

  it('take class codes and allergy status of an allergen', () => {
    assert.ok(isIn('penicillin-allergen', '91936005', 'http://snomed.info/sct'));
    assert.ok(isIn('penicillin-allergen', 'Z88.0', 'http://hl7.org/fhir/sid/icd-10-cm'));
    assert.ok(isIn('opioid-allergen', 'Z885', 'http://hl7.org/fhir/sid/icd-10-cm'));
    assert.ok(isIn('sulfonamide-antibacterial-allergen', 'Z88.2', 'http://hl7.org/fhir/sid/icd-10-cm'));
    assert.ok(isIn('cephalosporin-allergen', 'N0000175488', 'http://hl7.org/fhir/ndfrt'));
    assert.ok(!isIn('cephalosporin-allergen', 'Z88.0', 'http://hl7.org/fhir/sid/icd-10-cm'));
  });

  it('take a product that a site lists itself, and no other of the ingredient', () => {
    const high = {
      resourceType: 'ValueSet',
      url: 'urn:site:ValueSet:high-intensity',
      version: '1',
      title: 'High intensity',
      status: 'active',
      description: 'a test',
      copyright: 'none',
      compose: {
        include: [{ system: rxnorm, concept: [{ code: '259255', display: 'atorvastatin 80 MG' }] }],
      },
      expansion: { timestamp: '2026-01-01T00:00:00Z', contains: [{ system: rxnorm, code: '259255' }] },
    };
    const site = buildVocabulary([
      { ...files, groups: new Map() },
      { groups: new Map(), valueSets: new Map([['high.json', high]]) },
    ]);
    const set = site.valueSets.get(high.url);
    assert.ok(set);
    assert.ok(memberOf(set, [codeOf(rxnorm, '259255')], drugs));
    assert.equal(memberOf(set, [codeOf(rxnorm, '617310')], drugs), undefined);
  });

  it('read words only where no code is known', () => {
    const match = (codes: readonly string[], words: string): string => {
      const evidence = drugEvidence(
        codes.map((code) => codeOf(rxnorm, code)),
        words,
        drugs,
      );
      return matchDrug({ valueSet: 'urn:auscult:ValueSet:statin' }, evidence, vocabulary).kind;
    };
    assert.equal(match([], 'Lipitor 20 mg'), 'named');
    assert.equal(match(['161'], 'Lipitor 20 mg'), 'other');
    assert.equal(match(['617310'], ''), 'match');
    assert.equal(match(['99999999'], 'lisinopril'), 'other');
  });
});

const lines = (files.drugs ?? '').split('\n');
const productsWith = (form: string): readonly string[] =>
  lines.filter((line) => line.split('\t')[4] === form).map((line) => line.split('\t')[0] ?? '');
const hasMember = (set: ValueSet, code: string): boolean =>
  (drugs.components(code) ?? []).some(({ ingredient }) => set.members(rxnorm).has(ingredient));
