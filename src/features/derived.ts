import { newestFirst, parseMoment } from '../fhir/time.ts';
import { episodesAt } from './condition.ts';
import type { Context } from './context.ts';
import { type EntryFrom, isFrom } from './entry.ts';
import { type Feature, type Missing, missing, type Observed, type ValueName } from './feature.ts';
import { bodyMassIndex, ckdEpi2021, type FormulaName, isFormula } from './formulas.ts';
import { readableQuantity } from './words.ts';

type Entry = EntryFrom<'derived'>;

/**
 * A value computed from other values. Missing inputs make it Missing with the first one's reason; a presence value
 * named in `unless` forbids it, both when it is true now and when it was true when the value was measured.
 */
export function derive(entry: Entry, context: Context): Feature {
  const { formula, inputs } = entry.from;
  if (!isFormula(formula)) return missing('unsuitable', 'no such formula');
  const named = Array.isArray(inputs) ? Object.fromEntries(inputs.entries()) : inputs;
  const result = compute(formula, named, context);
  if (result.kind !== 'observed') return result;
  const [low, high] = entry.plausible ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (typeof result.value === 'number' && (result.value < low || result.value > high)) {
    return missing('implausible', `outside ${low}–${high} ${entry.unit ?? ''}`.trim(), result.sources);
  }
  return forbidden(entry, result, context) ?? result;
}

function compute(
  formula: FormulaName,
  inputs: Readonly<Record<string, ValueName>>,
  context: Context,
): Feature {
  switch (formula) {
    case 'ckd-epi-2021':
      return egfr(inputs, context);
    case 'bmi':
      return bmi(inputs, context);
    case 'newest-of':
      return newestOf(Object.values(inputs), context);
    case 'any-of':
      return anyOf(Object.values(inputs), context);
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

const labelOf = (name: ValueName, { vocabulary }: Context): string =>
  vocabulary.entries.get(name)?.label ?? name;

/** The named inputs, all observed; or the first that is not, as the reason for this value. */
function observedInputs(
  inputs: Readonly<Record<string, ValueName>>,
  context: Context,
): { readonly [argument: string]: Observed } | Missing {
  const found: Record<string, Observed> = {};
  for (const [argument, name] of Object.entries(inputs)) {
    const feature = context.feature(name);
    if (feature.kind === 'observed') found[argument] = feature;
    else return missing(reasonOf(feature), explain(name, feature, context), sourcesOf(feature));
  }
  return found;
}

const reasonOf = (feature: Exclude<Feature, Observed>): Missing['reason'] =>
  feature.kind === 'missing' ? feature.reason : feature.because;
const sourcesOf = (feature: Feature): Missing['sources'] =>
  feature.kind === 'imputed' ? [] : feature.sources;

function explain(name: ValueName, feature: Exclude<Feature, Observed>, context: Context): string {
  const detail = feature.kind === 'missing' ? feature.detail : feature.basis;
  return `${labelOf(name, context)}: ${detail ?? reasonOf(feature)}`;
}

const isMissing = (each: object): each is Missing => 'kind' in each && each.kind === 'missing';

/** CKD-EPI 2021 from creatinine (mg/dL), age at the clock and sex; adults only. */
function egfr(inputs: Readonly<Record<string, ValueName>>, context: Context): Feature {
  const given = observedInputs(inputs, context);
  if (isMissing(given)) return given;
  const { creatinine, age, sex } = given;
  if (creatinine === undefined || typeof creatinine.value !== 'number' || typeof age?.value !== 'number') {
    return missing('unsuitable', 'creatinine and age must be numbers');
  }
  if (age.value < 18) return missing('unsuitable', 'CKD-EPI 2021 is for adults', creatinine.sources);
  if (sex?.value !== 'female' && sex?.value !== 'male')
    return missing('unsuitable', 'sex must be female or male');
  const value = ckdEpi2021(creatinine.value, age.value, sex.value);
  const note = `computed from creatinine ${readableQuantity(creatinine.value, 'mg/dL')} by CKD-EPI 2021 (Inker, NEJM 2021)`;
  return computed(value, creatinine, [], note);
}

/** Weight (kg) over height (cm) squared. */
function bmi(inputs: Readonly<Record<string, ValueName>>, context: Context): Feature {
  const given = observedInputs(inputs, context);
  if (isMissing(given)) return given;
  const { weight, height } = given;
  if (weight === undefined || typeof weight.value !== 'number' || typeof height?.value !== 'number') {
    return missing('unsuitable', 'weight and height must be numbers');
  }
  const note = `computed from weight ${readableQuantity(weight.value, 'kg')} and height ${readableQuantity(height.value, 'cm')}`;
  return computed(bodyMassIndex(weight.value, height.value), weight, [height], note);
}

/** Dated as its leading input. */
function computed(value: number, leading: Observed, others: readonly Observed[], note: string): Observed {
  const all = [leading, ...others];
  return {
    kind: 'observed',
    value,
    ...(leading.at === undefined ? {} : { at: leading.at }),
    sources: all.flatMap((each) => each.sources),
    notes: [note, ...all.flatMap((each) => each.notes ?? [])],
  };
}

/**
 * The first of several ways to know the same thing, unless a later way has a value from a later day. Ways that were
 * recorded but could not be used are named in the notes.
 */
function newestOf(names: readonly ValueName[], context: Context): Feature {
  const all = names.map((name) => ({ name, feature: context.feature(name) }));
  const known = all.flatMap(({ feature }) => (feature.kind === 'observed' ? [feature] : []));
  const refused = all.flatMap(({ name, feature }) =>
    feature.kind === 'observed' ? [] : [{ name, feature }],
  );
  const [first, ...rest] = known;
  if (first === undefined) {
    const told = refused.find(({ feature }) => reasonOf(feature) !== 'not-recorded') ?? refused[0];
    if (told === undefined) return missing('not-recorded');
    return missing(
      reasonOf(told.feature),
      explain(told.name, told.feature, context),
      sourcesOf(told.feature),
    );
  }
  const chosen = rest.reduce((best, each) => (isLaterDay(each, best) ? each : best), first);
  const notes = refused
    .filter(({ feature }) => reasonOf(feature) !== 'not-recorded')
    .map(({ name, feature }) => `not used: ${explain(name, feature, context)}`);
  return notes.length === 0 ? chosen : { ...chosen, notes: [...(chosen.notes ?? []), ...notes] };
}

function isLaterDay(one: Observed, other: Observed): boolean {
  const [a, b] = [parseMoment(one.at), parseMoment(other.at)];
  return a !== undefined && b !== undefined && a.date > b.date && newestFirst(a, b) < 0;
}

/** True if any is true; else Missing if any is Missing; else false. */
function anyOf(names: readonly ValueName[], context: Context): Feature {
  const features = names.map((name) => ({ name, feature: context.feature(name) }));
  const present = features.find(({ feature }) => feature.kind === 'observed' && feature.value === true);
  if (present !== undefined) return present.feature;
  const unknown = features.find(({ feature }) => feature.kind !== 'observed');
  if (unknown !== undefined && unknown.feature.kind !== 'observed') {
    const { name, feature } = unknown;
    return missing(reasonOf(feature), explain(name, feature, context), sourcesOf(feature));
  }
  const notes = features.flatMap(({ feature }) => (feature.kind === 'observed' ? (feature.notes ?? []) : []));
  return {
    kind: 'observed',
    value: false,
    sources: features.flatMap(({ feature }) => sourcesOf(feature)),
    notes,
  };
}
