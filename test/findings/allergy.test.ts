import assert from 'node:assert/strict';
import { allergy } from '../../src/findings/allergy.ts';
import { allergyTable } from '../../src/findings/allergy-rules.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { allergyTo, coded, draft, type Scene, viewOf, vocabulary } from './ordering.ts';

const snomed = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
const icd = (code: string) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] });
const status = (kind: 'clinical' | 'verification', code: string) => ({
  [`${kind}Status`]: { coding: [{ code }] },
});
const reaction = (concept: object, more: object = {}) => ({
  reaction: [{ manifestation: [concept], ...more }],
});

const drug = {
  amoxicillin: '723',
  piperacillin: '8339',
  cephalexin: '2231',
  cefazolin: '2180',
  ceftriaxone: '2193',
  cefepime: '20481',
  meropenem: '29561',
  sulfamethoxazole: '10180',
  furosemide: '4603',
  celecoxib: '140587',
  hydrochlorothiazide: '5487',
  sulfasalazine: '9524',
  ibuprofen: '5640',
  aspirin: '1191',
  simvastatin: '36567',
  rosuvastatin: '301542',
  lisinopril: '29046',
  ramipril: '35296',
  losartan: '52175',
  valsartan: '69749',
  entresto: '1656340',
  codeine: '2670',
  morphine: '7052',
  ciprofloxacin: '2551',
  levofloxacin: '82122',
} as const;

const findIn = (scene: Scene): readonly Finding[] => allergy.find(viewOf(scene));
const find = (to: object, ordered: string, more: object = {}) =>
  findIn({ drafts: [draft('1', ordered)], resources: [allergyTo(to, more)] });
const brief = (found: readonly Finding[]) => found.map(({ rule, severity }) => `${rule} ${severity}`);

const angioedema = reaction(snomed('41291007'));
const cough = reaction({ text: 'cough' });

describe('allergy', () => {
  const rows: readonly (readonly [string, object, string, object, readonly string[]])[] = [
    ['the same drug', coded(drug.amoxicillin), drug.amoxicillin, {}, ['same-ingredient warning']],
    ['a product of it', coded('308191'), drug.amoxicillin, {}, ['same-ingredient warning']],
    ['its class by SNOMED CT', snomed('91936005'), drug.amoxicillin, {}, ['penicillin-class warning']],
    ['its class by ICD-10-CM', icd('Z88.0'), drug.piperacillin, {}, ['penicillin-class warning']],
    ['another of its class', coded(drug.amoxicillin), drug.piperacillin, {}, ['penicillin-class warning']],
    [
      'a shared side chain',
      coded(drug.amoxicillin),
      drug.cephalexin,
      {},
      ['shared-aminopenicillin-side-chain warning'],
    ],
    [
      'penicillin, then a cephalosporin',
      snomed('91936005'),
      drug.cefazolin,
      {},
      ['penicillin-cephalosporin info'],
    ],
    ['penicillin, then a carbapenem', snomed('91936005'), drug.meropenem, {}, ['penicillin-carbapenem info']],
    [
      'a cephalosporin with that side chain',
      coded(drug.ceftriaxone),
      drug.cefepime,
      {},
      ['shared-methoxyimino-side-chain warning'],
    ],
    [
      'a cephalosporin with another',
      coded(drug.cefazolin),
      drug.ceftriaxone,
      {},
      ['cephalosporin-class info'],
    ],
    ['a sulfa antibiotic, then furosemide', coded(drug.sulfamethoxazole), drug.furosemide, {}, []],
    ['a sulfa antibiotic, then celecoxib', coded(drug.sulfamethoxazole), drug.celecoxib, {}, []],
    ['a thiazide, then a sulfa antibiotic', coded(drug.hydrochlorothiazide), drug.sulfamethoxazole, {}, []],
    [
      'a sulfa antibiotic, then sulfasalazine',
      coded(drug.sulfamethoxazole),
      drug.sulfasalazine,
      {},
      ['sulfonamide-sulfasalazine warning'],
    ],
    ['aspirin, then ibuprofen', coded(drug.aspirin), drug.ibuprofen, {}, ['nsaid-class warning']],
    ['a statin, then another', coded(drug.simvastatin), drug.rosuvastatin, {}, ['statin-class warning']],
    ['an opioid, then another', coded(drug.codeine), drug.morphine, {}, ['opioid-class info']],
    [
      'a quinolone, then another',
      coded(drug.ciprofloxacin),
      drug.levofloxacin,
      {},
      ['fluoroquinolone-class warning'],
    ],
    [
      'ACE inhibitor angioedema, then ARNI',
      coded(drug.lisinopril),
      drug.entresto,
      angioedema,
      ['arni-after-ace-inhibitor-angioedema critical'],
    ],
    [
      'ARB angioedema, then ARNI',
      coded(drug.losartan),
      drug.entresto,
      angioedema,
      ['arni-after-arb-angioedema critical'],
    ],
    [
      'ACE inhibitor, no reaction told, then ARNI',
      coded(drug.lisinopril),
      drug.entresto,
      {},
      ['arni-after-ace-inhibitor-angioedema warning'],
    ],
    ['ACE inhibitor cough, then ARNI', coded(drug.lisinopril), drug.entresto, cough, []],
    [
      'ACE inhibitor angioedema, then ARB',
      coded(drug.lisinopril),
      drug.losartan,
      angioedema,
      ['arb-after-ace-inhibitor-angioedema info'],
    ],
    ['ACE inhibitor cough, then ARB', coded(drug.lisinopril), drug.losartan, cough, []],
    [
      'ACE inhibitor angioedema, then another',
      coded(drug.lisinopril),
      drug.ramipril,
      angioedema,
      ['ace-inhibitor-class-angioedema critical'],
    ],
    [
      'valsartan, then sacubitril/valsartan',
      coded(drug.valsartan),
      drug.entresto,
      cough,
      ['same-ingredient warning'],
    ],
    ['an unrelated drug', coded(drug.amoxicillin), drug.ibuprofen, {}, []],
    ['a food', { text: 'Peanut' }, drug.amoxicillin, {}, []],
  ];
  for (const [name, to, ordered, more, expected] of rows) {
    it(`${name}: ${expected.join() || 'silent'}`, () =>
      assert.deepEqual(brief(find(to, ordered, more)), expected));
  }

  const weights: readonly (readonly [string, object, string])[] = [
    ['nothing more', {}, 'warning'],
    ['high criticality', { criticality: 'high' }, 'critical'],
    ['low criticality', { criticality: 'low' }, 'warning'],
    ['a severe reaction', reaction({ text: 'rash' }, { severity: 'severe' }), 'critical'],
    ['a mild reaction', reaction({ text: 'rash' }, { severity: 'mild' }), 'warning'],
    ['anaphylaxis by SNOMED CT', reaction(snomed('39579001')), 'critical'],
    ['anaphylaxis by ICD-10-CM', reaction(icd('T78.2XXA')), 'critical'],
    ['anaphylaxis in words', reaction({ text: 'Anaphylactic shock' }), 'critical'],
    ['an intolerance', { type: 'intolerance' }, 'info'],
    ['a severe intolerance', { type: 'intolerance', criticality: 'high' }, 'warning'],
    [
      'anaphylaxis that somebody called an intolerance',
      { type: 'intolerance', ...reaction(snomed('39579001')) },
      'critical',
    ],
    ['unconfirmed', status('verification', 'unconfirmed'), 'warning'],
  ];
  for (const [name, more, severity] of weights) {
    it(`weighs ${name} as ${severity}`, () => {
      assert.deepEqual(brief(find(coded(drug.amoxicillin), drug.amoxicillin, more)), [
        `same-ingredient ${severity}`,
      ]);
    });
  }

  for (const [name, more] of [
    ['inactive', status('clinical', 'inactive')],
    ['resolved', status('clinical', 'resolved')],
    ['refuted', status('verification', 'refuted')],
    ['mistaken', status('verification', 'entered-in-error')],
  ] as const) {
    it(`leaves out what is ${name}`, () =>
      assert.deepEqual(find(coded(drug.amoxicillin), drug.amoxicillin, more), []));
  }

  it('takes "no known allergy" for none, however it is said', () => {
    for (const none of [
      snomed('716186003'),
      snomed('409137002'),
      { text: 'NKDA' },
      { text: 'No known allergy to penicillin' },
    ])
      assert.deepEqual(find(none, drug.amoxicillin), []);
  });

  it('does not take an exception for a denial', () => {
    const to = { text: 'penicillin; no allergy to cephalosporins' };
    assert.deepEqual(brief(find(to, drug.amoxicillin)), ['penicillin-class warning']);
    assert.deepEqual(
      brief(find({ ...coded(drug.amoxicillin), text: 'No known allergy to eggs' }, drug.ibuprofen)),
      [],
    );
  });

  it('warns of a drug or class that is only named in words', () => {
    assert.deepEqual(brief(find({ text: 'amoxicillin - rash' }, drug.amoxicillin, { criticality: 'high' })), [
      'named-in-words warning',
    ]);
    assert.deepEqual(brief(find({ text: 'Zocor' }, drug.simvastatin)), ['named-in-words warning']);
    assert.deepEqual(brief(find({ text: 'PENICILLINS' }, drug.amoxicillin)), ['penicillin-class warning']);
    assert.deepEqual(find({ text: 'amoxicillins' }, drug.ibuprofen), []);
  });

  it('reads what the reaction was to, where the allergy itself is not coded', () => {
    const more = { reaction: [{ substance: coded(drug.amoxicillin), manifestation: [{ text: 'rash' }] }] };
    assert.deepEqual(brief(find({ text: 'antibiotic' }, drug.amoxicillin, more)), [
      'same-ingredient warning',
    ]);
  });

  it('minds a form that acts where it is put', () => {
    assert.deepEqual(brief(find(coded('3355'), '855633')), ['same-ingredient warning'], 'diclofenac 1 % gel');
  });

  it('says what is known, what is not, and what to do', () => {
    const [found] = find(coded(drug.amoxicillin), drug.amoxicillin, { criticality: 'high' });
    assert.deepEqual(found?.words, {
      subject: 'amoxicillin',
      other: 'amoxicillin',
      problem: 'the same drug is on the allergy list',
      advice: found?.words.advice,
    });
    assert.deepEqual(found?.because, ['The record gives it high criticality.']);
    assert.deepEqual(found?.unknown, ['which reaction occurred: none is recorded']);
    assert.deepEqual(found?.actions, [
      { type: 'delete', label: 'Do not order amoxicillin', reference: 'MedicationRequest/1' },
    ]);
  });

  it('names an allergy to nobody knows what, beside a finding', () => {
    const resources = [allergyTo(coded(drug.amoxicillin)), { ...allergyTo({}), id: 'a2' }];
    const [found] = findIn({ drafts: [draft('1', drug.amoxicillin)], resources });
    assert.match(found?.unknown.join() ?? '', /neither in codes nor in words/);
  });

  it('judges selected drafts only', () => {
    const scene = { drafts: [draft('1', drug.amoxicillin)], resources: [allergyTo(coded(drug.amoxicillin))] };
    assert.deepEqual(findIn({ ...scene, selected: [] }), []);
  });

  it('names only value sets and ingredients that the vocabulary has', () => {
    for (const { classes, allergens, ingredients } of allergyTable.groups) {
      for (const id of [...classes, ...allergens])
        assert.ok(vocabulary.valueSets.has(`urn:auscult:ValueSet:${id}`), id);
      for (const { code, name } of ingredients)
        assert.equal(vocabulary.drugs.nameOf(code)?.toLowerCase(), name);
    }
  });
});
