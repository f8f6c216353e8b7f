import assert from 'node:assert/strict';
import { timesPerDay } from '../../src/features/dose-rate.ts';
import { coded, every } from './dose-orders.ts';

const repeat = (parts: object) => ({ repeat: parts });

describe('times a day', () => {
  const cases: readonly (readonly [string, unknown, number | RegExp])[] = [
    ['twice a day', every(2, 1, 'd'), 2],
    ['every 8 hours, exactly', every(1, 8, 'h'), 3],
    ['every 90 minutes', every(1, 90, 'min'), 16],
    ['three a week', every(3, 1, 'wk'), 3 / 7],
    ['once a month', every(1, 1, 'mo'), 1 / 30.4375],
    ['one to three a day', repeat({ frequency: 1, frequencyMax: 3, period: 1, periodUnit: 'd' }), 3],
    ['every 4 to 6 hours', repeat({ frequency: 1, period: 4, periodMax: 6, periodUnit: 'h' }), 6],
    ['a period alone', repeat({ period: 2, periodUnit: 'd' }), 1 / 2],
    ...Object.entries({
      BID: 2,
      TID: 3,
      QID: 4,
      QD: 1,
      QOD: 0.5,
      AM: 1,
      PM: 1,
      BED: 1,
      Q4H: 6,
      Q6H: 4,
      Q8H: 3,
    }).map(([code, times]) => [code, coded(code), times] as const),
    ['a code and a repeat that agree', { ...coded('BID'), ...every(1, 12, 'h') }, 2],
    ['a code and a repeat that disagree', { ...coded('BID'), ...every(3, 1, 'd') }, /conflicting/],
    [
      "a site's own code beside a repeat",
      { code: { coding: [{ system: 'urn:x', code: 'X' }] }, ...every(2, 1, 'd') },
      2,
    ],
    ["a site's own code alone", { code: { coding: [{ system: 'urn:x', code: 'BID' }] } }, /not stated/],
    ['morning and bedtime', repeat({ when: ['MORN', 'HS'] }), 2],
    ['the same event twice', repeat({ when: ['HS', 'HS'], offset: 30 }), 1],
    ['with meals', repeat({ when: ['C'] }), /not stated/],
    ['three a day with meals', repeat({ frequency: 3, period: 1, periodUnit: 'd', when: ['C'] }), 3],
    ['each named meal', repeat({ frequency: 1, period: 1, periodUnit: 'd', when: ['CM', 'CD', 'CV'] }), 3],
    ['times of day', repeat({ timeOfDay: ['08:00', '20:00:00'] }), 2],
    ['times of day on some days', repeat({ timeOfDay: ['08:00'], dayOfWeek: ['mon', 'thu'] }), 2 / 7],
    [
      'daily on two days',
      repeat({ frequency: 1, period: 1, periodUnit: 'd', dayOfWeek: ['mon', 'thu'] }),
      2 / 7,
    ],
    ['weekly on its day', repeat({ frequency: 1, period: 1, periodUnit: 'wk', dayOfWeek: ['mon'] }), 1 / 7],
    ['days alone', repeat({ dayOfWeek: ['mon', 'wed', 'fri'] }), 3 / 7],
    [
      'weekly on three days',
      repeat({ frequency: 1, period: 1, periodUnit: 'wk', dayOfWeek: ['mon', 'wed', 'fri'] }),
      /disagree/,
    ],
    [
      'twice a day at three times',
      repeat({ frequency: 2, period: 1, periodUnit: 'd', timeOfDay: ['08:00', '12:00', '20:00'] }),
      /disagree/,
    ],
    ['times and events together', repeat({ timeOfDay: ['08:00'], when: ['HS'] }), /both/],
    ['an event nobody knows', repeat({ when: ['LUNAR'] }), /cannot be counted/],
    ['a day nobody knows', repeat({ dayOfWeek: ['x'] }), /none/],
    ['a unit nobody knows', every(1, 1, 'fortnight'), /cannot be read/],
    ['no times at all', every(0, 1, 'd'), /cannot be read/],
    ['a negative period', every(1, -1, 'd'), /cannot be read/],
    [
      'a frequency that runs backwards',
      repeat({ frequency: 3, frequencyMax: 2, period: 1, periodUnit: 'd' }),
      /cannot be read/,
    ],
    ['single dates', { event: ['2026-06-15'] }, /single dates/],
    ['a dose counted once', repeat({ count: 1 }), /not stated/],
    ['words', { code: { text: 'BID' } }, /not stated/],
    ['nothing', undefined, /not stated/],
  ];
  for (const [what, timing, expected] of cases) {
    it(`${what}: ${expected}`, () => {
      const rate = timesPerDay(timing);
      if (typeof expected === 'number')
        assert.equal(rate.kind === 'rate' ? rate.perDay : rate.detail, expected);
      else
        assert.match(
          rate.kind === 'missing' ? `${rate.reason} ${rate.detail}` : String(rate.perDay),
          expected,
        );
    });
  }
});
