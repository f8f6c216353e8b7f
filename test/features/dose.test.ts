import assert from 'node:assert/strict';
import type { MedicationRequest } from '@medplum/fhirtypes';
import { type DailyDose, dailyDose } from '../../src/features/dose.ts';
import {
  coded,
  daily,
  every,
  order,
  products,
  tablets,
  take,
  ucumUnit,
  drugVocabulary as vocabulary,
} from './dose-orders.ts';

const doseOf = (request: MedicationRequest): DailyDose => dailyDose(request, vocabulary.drugs, new Map());
const one = (code: string, dose: object, timing: object, more: object = {}): DailyDose =>
  doseOf(order(code, [take(dose, timing, more)]));
/** `oxycodone 30 mg/d` per ingredient, or `reason: detail`. */
const spell = (dose: DailyDose): string =>
  dose.kind === 'missing'
    ? `${dose.reason}: ${dose.detail ?? ''}`
    : dose.perDay
        .map(({ ingredient, amount, unit }) => `${vocabulary.drugs.nameOf(ingredient)} ${amount} ${unit}`)
        .join(' + ');
const { oxycodone15, oxycodoneAcetaminophen5, oxycodoneAlone, fentanylPatch25, lispro } = products;
const mg = (value: number) => ucumUnit(value, 'mg');

describe('daily dose', () => {
  const readable: readonly (readonly [string, DailyDose, string])[] = [
    ['tablets by strength', one(oxycodone15, tablets(1), every(2, 1, 'd')), 'oxycodone 30 mg/d'],
    ['halves', one(oxycodone15, tablets(0.5), daily), 'oxycodone 7.5 mg/d'],
    ['a mass of a single ingredient', one(oxycodone15, mg(10), every(4, 1, 'd')), 'oxycodone 40 mg/d'],
    ['an ingredient without product', one(oxycodoneAlone, mg(10), every(1, 6, 'h')), 'oxycodone 40 mg/d'],
    ['micrograms', one(oxycodoneAlone, ucumUnit(500, 'ug'), daily), 'oxycodone 0.5 mg/d'],
    [
      'every part of a combination',
      one(oxycodoneAcetaminophen5, tablets(1), every(1, 6, 'h')),
      'acetaminophen 1300 mg/d + oxycodone 20 mg/d',
    ],
    [
      'a combination by a named ingredient',
      one(oxycodoneAcetaminophen5, { value: 10, unit: 'mg{oxycodone}' }, daily),
      'acetaminophen 650 mg/d + oxycodone 10 mg/d',
    ],
    [
      'a patch by its rate, whatever its change',
      one(fentanylPatch25, { value: 1, unit: 'patch' }, every(1, 72, 'h')),
      'fentanyl 25 ug/h',
    ],
    ['two patches', one(fentanylPatch25, { value: 2, unit: 'patch' }, every(1, 3, 'd')), 'fentanyl 50 ug/h'],
    ['a rate ordered', one(fentanylPatch25, ucumUnit(75, 'ug/h'), {}), 'fentanyl 75 ug/h'],
    [
      'international units',
      one(lispro, { value: 10, unit: 'U' }, every(3, 1, 'd')),
      'insulin lispro 30 [iU]/d',
    ],
    ['a volume', one(lispro, ucumUnit(0.1, 'mL'), daily), 'insulin lispro 10 [iU]/d'],
    [
      'puffs',
      one(products.albuterolInhaler, { value: 2, unit: 'puff' }, every(4, 1, 'd')),
      'Albuterol 0.72 mg/d',
    ],
    [
      'a filled syringe',
      one(products.enoxaparin30, { value: 1, unit: 'syringe' }, daily),
      'enoxaparin 30 mg/d',
    ],
    [
      'as needed at its highest frequency',
      one(oxycodone15, tablets(1), every(1, 4, 'h', { periodMax: 6 }), { asNeededBoolean: true }),
      'oxycodone 90 mg/d',
    ],
    [
      'as needed without timing at its stated maximum',
      one(
        oxycodone15,
        tablets(1),
        {},
        {
          asNeededCodeableConcept: { text: 'pain' },
          maxDosePerPeriod: { numerator: tablets(3), denominator: ucumUnit(1, 'd') },
        },
      ),
      'oxycodone 45 mg/d',
    ],
    [
      'no more than the stated maximum',
      one(oxycodone15, tablets(1), every(1, 4, 'h'), {
        asNeededBoolean: true,
        maxDosePerPeriod: { numerator: mg(60), denominator: ucumUnit(24, 'h') },
      }),
      'oxycodone 60 mg/d',
    ],
    [
      'a closed range at its high end',
      doseOf(
        order(oxycodone15, [
          { doseAndRate: [{ doseRange: { low: tablets(1), high: tablets(2) } }], timing: daily },
        ]),
      ),
      'oxycodone 30 mg/d',
    ],
    [
      'instructions side by side',
      doseOf(order(oxycodone15, [take(tablets(1), coded('AM')), take(tablets(2), coded('PM'))])),
      'oxycodone 45 mg/d',
    ],
    [
      'an ordered and a calculated dose that agree',
      doseOf(
        order(oxycodone15, [
          { doseAndRate: [{ doseQuantity: tablets(2) }, { doseQuantity: mg(30) }], timing: daily },
        ]),
      ),
      'oxycodone 30 mg/d',
    ],
    [
      'bounds say how long, not how often',
      one(oxycodone15, tablets(1), every(1, 1, 'd', { boundsDuration: ucumUnit(3, 'd'), count: 3 })),
      'oxycodone 15 mg/d',
    ],
  ];
  for (const [what, dose, expected] of readable)
    it(`reads ${what}`, () => assert.equal(spell(dose), expected));

  const unreadable: readonly (readonly [string, DailyDose, RegExp])[] = [
    [
      'words only',
      doseOf(order(oxycodone15, [{ text: 'take 2 tablets daily' }])),
      /unsuitable: the dose stands in words only/,
    ],
    ['no instruction', doseOf(order(oxycodone15, [])), /not-recorded/],
    ['a dose without unit', one(oxycodone15, { value: 1 }, daily), /unknown-unit: the dose has no unit/],
    ['a unit that is not known', one(oxycodone15, { value: 1, unit: 'scoop' }, daily), /unknown-unit/],
    ['tablets of a liquid', one(lispro, tablets(1), daily), /does not fit the product/],
    [
      'tablets of an ingredient',
      one(oxycodoneAlone, tablets(1), daily),
      /strength of the product is not known/,
    ],
    ['mg of a combination', one(oxycodoneAcetaminophen5, mg(5), daily), /which ingredient/],
    ['mg of a patch', one(fentanylPatch25, mg(25), every(1, 72, 'h')), /a mass is no rate/],
    ['a bound', one(oxycodone15, { ...tablets(1), comparator: '<' }, daily), /bound/],
    ['nothing', one(oxycodone15, tablets(0), daily), /implausible/],
    ['less than nothing', one(oxycodone15, tablets(-1), daily), /implausible/],
    ['no frequency', one(oxycodone15, tablets(1), {}), /how often is not stated/],
    [
      'an open range',
      doseOf(order(oxycodone15, [{ doseAndRate: [{ doseRange: { high: tablets(2) } }], timing: daily }])),
      /open/,
    ],
    [
      'a range backwards',
      doseOf(
        order(oxycodone15, [
          { doseAndRate: [{ doseRange: { low: tablets(3), high: tablets(2) } }], timing: daily },
        ]),
      ),
      /backwards/,
    ],
    [
      'two doses that differ',
      doseOf(
        order(oxycodone15, [
          { doseAndRate: [{ doseQuantity: tablets(1) }, { doseQuantity: mg(30) }], timing: daily },
        ]),
      ),
      /conflicting/,
    ],
    [
      'a taper',
      doseOf(
        order(oxycodone15, [
          take(tablets(2), daily, { sequence: 1 }),
          take(tablets(1), daily, { sequence: 2 }),
        ]),
      ),
      /taper/,
    ],
    [
      'steps by their dates',
      doseOf(
        order(oxycodone15, [
          take(tablets(2), every(1, 1, 'd', { boundsPeriod: { end: '2026-06-20' } })),
          take(tablets(1), every(1, 1, 'd', { boundsPeriod: { start: '2026-06-20' } })),
        ]),
      ),
      /taper/,
    ],
    [
      'an infusion',
      doseOf(order(oxycodone15, [{ doseAndRate: [{ rateQuantity: ucumUnit(2, 'mg/h') }], timing: daily }])),
      /infusion/,
    ],
    ['a code nobody knows', one('99999999999', tablets(1), daily), /no code that can be read/],
    [
      'a drug described elsewhere',
      doseOf(
        order('', [], {
          medicationCodeableConcept: undefined,
          medicationReference: { reference: 'Medication/9' },
        }),
      ),
      /fetch-failed/,
    ],
  ];
  for (const [what, dose, expected] of unreadable)
    it(`does not guess ${what}`, () => assert.match(spell(dose), expected));

  it('says when an amount is only a maximum, and how a range was read', () => {
    const dose = one(oxycodone15, tablets(1), every(1, 4, 'h', { periodMax: 6 }), { asNeededBoolean: true });
    assert.ok(dose.kind === 'dose' && dose.prn);
    assert.deepEqual(dose.notes, [
      'as needed: counted at its stated maximum',
      'the shortest stated interval counts',
    ]);
  });
});
