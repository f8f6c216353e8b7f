import type { Context } from './context.ts';
import { memberDoses } from './dose-feature.ts';
import { type Feature, missing } from './feature.ts';
import { readableQuantity } from './words.ts';

/** Expected LDL-C lowering: high 50 % and more, moderate 30–49 %, low less than 30 %. */
export type StatinIntensity = 'low' | 'moderate' | 'high';

/**
 * RxNorm ingredient → least daily dose (mg) listed for each intensity: 2018 AHA/ACC cholesterol guideline, table 3
 * (Grundy, Circulation 2019;139:e1082, doi:10.1161/CIR.0000000000000625). Whether the 2026 dyslipidemia guideline keeps
 * it was not read: pending clinical review. Between two listed doses the lower one's intensity holds.
 */
const listed: Readonly<Record<string, Partial<Record<StatinIntensity, number>>>> = {
  '83367': { moderate: 10, high: 40 },
  '301542': { moderate: 5, high: 20 },
  '36567': { low: 10, moderate: 20 },
  '42463': { low: 10, moderate: 40 },
  '6472': { low: 20, moderate: 40 },
  '41127': { low: 20, moderate: 80 },
  '861634': { moderate: 1 },
};

const strongestFirst = ['high', 'moderate', 'low'] as const;

/** Intensity of one statin at a daily dose in mg; undefined: not listed, or less than the least listed dose. */
export function statinIntensity(ingredient: string, mgPerDay: number): StatinIntensity | undefined {
  const row = Object.hasOwn(listed, ingredient) ? listed[ingredient] : undefined;
  return strongestFirst.find((each) => mgPerDay >= (row?.[each] ?? Number.POSITIVE_INFINITY));
}

/**
 * `high`, `moderate`, `low` or `none`: the strongest intensity of the statins in force (drafts included), by drug set.
 * Missing: a statin's dose cannot be told or is not listed, or two statins are in force.
 */
export function statinIntensityOf(valueSet: string, context: Context): Feature {
  const orders = memberDoses(valueSet, context);
  if ('kind' in orders) return orders;
  const sources = orders.map(({ source }) => source);
  const totals = new Map<string, { readonly name: string; readonly amount: number }>();
  for (const { dose, members, source } of orders) {
    if (dose.kind === 'missing') return missing('unsuitable', dose.detail, [source]);
    for (const { ingredient, amount, unit } of dose.perDay) {
      const name = members.get(ingredient);
      if (name === undefined) continue;
      if (unit !== 'mg/d') return missing('unsuitable', 'the statin is not dosed in mg a day', [source]);
      totals.set(ingredient, { name, amount: amount + (totals.get(ingredient)?.amount ?? 0) });
    }
  }
  const [only, ...others] = totals;
  if (only === undefined)
    return { kind: 'observed', value: 'none', sources: [], notes: ['no statin is in force'] };
  if (others.length > 0) return missing('conflicting', 'two statins are in force', sources);
  const [ingredient, { name, amount }] = only;
  const value = statinIntensity(ingredient, amount);
  if (value === undefined)
    return missing('unsuitable', `${name}: no intensity is listed for this dose`, sources);
  const note = `${name} ${readableQuantity(amount, 'mg/d')}: ${value} intensity (2018 AHA/ACC, table 3)`;
  return { kind: 'observed', value, sources, notes: [note] };
}
