import assert from 'node:assert/strict';
import type { MedicationRequest } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { type DailyDose, dailyDose } from '../../src/features/dose.ts';
import {
  coded,
  daily,
  drugVocabulary,
  every,
  order,
  products,
  tablets,
  take,
  ucumUnit,
} from './dose-orders.ts';

const doseOf = (request: MedicationRequest): DailyDose => dailyDose(request, drugVocabulary.drugs, new Map());
const one = (code: string, dose: object, timing: object, more: object = {}): DailyDose =>
  doseOf(order(code, [take(dose, timing, more)]));
const { oxycodone15 } = products;
const mg = (value: number) => ucumUnit(value, 'mg');

describe('any daily dose', () => {
  const amount = fc.integer({ min: 1, max: 400 }).map((quarters) => quarters / 4);
  const total = (dose: DailyDose): number => {
    assert.ok(dose.kind === 'dose', JSON.stringify(dose));
    return dose.perDay[0]?.amount ?? Number.NaN;
  };
  const near = (a: number, b: number) => assert.ok(Math.abs(a - b) <= 1e-9 * Math.abs(b), `${a} is not ${b}`);

  it('doubles with the frequency, halves with the period, follows the dose', () => {
    fc.assert(
      fc.property(
        amount,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('h', 'd', 'wk'),
        (count, often, unit) => {
          const base = total(one(oxycodone15, tablets(count), every(often, 1, unit)));
          near(total(one(oxycodone15, tablets(count), every(often * 2, 1, unit))), base * 2);
          near(total(one(oxycodone15, tablets(count), every(often, 2, unit))), base / 2);
          near(total(one(oxycodone15, tablets(count * 3), every(often, 1, unit))), base * 3);
          near(total(one(oxycodone15, mg(count * 15), every(often, 1, unit))), base);
        },
      ),
    );
  });

  it('is never above the stated maximum, nor changed by one that is higher', () => {
    fc.assert(
      fc.property(amount, amount, fc.integer({ min: 1, max: 24 }), (count, most, often) => {
        const max = { maxDosePerPeriod: { numerator: tablets(most), denominator: ucumUnit(1, 'd') } };
        const free = total(one(oxycodone15, tablets(count), every(often, 1, 'd')));
        near(total(one(oxycodone15, tablets(count), every(often, 1, 'd'), max)), Math.min(free, most * 15));
      }),
    );
  });

  it('never throws and is never negative or infinite, whatever stands in the order', () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(tablets(1), mg(5), daily, coded('BID'), -1, Number.MAX_VALUE),
    );
    const repeat = fc.record(
      {
        frequency: odd,
        period: odd,
        periodUnit: fc.oneof(odd, fc.constant('d')),
        when: odd,
        dayOfWeek: odd,
        timeOfDay: odd,
      },
      { requiredKeys: [] },
    );
    const instruction = fc.record(
      {
        sequence: odd,
        timing: fc.oneof(odd, fc.record({ repeat, code: odd }, { requiredKeys: [] })),
        asNeededBoolean: odd,
        maxDosePerPeriod: fc.oneof(odd, fc.record({ numerator: odd, denominator: odd })),
        doseAndRate: fc.oneof(
          odd,
          fc.array(
            fc.record(
              { doseQuantity: odd, doseRange: fc.oneof(odd, fc.record({ low: odd, high: odd })) },
              { requiredKeys: [] },
            ),
          ),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(odd, fc.array(instruction)),
        fc.constantFrom(...Object.values(products)),
        (list, code) => {
          const dose = doseOf({ ...order(code, []), dosageInstruction: list } as MedicationRequest);
          if (dose.kind === 'dose')
            assert.ok(dose.perDay.every((each) => each.amount >= 0 && Number.isFinite(each.amount)));
        },
      ),
      { numRuns: 500 },
    );
  });
});
