/** Derived values that are words, or that stand in for what nobody recorded. */
import type { Context } from './context.ts';
import { isFrom } from './entry.ts';
import { type Feature, missing, type ValueName } from './feature.ts';
import type { Constants } from './formulas.ts';
import { computed, isMissing, labelOf, observedInputs } from './inputs.ts';
import { statinIntensityOf } from './statin-intensity.ts';
import { readableNumber } from './words.ts';

type Named = Readonly<Record<string, ValueName>>;

/** The value of one of this file's formulas. */
export function told(
  formula: 'band' | 'statin-intensity' | 'assume',
  inputs: Named,
  constants: Constants,
  context: Context,
): Feature {
  switch (formula) {
    case 'band':
      return band(inputs, constants, context);
    case 'statin-intensity':
      return intensityOf(inputs, context);
    case 'assume':
      return assume(inputs, constants, context);
  }
}

/** The word whose lower limit is the highest that the number reaches; below all of them there is none. */
function band(inputs: Named, limits: Constants, context: Context): Feature {
  const given = observedInputs(inputs, context);
  if (isMissing(given)) return given;
  const { value } = given;
  if (typeof value?.value !== 'number') return missing('unsuitable', 'must be a number');
  const number = value.value;
  const [reached] = Object.entries(limits)
    .filter(([, limit]) => number >= Number(limit))
    .toSorted(([, one], [, other]) => Number(other) - Number(one));
  return reached === undefined
    ? missing('unsuitable', 'the number reaches no band', value.sources)
    : computed(reached[0], [value], undefined);
}

/** Intensity of the statin in force: `high`, `moderate`, `low` or `none` (statin-intensity.ts). */
function intensityOf({ statin = '' }: Named, context: Context): Feature {
  const entry = context.vocabulary.entries.get(statin);
  return entry !== undefined && isFrom(entry, 'medication')
    ? statinIntensityOf(entry.from.valueSet, context)
    : missing('unsuitable', 'must name a drug');
}

/**
 * The value, or, where it was looked for and never recorded, a stated assumption, told as such wherever it is used. A
 * value that was recorded and cannot be used, or a list that did not come, stays Missing.
 */
function assume({ value = '' }: Named, { assume }: Constants, context: Context): Feature {
  const feature = context.feature(value);
  if (feature.kind !== 'missing' || feature.reason !== 'not-recorded') return feature;
  const number = Number(assume);
  const basis = `${labelOf(value, context).toLowerCase()} ${readableNumber(number)}, as none is recorded,`;
  return { kind: 'imputed', value: number, because: feature.reason, basis };
}
