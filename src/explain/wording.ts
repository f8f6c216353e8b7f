import type { FeatureValue } from '../features/feature.ts';
import { plainUnit } from '../features/words.ts';

/** Spelling of a UCUM unit for reading, e.g. `mmHg`, `mL/min/1.73 m²`; empty for the unit `1`. */
export const readableUnit = (ucum: string): string => (ucum === '1' ? '' : plainUnit(ucum));

/**
 * A clinical number as a clinician writes it: whole from 100 up, one decimal from 10 up, two below, without
 * trailing zeros; halves away from zero. For reading only: decisions use the unrounded number.
 */
export function readableNumber(value: number): string {
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const size = String(Number(halfUp(Math.abs(value), decimals)));
  return value < 0 && size !== '0' ? `-${size}` : size;
}

/** A number with its unit, e.g. `152 mmHg`, `7.2 %`; `unit` is UCUM, none for a bare number. */
export function readableQuantity(value: number, unit?: string): string {
  const spelling = unit === undefined ? '' : readableUnit(unit);
  return spelling === '' ? readableNumber(value) : `${readableNumber(value)} ${spelling}`;
}

/** A proportion as a percentage with one decimal, rounded half up, e.g. `9.9 %`. For reading only. */
export const readablePercent = (proportion: number): string => `${halfUp(proportion * 100, 1)} %`;

/** Any clinical value in words: a quantity, `yes`, `no`, or the coded answer itself (a word of the vocabulary). */
export function readableValue(value: FeatureValue, unit?: string): string {
  if (typeof value === 'number') return readableQuantity(value, unit);
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
}

/** A label inside a sentence: `Diabetes` → `diabetes`; `HDL cholesterol` and `eGFR` stay. */
export const inSentence = (label: string): string =>
  /^\p{Lu}\p{Ll}+(?=\W|$)/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** Fixed decimals, halves up, on the decimal digits: the binary 74.49999999999999 is 74.5. `value` ≥ 0. */
function halfUp(value: number, decimals: number): string {
  const scale = 10 ** decimals;
  const scaled = Number((value * scale).toPrecision(13));
  return (Math.floor(scaled + 0.5) / scale).toFixed(decimals);
}
