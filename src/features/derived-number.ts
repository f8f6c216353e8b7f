/** Derived values that are numbers. */
import type { Context } from './context.ts';
import { type Feature, type FeatureValue, missing, type Observed, type ValueName } from './feature.ts';
import { bodyMassIndex, type Constants, ckdEpi2021, cockcroftGault } from './formulas.ts';
import { because, computed, isMissing, labelOf, observedInputs } from './inputs.ts';
import { readableQuantity } from './words.ts';

type Named = Readonly<Record<string, ValueName>>;

const isSex = (value: FeatureValue | undefined): value is 'female' | 'male' =>
  value === 'female' || value === 'male';

/** CKD-EPI 2021 from creatinine (mg/dL), age at the clock and sex; adults only. */
export function egfr(inputs: Named, context: Context): Feature {
  const given = observedInputs(inputs, context);
  if (isMissing(given)) return given;
  const { creatinine, age, sex } = given;
  if (typeof creatinine?.value !== 'number' || typeof age?.value !== 'number') {
    return missing('unsuitable', 'creatinine and age must be numbers');
  }
  if (age.value < 18) return missing('unsuitable', 'CKD-EPI 2021 is for adults', creatinine.sources);
  if (!isSex(sex?.value)) return missing('unsuitable', 'sex must be female or male');
  const value = ckdEpi2021(creatinine.value, age.value, sex.value);
  const note = `computed from creatinine ${readableQuantity(creatinine.value, 'mg/dL')} by CKD-EPI 2021 (Inker, NEJM 2021)`;
  return computed(value, [creatinine], note);
}

/** Cockcroft-Gault from age (years), sex, weight (kg) and creatinine (mg/dL); adults only. */
export function creatinineClearance(inputs: Named, context: Context): Feature {
  const given = observedInputs(inputs, context);
  if (isMissing(given)) return given;
  const { age, sex, weight, creatinine } = given;
  if (
    typeof age?.value !== 'number' ||
    typeof weight?.value !== 'number' ||
    typeof creatinine?.value !== 'number' ||
    creatinine.value <= 0
  )
    return missing('unsuitable', 'age, weight and creatinine must be numbers');
  if (age.value < 18) return missing('unsuitable', 'Cockcroft-Gault is for adults', creatinine.sources);
  if (!isSex(sex?.value)) return missing('unsuitable', 'sex must be female or male');
  const value = cockcroftGault(age.value, sex.value, weight.value, creatinine.value);
  const note = `computed from creatinine ${readableQuantity(creatinine.value, 'mg/dL')} and weight ${readableQuantity(weight.value, 'kg')} by Cockcroft-Gault (Nephron 1976)`;
  return computed(value, [creatinine, weight], note);
}

/** Weight (kg) over height (cm) squared. */
export function bmi(inputs: Named, context: Context): Feature {
  const given = observedInputs(inputs, context);
  if (isMissing(given)) return given;
  const { weight, height } = given;
  if (typeof weight?.value !== 'number' || typeof height?.value !== 'number') {
    return missing('unsuitable', 'weight and height must be numbers');
  }
  const note = `computed from weight ${readableQuantity(weight.value, 'kg')} and height ${readableQuantity(height.value, 'cm')}`;
  return computed(bodyMassIndex(weight.value, height.value), [weight, height], note);
}

/** Numerator over denominator, in the units that the two values have. */
export function ratio(inputs: Named, context: Context): Feature {
  const given = observedInputs(inputs, context);
  if (isMissing(given)) return given;
  const { numerator, denominator } = given;
  if (typeof numerator?.value !== 'number' || typeof denominator?.value !== 'number')
    return missing('unsuitable', 'numerator and denominator must be numbers');
  const value = numerator.value / denominator.value;
  const from = [numerator, denominator];
  return Number.isFinite(value)
    ? computed(value, from, undefined)
    : missing('unsuitable', 'the denominator is 0', [...numerator.sources, ...denominator.sources]);
}

/** The value times a factor. */
export function scale(inputs: Named, { factor }: Constants, context: Context): Feature {
  const given = observedInputs(inputs, context);
  if (isMissing(given)) return given;
  const { value } = given;
  if (typeof value?.value !== 'number') return missing('unsuitable', 'must be a number');
  return computed(value.value * Number(factor), [value], undefined);
}

/** All of them added up; one that is missing leaves the sum missing. */
export function sum(names: readonly ValueName[], context: Context): Feature {
  const all = observedInputs(Object.fromEntries(names.entries()), context);
  if (isMissing(all)) return all;
  const given = Object.values(all);
  const numbers = given.map(({ value }) => value).filter((value) => typeof value === 'number');
  if (numbers.length < given.length) return missing('unsuitable', 'all must be numbers');
  return computed(
    numbers.reduce((total, each) => total + each, 0),
    given,
    undefined,
  );
}

/** The points of those that are true; one that is not known leaves the score missing. */
export function points(names: readonly ValueName[], worth: Constants, context: Context): Feature {
  const present: Observed[] = [];
  const told: string[] = [];
  let total = 0;
  for (const name of names) {
    const feature = context.feature(name);
    if (feature.kind !== 'observed') return because(name, feature, context);
    if (typeof feature.value !== 'boolean')
      return missing('unsuitable', `${labelOf(name, context)} is no yes or no`, feature.sources);
    if (!feature.value) continue;
    const each = Number(worth[name]);
    total += each;
    present.push(feature);
    told.push(`${labelOf(name, context)} ${each}`);
  }
  return computed(total, present, told.length === 0 ? undefined : `points: ${told.join(', ')}`);
}
