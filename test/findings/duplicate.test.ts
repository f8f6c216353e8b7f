import assert from 'node:assert/strict';
import type { MedicationRequest } from '@medplum/fhirtypes';
import { duplicate } from '../../src/findings/duplicate.ts';
import { duplicateTable } from '../../src/findings/duplicate-rules.ts';
import { daily, drugVocabulary, every, order, tablets, take, ucumUnit } from '../features/dose-orders.ts';
import { type ViewParts, viewOf } from './opioid-view.ts';

const find = (parts: ViewParts) => duplicate.find(viewOf(parts));
const brief = (parts: ViewParts) => find(parts).map(({ rule, severity }) => `${rule} ${severity}`);
const drug = (code: string, id = code, more: object = {}): MedicationRequest =>
  order(code, [take(tablets(1), daily, more)], { id });
const prn = { asNeededBoolean: true };
const course =
  (days: number) =>
  (code: string, id = code) =>
    order(code, [take(tablets(1), every(1, 1, 'd', { boundsDuration: ucumUnit(days, 'd') }))], { id });

const lisinopril10 = '314076';
const lisinopril20 = '314077';
const lisinoprilThiazide = '197885';
const losartan = '979492';
const [metoprololLong, metoprololShort] = ['866427', '866514'];
const [oxycodoneLong, oxycodoneShort, morphineShort] = ['1049502', '1049613', '892582'];
const [ibuprofen, naproxen, aspirin81, prednisone5, prednisone20] = [
  '197806',
  '198014',
  '243670',
  '312617',
  '312615',
];
const [apixaban, warfarin, enoxaparin] = ['1364445', '855332', '854228'];
const [glargine, lispro] = ['311041', '242120'];
const [atorvastatin, simvastatin, alprazolam, zolpidem] = ['617311', '314231', '596', '39993'];
const [albuterolInhaler, albuterolNebules] = ['745752', '630208'];

describe('duplicate orders', () => {
  const cases: readonly (readonly [string, MedicationRequest, MedicationRequest, readonly string[]])[] = [
    ['the same product', drug(lisinopril10, 'a'), drug(lisinopril10, 'b'), ['duplicate-drug warning']],
    ['another strength', drug(lisinopril20), drug(lisinopril10), ['duplicate-other-strength info']],
    ['a combination with it', drug(lisinoprilThiazide), drug(lisinopril10), ['duplicate-ingredient warning']],
    ['two of a class', drug(atorvastatin), drug(simvastatin), ['statins warning']],
    ['an ACE inhibitor and an ARB', drug(losartan), drug(lisinopril10), ['renin-angiotensin warning']],
    ['two anticoagulants', drug(apixaban), drug(warfarin), ['anticoagulants critical']],
    ['a heparin as a bridge', drug(warfarin), drug(enoxaparin), []],
    ['a heparin beside a DOAC', drug(apixaban), drug(enoxaparin), ['anticoagulants critical']],
    ['two NSAIDs', drug(naproxen), drug(ibuprofen), ['nsaids warning']],
    ['an NSAID beside low-dose aspirin', drug(naproxen), drug(aspirin81), []],
    ['a sedative and a sleeping pill', drug(zolpidem), drug(alprazolam), ['sedatives warning']],
    ['long- and short-acting of one opioid', drug(oxycodoneLong), drug(oxycodoneShort), []],
    [
      'as-needed beside scheduled of one opioid',
      drug(oxycodoneShort, 'a', prn),
      drug(oxycodoneShort, 'b'),
      [],
    ],
    ['long- and short-acting of two opioids', drug(oxycodoneLong), drug(morphineShort), []],
    ['two short-acting opioids', drug(oxycodoneShort), drug(morphineShort), ['opioids warning']],
    [
      'as-needed and scheduled of another drug',
      drug(ibuprofen, 'a', prn),
      drug(ibuprofen, 'b'),
      ['duplicate-drug warning'],
    ],
    [
      'long- and short-acting of another drug',
      drug(metoprololLong),
      drug(metoprololShort),
      ['duplicate-other-strength info'],
    ],
    ['basal and bolus insulin', drug(glargine), drug(lispro), []],
    ['the same insulin twice', drug(lispro, 'a'), drug(lispro, 'b'), []],
    ['a steroid course on a lasting treatment', course(5)(prednisone20), drug(prednisone5), []],
    ['a long steroid course', course(15)(prednisone20), drug(prednisone5), ['duplicate-other-strength info']],
    [
      'a short course of another drug',
      course(14)(ibuprofen, 'a'),
      drug(ibuprofen, 'b'),
      ['duplicate-drug info'],
    ],
    ['drugs that have nothing in common', drug(apixaban), drug(lisinopril10), []],
    ['a code nobody knows', drug('999999999'), drug('999999999', 'b'), []],
  ];
  for (const [what, draft, active, expected] of cases) {
    it(`${what}: ${expected.join() || 'silent'}`, () =>
      assert.deepEqual(brief({ drafts: [draft], active: [active] }), expected));
  }

  it('leaves out what the draft replaces', () => {
    const changed = order(lisinopril20, [], {
      id: 'new',
      priorPrescription: { reference: 'MedicationRequest/old' },
    });
    assert.deepEqual(brief({ drafts: [changed], active: [drug(lisinopril10, 'old')] }), []);
    assert.deepEqual(brief({ drafts: [drug(lisinopril20, 'old')], active: [drug(lisinopril10, 'old')] }), []);
  });

  it('lets inhalers and nebulised rescue stand together with tablets of the class, not with themselves', () => {
    const inhaler = order(albuterolInhaler, [], { id: 'i' });
    assert.deepEqual(brief({ drafts: [inhaler], active: [order(albuterolInhaler, [], { id: 'j' })] }), [
      'duplicate-drug warning',
    ]);
    assert.deepEqual(
      brief({
        drafts: [inhaler],
        active: [order(albuterolNebules, [take({ value: 1, unit: 'mL' }, daily, prn)])],
      }),
      ['duplicate-other-strength info'],
    );
  });

  it('meets two selected drafts once, and judges no draft that is not selected', () => {
    const drafts = [drug(atorvastatin), drug(simvastatin)];
    assert.deepEqual(
      find({ drafts }).map(({ order: which, words }) => [which, words.other]),
      [[`MedicationRequest/${simvastatin}`, 'atorvastatin']],
    );
    assert.deepEqual(
      find({ drafts, selected: [atorvastatin] }).map(({ order: which }) => which),
      [`MedicationRequest/${atorvastatin}`],
    );
    assert.deepEqual(find({ drafts, selected: [] }), []);
  });

  it('does not count what has ended', () => {
    assert.deepEqual(brief({ drafts: [drug(atorvastatin)], recent: [drug(simvastatin)] }), []);
  });

  it('names both drugs, where the other one is, and offers to remove the order', () => {
    const [finding] = find({ drafts: [drug(naproxen)], active: [drug(ibuprofen)] });
    assert.deepEqual(finding?.words.subject, 'naproxen');
    assert.deepEqual(finding?.words.other, 'ibuprofen');
    assert.deepEqual(finding?.because, ['ibuprofen is active.']);
    assert.deepEqual(
      finding?.actions.map(({ type }) => type),
      ['delete'],
    );
  });

  it('names drug sets that the vocabulary has', () => {
    const { classes, same } = duplicateTable;
    const pairs = classes.flatMap(({ allowPairs = [] }) => allowPairs.flat());
    const named = [
      ...classes.flatMap(({ sets }) => sets),
      ...pairs,
      ...same.allowances.map(({ set }) => set),
    ];
    assert.deepEqual(
      named.filter((id) => !drugVocabulary.valueSets.has(`urn:auscult:ValueSet:${id}`)),
      [],
    );
    for (const { code, name } of same.never)
      assert.equal(drugVocabulary.drugs.nameOf(code)?.toLowerCase(), name);
  });
});
