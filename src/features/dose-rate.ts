import { codesOf, isRecord, wordOf } from '../fhir/coding.ts';
import { type Missing, missing } from './feature.ts';

/** How often a dose is given, over a long time. */
export interface Rate {
  readonly kind: 'rate';
  readonly perDay: number;
  /** How a range was read. */
  readonly notes: readonly string[];
}

/** UCUM periodUnit of Timing.repeat → days; a month is 30.4375 d and a year 365.25 d (UCUM `mo`, `a`). */
const days: Readonly<Record<string, number>> = {
  s: 1 / 86_400,
  min: 1 / 1440,
  h: 1 / 24,
  d: 1,
  wk: 7,
  mo: 30.4375,
  a: 365.25,
};
const perDayOfUnit: Readonly<Record<string, number>> = { s: 86_400, min: 1440, h: 24 };

/** Length of a FHIR Duration unit in days; undefined: not a unit of time that is known. */
export const daysOf = (unit: string): number | undefined =>
  Object.hasOwn(days, unit) ? days[unit] : undefined;

const gts = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation',
  'http://hl7.org/fhir/v3/GTSAbbreviation',
  'http://terminology.hl7.org/CodeSystem/timing-abbreviation',
]);
/** HL7 v3 GTSAbbreviation and FHIR timing-abbreviation: times a day. Business days and holidays are no rate. */
const perDayOfCode: Readonly<Record<string, number>> = {
  BID: 2,
  TID: 3,
  QID: 4,
  AM: 1,
  PM: 1,
  BED: 1,
  QD: 1,
  QOD: 1 / 2,
  Q1H: 24,
  Q2H: 12,
  Q3H: 8,
  Q4H: 6,
  Q6H: 4,
  Q8H: 3,
  Q12H: 2,
  WK: 1 / 7,
  MO: 1 / 30.4375,
};

/** Events of the day that happen once (FHIR EventTiming). Before, with or after "a meal" does not say how many. */
const onceADay = new Set(
  'MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT PHS HS WAKE IMD ACM ACD ACV CM CD CV PCM PCD PCV'.split(
    ' ',
  ),
);
const meals = new Set(['C', 'AC', 'PC']);
const week = new Set(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);

const untold = (detail: string): Missing => missing('unsuitable', detail);

/**
 * Times a day that a FHIR Timing says (R4 datatypes, Timing): its code, else its repeat; both must agree. A range
 * counts at its most frequent. Bounds and count say how long, not how often, and are not looked at. Free text never
 * is. Missing: nothing stated, stated once only, or not to be read for sure.
 */
export function timesPerDay(timing: unknown): Rate | Missing {
  if (!isRecord(timing)) return untold('how often is not stated in coded form');
  const coded = ofCode(timing.code);
  const repeated = isRecord(timing.repeat) ? ofRepeat(timing.repeat) : undefined;
  if (coded !== undefined && repeated?.kind === 'rate' && !near(coded.perDay, repeated.perDay)) {
    return missing('conflicting', 'the timing code and the timing itself disagree');
  }
  const rate = coded ?? repeated;
  if (rate !== undefined) return rate;
  return untold(
    Array.isArray(timing.event) ? 'it is given at single dates' : 'how often is not stated in coded form',
  );
}

const near = (one: number, other: number): boolean => Math.abs(one - other) <= 1e-9 * Math.max(one, other);

function ofCode(code: unknown): Rate | undefined {
  const found = codesOf(code).find((each) => gts.has(each.system) && Object.hasOwn(perDayOfCode, each.code));
  const perDay = found === undefined ? undefined : perDayOfCode[found.code];
  return perDay === undefined ? undefined : { kind: 'rate', perDay, notes: [] };
}

type Repeat = Readonly<Record<string, unknown>>;

function ofRepeat(repeat: Repeat): Rate | Missing | undefined {
  const events = eventsOf(repeat);
  if (typeof events === 'object') return events;
  const stated = statedRate(repeat);
  if (stated?.kind === 'missing') return stated;
  const daily = onDays(repeat);
  if (typeof daily === 'object') return daily;
  const rate = events === undefined ? stated : withEvents(events, stated, repeat);
  if (rate?.kind === 'missing') return rate;
  if (daily === undefined) return rate;
  return rate === undefined ? { kind: 'rate', perDay: daily / 7, notes: [] } : onlyOn(daily, rate, repeat);
}

/** How many events a day `when` or `timeOfDay` names; undefined: none is named, or how many is not said. */
function eventsOf({ when, timeOfDay }: Repeat): number | Missing | undefined {
  const [named, clock] = [listOf(when), listOf(timeOfDay)];
  if (named.length > 0 && clock.length > 0) return untold('both times and events of the day are stated');
  if (clock.length > 0) {
    const good = clock.every((each) => typeof each === 'string' && /^\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(each));
    return good
      ? new Set(clock.map((each) => wordOf(each).slice(0, 5))).size
      : untold('a time of day is no time');
  }
  if (named.length === 0) return undefined;
  if (named.every((each) => typeof each === 'string' && meals.has(each))) return undefined;
  if (!named.every((each) => typeof each === 'string' && onceADay.has(each))) {
    return untold('an event of the day cannot be counted');
  }
  return new Set(named).size;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** frequency per period, each range at its most frequent end; undefined: neither is stated. */
function statedRate(repeat: Repeat): Rate | Missing | undefined {
  const { frequency, frequencyMax, period, periodMax, periodUnit } = repeat;
  if ([frequency, frequencyMax, period, periodUnit].every((each) => each === undefined || each === null)) {
    return undefined;
  }
  const often = frequencyMax ?? frequency ?? 1;
  const ordered = typeof frequency !== 'number' || (isCount(often) && often >= frequency);
  const unit = typeof periodUnit === 'string' ? daysOf(periodUnit) : undefined;
  if (!isCount(often) || !isCount(period) || unit === undefined || !ordered) {
    return untold('the frequency and its period cannot be read');
  }
  if (isCount(periodMax) && periodMax < period) return untold('the frequency and its period cannot be read');
  const notes = [
    ...(isCount(frequencyMax) && frequencyMax !== frequency ? ['the highest stated frequency counts'] : []),
    ...(isCount(periodMax) && periodMax !== period ? ['the shortest stated interval counts'] : []),
  ];
  return rateOf(often, period, wordOf(periodUnit), notes);
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

/** frequency × (units a day) ÷ period, so that whole numbers stay exact. */
function rateOf(often: number, period: number, unit: string, notes: readonly string[]): Rate | Missing {
  const short = perDayOfUnit[unit];
  const perDay =
    short === undefined ? often / (period * (daysOf(unit) ?? Number.NaN)) : (often * short) / period;
  if (!Number.isFinite(perDay) || perDay <= 0) return untold('the frequency and its period cannot be read');
  return { kind: 'rate', perDay, notes };
}

/** Each named event once, every `period` days (every day where none is stated). A frequency must say the same. */
function withEvents(events: number, stated: Rate | undefined, repeat: Repeat): Rate | Missing {
  if (stated === undefined) return { kind: 'rate', perDay: events, notes: [] };
  const often = repeat.frequencyMax ?? repeat.frequency ?? 1;
  if (events === 1 || events === often) return stated;
  if (often === 1 && repeat.periodUnit === 'd') return { ...stated, perDay: stated.perDay * events };
  return untold('the frequency and the times of the day disagree');
}

/** How many days of the week; undefined: none is named. */
function onDays({ dayOfWeek }: Repeat): number | Missing | undefined {
  const list = listOf(dayOfWeek);
  if (list.length === 0) return undefined;
  return list.every((each) => typeof each === 'string' && week.has(each))
    ? new Set(list).size
    : untold('a day of the week is none');
}

/** A daily or hourly rate on these days only; a weekly one must name as many days as it has doses, or one. */
function onlyOn(
  count: number,
  rate: Rate,
  { period, periodUnit, frequency, frequencyMax }: Repeat,
): Rate | Missing {
  if (periodUnit === undefined || periodUnit === 'h' || (periodUnit === 'd' && period === 1)) {
    return { ...rate, perDay: (rate.perDay * count) / 7 };
  }
  if (periodUnit === 'wk' && (count === 1 || count === (frequencyMax ?? frequency ?? 1))) return rate;
  return untold('the frequency and the days of the week disagree');
}
