/** Numbers, units and times in a clinician's words. Nothing here knows a model. */
import type { FeatureValue, MissingReason } from '../src/features/feature.ts';

/** Half-up to the given decimals, on the decimal digits rather than on the binary fraction: 0.1225 → 12.3. */
function halfUp(number: number, decimals: number): string {
  const shift = 10 ** decimals;
  const steps = Math.floor(Number((Math.abs(number) * shift).toPrecision(13)) + 0.5);
  return ((Math.sign(number) * steps) / shift).toFixed(decimals);
}

/** A proportion as the card prints it: percent, half-up to 0.1, without the sign. */
export const percentNumber = (proportion: number): string => halfUp(proportion * 100, 1);
export const percent = (proportion: number): string => `${percentNumber(proportion)} %`;

/** How many of 100, half-up. */
export const ofHundred = (proportion: number): number => Number(halfUp(proportion * 100, 0));

/** "about 10 in 100", "fewer than 1 in 100", "more than 99 in 100". */
export function frequency(proportion: number): string {
  if (proportion < 0.005) return 'fewer than 1 in 100';
  if (proportion >= 0.995) return 'more than 99 in 100';
  return `about ${ofHundred(proportion)} in 100`;
}

/** A contribution on the logit scale as the factor it puts on the odds: 0.45 → "× 1.57". */
export const oddsFactor = (phi: number): string => `× ${halfUp(Math.exp(phi), 2)}`;

const units: Readonly<Record<string, string>> = {
  'mm[Hg]': 'mmHg',
  'mL/min/{1.73_m2}': 'mL/min/1.73 m²',
  'kg/m2': 'kg/m²',
  a: 'years',
  '1': '',
};

/** A UCUM unit as people write it; one that is not listed stays as it is, without braces. */
export const unitWords = (ucum: string): string => units[ucum] ?? ucum.replaceAll(/[{}]/g, '');

/** Running text with its UCUM units as people write them. */
export const readable = (text: string): string =>
  text.replaceAll('mm[Hg]', 'mmHg').replaceAll('{1.73_m2}', '1.73 m²').replaceAll('kg/m2', 'kg/m²');

/** A value without its unit: presence as Yes or No; a number whole from 100 up, one decimal from 10, else two. */
export function valueWords(value: FeatureValue): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'string') return value.charAt(0).toUpperCase() + value.slice(1);
  const size = Math.abs(value);
  return String(Number(halfUp(value, size >= 100 ? 0 : size >= 10 ? 1 : 2)));
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
  if (days === 0) return 'within the last day';
  if (days < 14) return plural(days, 'day');
  if (days < 61) return plural(Math.floor(days / 7), 'week');
  if (days < 730) return plural(Math.floor(days / 30.44), 'month');
  return plural(Math.floor(days / 365.25), 'year');
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
