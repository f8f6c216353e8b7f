import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  completedYears,
  isBefore,
  isFuture,
  parseDuration,
  parseMoment,
  windowStart,
} from '../../src/fhir/time.ts';

const now = new Date('2026-06-15T12:00:00Z');
const moment = (text: string) => {
  const found = parseMoment(text);
  assert.ok(found, text);
  return found;
};

describe('parseMoment', () => {
  it('reads dates, partial dates and instants', () => {
    assert.deepEqual(
      ['2026', '2026-05', '2026-05-03', '2026-05-03T10:00:00Z'].map((text) => moment(text).precision),
      ['year', 'month', 'day', 'instant'],
    );
    assert.equal(moment('2026-05-03T23:30:00.123-05:00').start, Date.UTC(2026, 4, 4, 4, 30, 0, 123));
    assert.equal(moment('2026-05-03T23:30:00-05:00').date, '2026-05-03');
    assert.equal(moment('2016-12-31T23:59:60Z').start, Date.UTC(2016, 11, 31, 23, 59, 59));
    assert.equal(moment('2026-05-03T10:00+05:45').start, Date.UTC(2026, 4, 3, 4, 15));
    assert.equal(moment('2026-05-03T10:00:00.5Z').start, Date.UTC(2026, 4, 3, 10, 0, 0, 500));
    assert.equal(moment('2026-05-03T10:00:00.98765+00:00').start, Date.UTC(2026, 4, 3, 10, 0, 0, 987));
    assert.equal(moment('0044-03-15T12:00:00Z').start, Date.parse('0044-03-15T12:00:00Z'));
    assert.equal(moment('2024-02-29').date, '2024-02-29');
  });

  it('refuses what FHIR does not allow', () => {
    const odd = [
      '',
      '26',
      '2026-13',
      '2026-00',
      '2026-02-30',
      '2025-02-29',
      '2026-05-03T10:00:00',
      '2026-05-03T25:00:00Z',
      '2026-05-03 10:00Z',
      'today',
      '05/03/2026',
      undefined,
      null,
      5,
      {},
    ];
    for (const each of odd) assert.equal(parseMoment(each), undefined, String(each));
  });

  it('never throws, and spans from start to end', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc
            .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
            .map((date) => date.toISOString()),
        ),
        (text) => {
          const found = parseMoment(text);
          assert.ok(found === undefined || found.start <= found.end);
        },
      ),
    );
  });
});

describe('look-back', () => {
  it('reads ISO 8601 durations', () => {
    assert.deepEqual(parseDuration('P5Y'), { months: 60, ms: 0 });
    assert.deepEqual(parseDuration('P42W'), { months: 0, ms: 42 * 7 * 86_400_000 });
    assert.deepEqual(parseDuration('P1Y2M3DT4H'), { months: 14, ms: 3 * 86_400_000 + 4 * 3_600_000 });
    for (const odd of ['', 'P', 'PT', 'P5', '5Y', 'P-5Y', 'P0D', 'P1DT', 'p5y'])
      assert.equal(parseDuration(odd), undefined, odd);
  });

  it('steps by the calendar and stays in the month', () => {
    assert.equal(windowStart(now, 'P12M'), Date.UTC(2025, 5, 15, 12));
    assert.equal(windowStart(new Date('2026-03-31T00:00:00Z'), 'P1M'), Date.UTC(2026, 1, 28));
    assert.equal(windowStart(new Date('2024-02-29T00:00:00Z'), 'P1Y'), Date.UTC(2023, 1, 28));
  });

  it('a longer look-back never begins later', () => {
    const anyNow = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(anyNow, fc.integer({ min: 1, max: 600 }), (date, months) => {
        assert.ok(windowStart(date, `P${months + 1}M`) < windowStart(date, `P${months}M`));
        assert.ok(windowStart(date, `P${months}M`) < date.getTime());
      }),
    );
  });

  it('a calendar day is stale only when all of it is, wherever it was written', () => {
    const limit = Date.UTC(2025, 5, 15, 12);
    assert.equal(isBefore(moment('2025-06-15'), limit), false);
    assert.equal(isBefore(moment('2025-06-13'), limit), true);
    assert.equal(isBefore(moment('2025-06-15T11:59:59Z'), limit), true);
    assert.equal(isBefore(moment('2025'), limit), true);
    assert.equal(isBefore(moment('2026'), limit), false);
  });

  it('a day is in the future only when it has begun nowhere; clocks may differ by five minutes', () => {
    assert.equal(isFuture(moment('2026-06-16'), now), false);
    assert.equal(isFuture(moment('2026-06-17'), now), true);
    assert.equal(isFuture(moment('2026-06-15T12:04:00Z'), now), false);
    assert.equal(isFuture(moment('2026-06-15T12:06:00Z'), now), true);
    assert.equal(isFuture(moment('2026'), now), false);
  });
});

describe('completedYears', () => {
  const at = (date: string): Date => new Date(`${date}T12:00:00Z`);

  it('counts birthdays; a leap-day child has one on 1 March', () => {
    assert.equal(completedYears('1966-06-16', now), 59);
    assert.equal(completedYears('1966-06-15', now), 60);
    assert.equal(completedYears('2000-02-29', at('2025-02-28')), 24);
    assert.equal(completedYears('2000-02-29', at('2025-03-01')), 25);
  });

  it('answers for a partial date only when it cannot matter', () => {
    assert.equal(completedYears('1966-03', now), 60);
    assert.equal(completedYears('1966-06', now), undefined);
    assert.equal(completedYears('1966', now), undefined);
    assert.equal(completedYears('1966', at('2026-12-31')), 60);
    assert.equal(completedYears('not a date', now), undefined);
    assert.equal(completedYears('1966-02-30', now), undefined);
  });

  it('never falls as time passes, and rises by one a year', () => {
    const birth = fc.date({ min: new Date('1900-01-01'), max: new Date('2020-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(birth, fc.integer({ min: 0, max: 30_000 }), (date, days) => {
        const born = date.toISOString().slice(0, 10);
        const later = new Date(date.getTime() + days * 86_400_000);
        const [age = 0, next = 0] = [
          completedYears(born, later),
          completedYears(born, new Date(later.getTime() + 86_400_000)),
        ];
        assert.ok(next === age || next === age + 1);
        assert.ok(Math.abs(age - days / 365.25) < 1.01);
      }),
    );
  });

  it('gives the same age in every time zone of the machine', () => {
    const module = join(import.meta.dirname, '../../src/fhir/time.ts');
    const script = `import { completedYears, windowStart } from ${JSON.stringify(module)};
      const edges = ['2026-06-15T00:00:00Z', '2026-06-15T23:59:59Z', '2026-03-29T01:30:00Z'].map((each) => new Date(each));
      console.log(JSON.stringify(edges.map((now) => [completedYears('1966-06-15', now), completedYears('1966-03-29', now), windowStart(now, 'P12M')])));`;
    const answers = ['UTC', 'Pacific/Kiritimati', 'America/Los_Angeles'].map((TZ) =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, TZ },
        encoding: 'utf8',
      }),
    );
    assert.equal(new Set(answers).size, 1, answers.join(''));
  });
});
