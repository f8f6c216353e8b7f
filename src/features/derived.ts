import { parseMoment } from '../fhir/time.ts';
import { episodesAt } from './condition.ts';
import type { Context } from './context.ts';
import { compare, is, not, oneOf, together } from './derived-choice.ts';
import { bmi, creatinineClearance, egfr, points, ratio, scale, sum } from './derived-number.ts';
import { told } from './derived-word.ts';
import { type EntryFrom, isFrom } from './entry.ts';
import { type Feature, type Missing, missing, type Observed } from './feature.ts';
import { isFormula } from './formulas.ts';
import { labelOf } from './inputs.ts';

type Entry = EntryFrom<'derived'>;

/**
 * A value computed from other values. Missing inputs make it Missing with the first one's reason; a presence value
 * named in `unless` forbids it, both when it is true now and when it was true when the value was measured.
 */
export function derive(entry: Entry, context: Context): Feature {
  const result = compute(entry, context);
  if (result.kind !== 'observed') return result;
  const [low, high] = entry.plausible ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (typeof result.value === 'number' && !(result.value >= low && result.value <= high)) {
    return missing('implausible', `outside ${low}–${high} ${entry.unit ?? ''}`.trim(), result.sources);
  }
  return forbidden(entry, result, context) ?? result;
}

function compute({ from }: Entry, context: Context): Feature {
  const { formula, inputs, with: constants = {} } = from;
  if (!isFormula(formula)) return missing('unsuitable', 'no such formula');
  const named = Array.isArray(inputs) ? Object.fromEntries(inputs.entries()) : inputs;
  const listed = Array.isArray(inputs) ? inputs : Object.values(inputs);
  switch (formula) {
    case 'band':
    case 'statin-intensity':
    case 'assume':
      return told(formula, named, constants, context);
    case 'ckd-epi-2021':
      return egfr(named, context);
    case 'cockcroft-gault':
      return creatinineClearance(named, context);
    case 'bmi':
      return bmi(named, context);
    case 'ratio':
      return ratio(named, context);
    case 'scale':
      return scale(named, constants, context);
    case 'sum':
      return sum(listed, context);
    case 'points':
      return points(listed, constants, context);
    case 'newest-of':
    case 'first-of':
    case 'latest-of':
      return oneOf(formula, listed, context);
    case 'any-of':
    case 'all-of':
    case 'any-known':
      return together(formula, listed, context);
    case 'not':
      return not(named, context);
    case 'is':
      return is(named, constants, context);
    case 'at-least':
    case 'above':
    case 'below':
      return compare(formula, named, constants, context);
  }
}

/** Why the value may not be used; undefined: nothing forbids it. What is unknown forbids too. */
function forbidden(entry: Entry, result: Observed, context: Context): Missing | undefined {
  for (const name of entry.from.unless ?? []) {
    const label = labelOf(name, context);
    const guard = context.feature(name);
    if (guard.kind === 'missing') return missing(guard.reason, `cannot rule out: ${label}`, guard.sources);
    if (guard.value === true) {
      return missing('unsuitable', `${label} is on record`, guard.kind === 'observed' ? guard.sources : []);
    }
    const condition = context.vocabulary.entries.get(name);
    const moment = parseMoment(result.at);
    if (condition === undefined || moment === undefined || !isFrom(condition, 'condition')) continue;
    const then = episodesAt(condition, moment, context);
    if (then.length > 0) return missing('unsuitable', `measured during: ${label}`, then);
  }
  return undefined;
}
