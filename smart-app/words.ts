/** Numbers, units and times in a clinician's words. Nothing here knows a model. */
import type { FeatureValue, MissingReason } from '../src/features/feature.ts';
import { halfUp, readableNumber, readableUnit, readableValue } from '../src/features/words.ts';

/** A risk as the card prints it, without the sign. */
export const percentNumber = (proportion: number): string => halfUp(proportion * 100, 1);

/** How many of 100, half-up. */
export const ofHundred = (proportion: number): number => Number(halfUp(proportion * 100, 0));

/** A contribution on the logit scale as the factor it puts on the odds: 0.45 → "× 1.57". */
export const oddsFactor = (phi: number): string => `× ${halfUp(Math.exp(phi), 2)}`;

/** Running text with its UCUM units as people write them. */
export const readable = (text: string): string =>
  text.replaceAll('mm[Hg]', 'mmHg').replaceAll('{1.73_m2}', '1.73 m²').replaceAll('kg/m2', 'kg/m²');

const spelled: Readonly<Record<string, string>> = {
  Cel: '°C',
  d: 'days',
  '{INR}': '',
  '10*9/L': '× 10⁹/L',
  '10*3/uL': '× 10³/µL',
  'ug/h': 'µg/h',
};

/** UCUM as a clinician writes it, as on the card; empty where nobody writes one. */
export const unitWords = (ucum: string): string => spelled[ucum] ?? readableUnit(ucum);

/** A value without its unit (which still says how it is rounded), at the start of a cell: presence as Yes or No. */
export function valueWords(value: FeatureValue, unit?: string): string {
  if (typeof value === 'number') return readableNumber(value, unit);
  const words = readableValue(value);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The date as the record itself gives it (its own offset): "14 Aug 2026", "Aug 2026" or "2026". */
export function dateWords(at: string): string {
  const [year = '', month, day] = at.slice(0, 10).split('-');
  const name = month === undefined ? undefined : months[Number(month) - 1];
  return [day === undefined ? undefined : String(Number(day)), name, year].filter(Boolean).join(' ');
}

/** Date and minute in UTC: "20 Nov 2026, 09:30 UTC". */
export function instantWords(at: string): string {
  const iso = new Date(at).toISOString();
  return `${dateWords(iso)}, ${iso.slice(11, 16)} UTC`;
}

const dayMs = 86_400_000;

/** How long before `now` that was: "3 months ago". */
export function ago(at: string, now: string): string {
  const days = Math.floor((Date.parse(now) - Date.parse(at)) / dayMs);
  if (Number.isNaN(days)) return '';
  if (days < 0) return 'in the future';
  if (days === 0) return withinTheDay(at, now);
  if (days < 14) return plural(days, 'day');
  if (days < 62) return plural(Math.floor(days / 7), 'week');
  const months = completedMonths(new Date(at), new Date(now));
  return months < 24 ? plural(months, 'month') : plural(Math.floor(months / 12), 'year');
}

/** Vital signs age by the minute; a record that gives the day alone cannot say. */
function withinTheDay(at: string, now: string): string {
  const minutes = Math.floor((Date.parse(now) - Date.parse(at)) / 60_000);
  if (!at.includes('T')) return 'within the last day';
  return minutes < 120 ? plural(minutes, 'minute') : plural(Math.floor(minutes / 60), 'hour');
}

/** By the calendar, so that an age is never one year out at a birthday. */
function completedMonths(from: Date, to: Date): number {
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return to.getUTCDate() < from.getUTCDate() ? months - 1 : months;
}

const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'} ago`;

const spans: Record<string, string> = { Y: 'year', M: 'month', W: 'week', D: 'day' };

/** An ISO 8601 duration of one part: P12M → "12 months"; hyphenated before a noun: P10Y → "10-year". */
export function durationWords(iso: string, beforeNoun = false): string {
  const [, count = '', letter = ''] = /^P(\d+)([YMWD])$/.exec(iso) ?? [];
  const unit = spans[letter];
  if (unit === undefined) return iso;
  return beforeNoun ? `${count}-${unit}` : `${count} ${unit}${count === '1' ? '' : 's'}`;
}

/** Why a value is missing, as a clinician would say it. */
export const missingWords: Record<MissingReason, string> = {
  'not-recorded': 'Not on record',
  'not-supplied': 'Not sent by the EHR',
  'fetch-failed': 'Could not be read',
  stale: 'Too old to use',
  implausible: 'Outside the plausible range',
  'unknown-unit': 'Unit missing or unknown',
  conflicting: 'Records conflict',
  'invalid-date': 'Date cannot be used',
  unsuitable: 'On record, but not usable here',
};

/** `already-treated` → "Already treated". */
export function codeWords(code: string): string {
  const words = code.replaceAll('-', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
