/** Clinical numbers in words, for reading only: decisions use the unrounded number. */
import type { FeatureValue } from './feature.ts';

/** Fixed decimals, halves away from zero, on the decimal digits: 0.1225 in percent is 12.3, 74.49999999999999 is 74.5. */
export function halfUp(value: number, decimals: number): string {
  if (Number.isSafeInteger(value)) return value.toFixed(decimals);
  const scale = 10 ** decimals;
  const steps = Math.floor(Number((Math.abs(value) * scale).toPrecision(13)) + 0.5);
  return ((value < 0 && steps > 0 ? -steps : steps) / scale).toFixed(decimals);
}

/**
 * As a clinician writes it: whole from 100 up, one decimal from 10 up, two below (one where the unit is %), without
 * trailing zeros.
 */
export function readableNumber(value: number, unit?: string): string {
  const size = Math.abs(value);
  return String(Number(halfUp(value, size >= 100 ? 0 : size >= 10 || unit === '%' ? 1 : 2)));
}

/** UCUM as it is printed: `mmHg`, `mL/min/1.73 m²`, `years`; empty for the unit `1`. */
export function readableUnit(ucum: string): string {
  if (ucum === '1') return '';
  return ucum
    .replace(/^Cel$/, '°C')
    .replace(/^\{(?:score|persons)\}$/, '')
    .replace('{1.73_m2}', '1.73 m²')
    .replace('mm[Hg]', 'mmHg')
    .replace(/\bm2\b/, 'm²')
    .replace(/^a$/, 'years')
    .replaceAll(/[{}]/g, '');
}

/** A number with its unit, e.g. `152 mmHg`, `7.2 %`; `unit` is UCUM, none for a bare number. */
export function readableQuantity(value: number, unit?: string): string {
  const spelling = unit === undefined ? '' : readableUnit(unit);
  return spelling === '' ? readableNumber(value) : `${readableNumber(value, unit)} ${spelling}`;
}

/** Any clinical value: a quantity, `yes`, `no`, or the coded answer itself (a word of the vocabulary). */
export function readableValue(value: FeatureValue, unit?: string): string {
  if (typeof value === 'number') return readableQuantity(value, unit);
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
}

/** A proportion as a percentage with one decimal, half up, e.g. `9.9 %`: how every risk is printed. */
export const readablePercent = (proportion: number): string => `${halfUp(proportion * 100, 1)} %`;

/** A natural frequency with a fixed denominator: `about 15 in 100`, `fewer than 1 in 100`, `more than 99 in 100`. */
export function naturalFrequency(proportion: number): string {
  if (proportion < 0.005) return 'fewer than 1 in 100';
  if (proportion >= 0.995) return 'more than 99 in 100';
  return `about ${halfUp(proportion * 100, 0)} in 100`;
}
