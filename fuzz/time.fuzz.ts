/** Any text as a FHIR date, dateTime, instant, Period or duration: read soundly or not at all. */
import assert from 'node:assert/strict';
import {
  completedYears,
  isBefore,
  isFuture,
  momentOfPeriod,
  newestFirst,
  parseDuration,
  parseMoment,
  windowStart,
} from '../src/fhir/time.ts';
import { bytes } from './target.ts';

const now = new Date('2026-03-15T10:00:00Z');

export function fuzz(data: Buffer): void {
  const [first = '', second = ''] = data.toString('utf8').split('\n');
  const moment = parseMoment(first);
  if (moment !== undefined) {
    assert.ok(Number.isFinite(moment.start) && moment.start <= moment.end, first);
    assert.ok(!(isFuture(moment, now) && isBefore(moment, now.getTime())), first);
    assert.equal(newestFirst(moment, moment), 0);
    assert.ok(moment.text === first.trim() && first.trim().startsWith(moment.date));
    // What V8 reads as the same instant, it must read alike.
    if (moment.precision === 'instant' && !first.includes(':60')) {
      const known = Date.parse(first.trim());
      assert.ok(Number.isNaN(known) || Math.abs(known - moment.start) < 1, first);
    }
  }
  const age = completedYears(first, now);
  assert.ok(age === undefined || Number.isInteger(age), first);
  momentOfPeriod({ start: first, end: second });
  const duration = parseDuration(second);
  const start = windowStart(now, second);
  assert.ok(duration === undefined || start < now.getTime() || Number.isNaN(start), second);
}

export const seeds = (): readonly Buffer[] =>
  [
    '2026',
    '2026-02',
    '2024-02-29',
    '1900-02-29',
    '2026-03-15T10:00:00Z',
    '2026-03-15T10:00:00.123456+14:00',
    '2016-12-31T23:59:60Z',
    '0001-01-01',
  ].flatMap((date) =>
    ['P5Y', 'P12M', 'P42W', 'PT36H', 'P1Y6M3DT4H5M6S'].map((duration) => bytes(`${date}\n${duration}`)),
  );

export const dictionary = [
  'T',
  'Z',
  '+14:00',
  '-12:00',
  ':60',
  '-02-30',
  'P',
  'PT',
  '99999999999999999999',
  'Y',
  'M',
  '\n',
];
