import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MedicationRequest } from '@medplum/fhirtypes';
import { loadVocabulary } from '../../src/features/vocabulary.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { opioid } from '../../src/findings/opioid.ts';
import { mmeOf } from '../../src/findings/opioid-mme.ts';
import { opioidTable } from '../../src/findings/opioid-rules.ts';
import {
  daily,
  drugVocabulary,
  every,
  order,
  products,
  tablets,
  take,
  ucumUnit,
} from '../features/dose-orders.ts';
import { type ViewParts, viewOf } from './opioid-view.ts';

const inScope = {
  age: 50,
  activeCancer: false,
  sickleCellDisease: false,
  palliativeCare: false,
  opioidUseDisorder: false,
  opioidOverdose: false,
};
const view = (parts: ViewParts) => viewOf({ ...parts, values: { ...inScope, ...parts.values } });
const find = (parts: ViewParts): readonly Finding[] => opioid.find(view(parts));
const brief = (found: readonly Finding[]) => found.map(({ rule, severity }) => `${rule} ${severity}`);

const oral = { route: { coding: [{ system: 'http://snomed.info/sct', code: '26643006' }] } };
const iv = { route: { coding: [{ system: 'http://snomed.info/sct', code: '47625008' }] } };
const mg = (code: string, amount: number, more: object = oral, id = code) =>
  order(code, [take(ucumUnit(amount, 'mg'), daily, more)], { id });
const [morphine, oxycodone, hydrocodone, methadone, meperidine] = ['7052', '7804', '5489', '6813', '6754'];
const [alprazolam, naloxone, buprenorphine] = ['596', '7242', '1819'];
const patch = order(products.fentanylPatch25, [take({ value: 1, unit: 'patch' }, every(1, 72, 'h'))]);
const history = [mg(hydrocodone, 5, oral, 'old')];
const otherwise = { recent: [...history, mg(naloxone, 4, {}, 'n')] };

describe('opioid factors', () => {
  const coefficients = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../training/mme_cdc_2022/coefficients.json'), 'utf8'),
  );
  const vectors = readFileSync(join(import.meta.dirname, '../../models/mme-cdc-2022/parity.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { input: Record<string, number | null>; expected: { mme?: number } });

  it("are the sealed model's own, no more and no fewer", () => {
    assert.deepEqual(Object.fromEntries(opioidTable.factors.map(({ opioid, factor }) => [opioid, factor])), {
      ...coefficients.factors_per_mg,
      fentanyl_transdermal: coefficients.factor_fentanyl_transdermal_per_mcg_per_h,
    });
    assert.equal(opioidTable.source.url.endsWith(coefficients.doi), true);
  });

  for (const [at, { input, expected }] of vectors.entries()) {
    it(`total the model's vector ${at + 1}: ${expected.mme ?? 'none'}`, () => {
      const drafts = opioidTable.factors.flatMap(({ opioid, code, unit }): MedicationRequest[] => {
        const dose = input[opioid];
        if (typeof dose !== 'number' || dose === 0) return [];
        return unit === 'mg/d'
          ? [mg(code, dose)]
          : [order(products.fentanylPatch25, [take(ucumUnit(dose, 'ug/h'), {})])];
      });
      assert.equal(mmeOf(view({ drafts }).drafts, false).mme, expected.mme ?? 0);
    });
  }

  it('need values that the vocabulary has', () => {
    const { entries } = loadVocabulary(join(import.meta.dirname, '../../vocabulary'));
    assert.deepEqual(
      opioid.needs.filter((each) => !entries.has(each)),
      [],
    );
  });

  it('belong to drugs and sets that the vocabulary has', () => {
    for (const { code } of opioidTable.factors) assert.ok(drugVocabulary.drugs.nameOf(code), code);
    for (const id of [opioidTable.opioids, opioidTable.benzodiazepines, opioidTable.naloxone.set]) {
      assert.ok(drugVocabulary.valueSets.has(`urn:auscult:ValueSet:${id}`), id);
    }
    assert.deepEqual(drugVocabulary.drugs.ingredients(opioidTable.naloxone.order.code), [
      opioidTable.naloxone.code,
    ]);
  });
});

describe('opioid orders', () => {
  it('warn from 50 MME a day, to the last bit', () => {
    const at = (dose: number) => brief(find({ drafts: [mg(morphine, dose)], ...otherwise }));
    assert.deepEqual(at(50), ['opioid-mme warning']);
    assert.deepEqual(at(49.99999999999999), []);
    assert.deepEqual(at(50.00000000000001), ['opioid-mme warning']);
  });

  it('add what is active to what is ordered, but not what the order replaces', () => {
    const draft = mg(oxycodone, 20);
    assert.deepEqual(brief(find({ drafts: [draft], active: [mg(hydrocodone, 20)], ...otherwise })), [
      'opioid-mme warning',
    ]);
    assert.deepEqual(brief(find({ drafts: [draft], active: [mg(oxycodone, 30)], ...otherwise })), []);
  });

  it('show every dose, and count as-needed at its maximum', () => {
    const prn = order(products.oxycodone15, [
      take(tablets(1), every(1, 4, 'h', { periodMax: 6 }), { asNeededBoolean: true }),
    ]);
    const [finding] = find({ drafts: [prn], ...otherwise });
    assert.deepEqual(finding?.because, [
      'Total 135 MME a day.',
      'oxycodone 90 mg a day at most, as needed (draft): 135 MME a day.',
    ]);
    assert.equal(finding.words.other, '135 MME a day');
  });

  const lowerBounds: readonly (readonly [string, MedicationRequest, string])[] = [
    ['an opioid without a factor', mg(meperidine, 100), 'meperidine: no factor'],
    [
      'a dose in words',
      order(hydrocodone, [{ text: 'as directed' }]),
      'hydrocodone: the dose stands in words only',
    ],
    ['an injection', mg('3423', 4, iv), 'hydromorphone: no factor for this route'],
    ['fentanyl other than a patch', mg('4337', 1, {}), 'fentanyl: its dose cannot be told in ug/h'],
    ['buprenorphine', mg(buprenorphine, 8), 'buprenorphine: a partial agonist without a factor'],
  ];
  for (const [what, active, excluded] of lowerBounds) {
    it(`say "at least" beside ${what}`, () => {
      const [finding] = find({ drafts: [mg(morphine, 60)], active: [active], ...otherwise });
      assert.equal(finding?.rule, 'opioid-mme');
      assert.equal(finding.because[0], `Total at least 60 MME a day, excluding ${excluded}.`);
    });
  }

  it('say that the total is open where a part could not be counted, but not for buprenorphine', () => {
    const below = (active: MedicationRequest) =>
      brief(find({ drafts: [mg(morphine, 20)], active: [active], ...otherwise }));
    assert.deepEqual(below(mg(meperidine, 100)), ['opioid-mme-unknown info']);
    assert.deepEqual(below(mg(buprenorphine, 8)), []);
    assert.deepEqual(brief(find({ drafts: [mg(meperidine, 100)], ...otherwise })), []);
  });

  it('count an order without a route as by mouth, and say so', () => {
    const [finding] = find({ drafts: [mg('3423', 10, {})], ...otherwise });
    assert.equal(finding?.because[1], 'hydromorphone 10 mg a day (draft, route not stated): 50 MME a day.');
  });

  it('count a fentanyl patch by its rate', () => {
    assert.equal(
      find({ drafts: [patch], active: [mg(morphine, 1)], ...otherwise })[0]?.words.other,
      '61 MME a day',
    );
  });

  it('do not count methadone that may treat opioid use disorder', () => {
    const active = [mg(methadone, 80)];
    const values = { opioidUseDisorder: true };
    assert.deepEqual(brief(find({ drafts: [mg(morphine, 20)], active, values, ...otherwise })), [
      'opioid-mme-unknown info',
    ]);
  });

  it('warn of a benzodiazepine in either direction, once for a pair of drafts', () => {
    const pair = ['opioid-benzodiazepine warning'];
    assert.deepEqual(
      brief(find({ drafts: [mg(morphine, 10)], active: [mg(alprazolam, 1)], ...otherwise })),
      pair,
    );
    assert.deepEqual(
      brief(find({ drafts: [mg(alprazolam, 1)], active: [mg(morphine, 10)], ...otherwise })),
      pair,
    );
    assert.deepEqual(brief(find({ drafts: [mg(alprazolam, 1), mg(morphine, 10)], ...otherwise })), pair);
    assert.deepEqual(brief(find({ drafts: [mg(alprazolam, 1)], ...otherwise })), []);
    const treated = {
      drafts: [mg(alprazolam, 1)],
      active: [mg(buprenorphine, 8)],
      values: { opioidUseDisorder: true },
    };
    assert.deepEqual(brief(find({ ...treated, ...otherwise })), ['opioid-benzodiazepine info']);
  });

  const reasons: readonly (readonly [string, ViewParts])[] = [
    ['50 MME', { drafts: [mg(morphine, 50)] }],
    ['a benzodiazepine', { drafts: [mg(morphine, 5)], active: [mg(alprazolam, 1)] }],
    ['an overdose', { drafts: [mg(morphine, 5)], values: { opioidOverdose: true } }],
    ['opioid use disorder', { drafts: [mg(morphine, 5)], values: { opioidUseDisorder: true } }],
  ];
  for (const [what, parts] of reasons) {
    it(`offer naloxone because of ${what}, unless it is there`, () => {
      const offer = find({ recent: history, ...parts }).find(({ rule }) => rule === 'opioid-naloxone');
      const [action] = offer?.actions ?? [];
      assert.ok(action?.type === 'create');
      assert.equal(action.resource.medicationCodeableConcept?.coding?.[0]?.code, '1725059');
      assert.equal(action.resource.intent, 'proposal');
      assert.equal(brief(find({ ...parts, ...otherwise })).includes('opioid-naloxone info'), false);
    });
  }

  it('offer naloxone beside buprenorphine with naloxone, which only deters misuse', () => {
    const both = order('351266', [take(tablets(1), daily)]);
    const found = find({ drafts: [mg(morphine, 60)], active: [both] });
    assert.ok(brief(found).includes('opioid-naloxone info'));
  });

  it('warn of a long-acting first opioid', () => {
    const rule = 'opioid-extended-release-start';
    const has = (parts: ViewParts) => brief(find(parts)).filter((each) => each.startsWith(rule));
    assert.deepEqual(has({ drafts: [patch] }), [`${rule} warning`]);
    assert.deepEqual(has({ drafts: [mg(methadone, 5)] }), [`${rule} warning`]);
    assert.deepEqual(has({ drafts: [patch], recent: history }), []);
    assert.deepEqual(has({ drafts: [patch], active: history }), []);
    assert.deepEqual(has({ drafts: [mg(morphine, 5)] }), []);
    assert.deepEqual(has({ drafts: [patch], lists: ['medications'] }), [`${rule} info`]);
    assert.deepEqual(has({ drafts: [mg(methadone, 5)], values: { opioidUseDisorder: true } }), []);
  });

  for (const name of ['activeCancer', 'sickleCellDisease', 'palliativeCare']) {
    it(`are out of scope with ${name}, and say so where it is not known`, () => {
      const parts: ViewParts = { drafts: [patch, mg(morphine, 90)], active: [mg(alprazolam, 1)] };
      assert.deepEqual(find({ ...parts, values: { [name]: true } }), []);
      const { [name as keyof typeof inScope]: _, ...values } = inScope;
      const open = opioid.find(viewOf({ ...parts, values }));
      assert.ok(
        open.length > 0 &&
          open.every(({ unknown }) => unknown.some((each) => /the guideline is not for it/.test(each))),
      );
    });
  }

  it('are judged from 18 years, when selected', () => {
    const drafts = [mg(morphine, 90)];
    assert.deepEqual(find({ drafts, values: { age: 17 } }), []);
    assert.ok(find({ drafts, values: { age: 18 } }).length > 0);
    assert.deepEqual(find({ drafts, selected: [] }), []);
  });
});
