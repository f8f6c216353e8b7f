/**
 * Instants, calendar dates and look-backs. FHIR dates may be partial (R4 "dateTime"): a moment is therefore the
 * span of instants it may mean. Everything is computed in UTC from the text: the time zone of the machine never
 * matters. Nothing here throws on chart data.
 */

const day = 86_400_000;
/** Local calendar days begin up to 14 h before and end up to 12 h after the UTC day of the same date. */
const earliestZone = 14 * 3_600_000;
const latestZone = 12 * 3_600_000;
/** An EHR's clock may run ahead of ours by this much before its record counts as in the future. */
const clockSkew = 5 * 60_000;

export type Precision = 'year' | 'month' | 'day' | 'instant';

/** What a FHIR date, dateTime or instant says. */
export interface Moment {
  readonly text: string;
  readonly precision: Precision;
  /** First and last instant it may mean, ms since the epoch. */
  readonly start: number;
  readonly end: number;
  /** Calendar date as written (`2026-05-03`), in the writer's own time zone; for partial dates their prefix. */
  readonly date: string;
}

const pattern = /^\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?)?)?$/;

/** Reads a FHIR date, dateTime or instant; undefined for anything else (a time without zone, 30 February). */
export function parseMoment(text: unknown): Moment | undefined {
  if (typeof text !== 'string') return undefined;
  const said = text.trim();
  if (!pattern.test(said)) return undefined;
  const year = numberIn(said, 0, 4);
  if (said.length === 4) return span(said, 'year', year, 0, 1);
  const month = numberIn(said, 5, 7);
  if (month < 1 || month > 12) return undefined;
  if (said.length === 7) return span(said, 'month', year, month - 1, 1);
  const date = numberIn(said, 8, 10);
  if (!isDate(year, month, date)) return undefined;
  if (said.length === 10) return span(said, 'day', year, month - 1, date);
  return instant(said, utc(year, month - 1, date));
}

/** The number that stands there in decimal digits: every part of a date has its place. */
function numberIn(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + text.charCodeAt(at) - 0x30;
  return number;
}

function span(
  text: string,
  precision: 'year' | 'month' | 'day',
  year: number,
  month: number,
  date: number,
): Moment {
  const start = utc(year, month, date);
  const next =
    precision === 'year'
      ? utc(year + 1, 0, 1)
      : precision === 'month'
        ? utc(year, month + 1, 1)
        : start + day;
  return { text, precision, start: start - earliestZone, end: next - 1 + latestZone, date: text };
}

/** @param midnight of its date in UTC */
function instant(text: string, midnight: number): Moment | undefined {
  const zone = text.length - (text.endsWith('Z') ? 1 : 6);
  const [hour, minute] = [numberIn(text, 11, 13), numberIn(text, 14, 16)];
  const second = zone > 16 ? numberIn(text, 17, 19) : 0;
  const leapless = second === 60 ? 59 : second;
  const offset = zoneOffset(text, zone);
  if (hour > 23 || minute > 59 || leapless > 59 || offset === undefined) return undefined;
  const fraction = Math.min(zone, 23);
  const ms = zone > 19 ? numberIn(text, 20, fraction) * 10 ** (23 - fraction) : 0;
  const at = midnight + ((hour * 60 + minute) * 60 + leapless) * 1000 + ms - offset;
  return { text, precision: 'instant', start: at, end: at, date: text.slice(0, 10) };
}

/** Milliseconds east of UTC of the `Z` or `+02:00` that stands there; undefined where it is none of this earth. */
function zoneOffset(text: string, at: number): number | undefined {
  if (text[at] === 'Z') return 0;
  const [hours, minutes] = [numberIn(text, at + 1, at + 3), numberIn(text, at + 4, at + 6)];
  if (hours > 23 || minutes > 59) return undefined;
  return (text[at] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** The moment of a Period: its end, else its start. */
export function momentOfPeriod(period: unknown): Moment | undefined {
  if (typeof period !== 'object' || period === null) return undefined;
  const { start, end } = period as { start?: unknown; end?: unknown };
  return parseMoment(end) ?? parseMoment(start);
}

/** Lies it in the future, however it is read? Five minutes of clock skew are allowed. */
export const isFuture = (moment: Moment, now: Date): boolean => moment.start > now.getTime() + clockSkew;

/**
 * Is it older than the limit? A calendar day is older only when all of it is; a bare month or year already when
 * part of it is (what is stale for sure and what may be stale are treated alike).
 */
export const isBefore = (moment: Moment, limit: number): boolean =>
  (moment.precision === 'day' || moment.precision === 'instant' ? moment.end : moment.start) < limit;

/** Newest first, by the last instant a moment may mean. */
export const newestFirst = (one: Moment, other: Moment): number =>
  other.end - one.end || other.start - one.start;

/** An ISO 8601 duration in whole calendar and clock units; the sign is the caller's. */
export interface Duration {
  readonly months: number;
  readonly ms: number;
}

/** Reads `P5Y`, `P12M`, `P90D`, `P42W`, `P1Y6M`, `PT36H`; undefined for anything else, zero included. */
export function parseDuration(text: string): Duration | undefined {
  const found = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(
    text,
  );
  if (found === null || text.endsWith('T')) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  const ms = (weeks * 7 + days) * day + hours * 3_600_000 + minutes * 60_000 + seconds * 1000;
  const total = { months: years * 12 + months, ms };
  return total.months + total.ms > 0 ? total : undefined;
}

const durations = new Map<string, Duration | undefined>();

/** A look-back is one of the vocabulary's few: each is read once. */
function durationOf(lookback: string): Duration | undefined {
  if (!durations.has(lookback)) durations.set(lookback, parseDuration(lookback));
  return durations.get(lookback);
}

/** Start of the look-back window, ms: calendar arithmetic in UTC; 31 March less a month is the last of February. */
export function windowStart(now: Date, lookback: string): number {
  const duration = durationOf(lookback);
  if (duration === undefined) return Number.NEGATIVE_INFINITY;
  const month = now.getUTCMonth() - duration.months;
  const lastDay = new Date(utc(now.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const date = Math.min(now.getUTCDate(), lastDay);
  const timeOfDay = now.getTime() - utc(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  return utc(now.getUTCFullYear(), month, date) + timeOfDay - duration.ms;
}

/**
 * Completed years from a birth date (`1959-02-28`, `1959-02`, `1959`) to a moment's UTC calendar date. A partial
 * birth date gives an answer only when every day it may mean gives the same. Born on 29 February: a year older on
 * 1 March. Undefined: not a date, or not certain. Negative: born in the future.
 */
export function completedYears(birthDate: string, now: Date): number | undefined {
  const found = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(birthDate.trim());
  if (found === null || parseMoment(birthDate) === undefined) return undefined;
  const [, year, month, date] = found.map(Number);
  if (year === undefined) return undefined;
  const first = years(year, month || 1, date || 1, now);
  const last = years(year, month || 12, date || 31, now);
  return first === last ? first : undefined;
}

function years(year: number, month: number, date: number, now: Date): number {
  const [nowMonth, nowDate] = [now.getUTCMonth() + 1, now.getUTCDate()];
  const hadBirthday = nowMonth > month || (nowMonth === month && nowDate >= date);
  return now.getUTCFullYear() - year - (hadBirthday ? 0 : 1);
}

const isDate = (year: number, month: number, date: number): boolean => {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return date >= 1 && date <= (leap ? 29 : (daysOfMonth[month - 1] ?? 0));
};
const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Date.UTC without its rule that years 0 to 99 mean 1900 to 1999: the calendar repeats itself every 400 years. */
const utc = (year: number, month: number, date: number): number =>
  Date.UTC(year + 400, month, date) - 146_097 * day;
