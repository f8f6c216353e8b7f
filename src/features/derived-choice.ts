/** Derived values that choose among others, or say yes or no. */
import { newestFirst, parseMoment } from '../fhir/time.ts';
import type { Context } from './context.ts';
import { type Feature, type Missing, missing, type Observed, type ValueName } from './feature.ts';
import type { Constants } from './formulas.ts';
import {
  because,
  computed,
  explain,
  type Input,
  isMissing,
  labelOf,
  observedInputs,
  reasonOf,
  sourcesOf,
} from './inputs.ts';

type Named = Readonly<Record<string, ValueName>>;

const inputsOf = (names: readonly ValueName[], context: Context): readonly Input[] =>
  names.map((name) => ({ name, feature: context.feature(name) }));

/** One of several ways to know the same thing, as the formula says. */
export function oneOf(
  formula: 'newest-of' | 'first-of' | 'latest-of',
  names: readonly ValueName[],
  context: Context,
): Feature {
  switch (formula) {
    case 'newest-of':
      return newestOf(names, context);
    case 'first-of':
      return firstOf(names, context);
    case 'latest-of':
      return latestOf(names, context);
  }
}

/**
 * The first of several ways to know the same thing, unless a later way has a value from a later day. Ways that were
 * recorded but could not be used are named in the notes.
 */
const newestOf = (names: readonly ValueName[], context: Context): Feature =>
  choose(names, context, (first, rest) =>
    rest.reduce((best, each) => (isLaterDay(each, best) ? each : best), first),
  );

/** The one that was true of the patient last, to the instant; the first of those at the same one. */
const latestOf = (names: readonly ValueName[], context: Context): Feature =>
  choose(names, context, (first, rest) =>
    rest.reduce((best, each) => (isLater(each, best) ? each : best), first),
  );

function isLater(one: Observed, other: Observed): boolean {
  const [a, b] = [parseMoment(one.at), parseMoment(other.at)];
  return a !== undefined && b !== undefined && newestFirst(a, b) < 0;
}

/** The first that is known. Earlier ones that were recorded but could not be used are named in the notes. */
const firstOf = (names: readonly ValueName[], context: Context): Feature =>
  choose(names, context, (first) => first);

function choose(
  names: readonly ValueName[],
  context: Context,
  among: (first: Observed, rest: readonly Observed[]) => Observed,
): Feature {
  const all = inputsOf(names, context);
  const [first, ...rest] = all.flatMap(({ feature }) => (feature.kind === 'observed' ? [feature] : []));
  const refused = all.flatMap(({ name, feature }) =>
    feature.kind === 'observed' ? [] : [{ name, feature }],
  );
  if (first === undefined) {
    const told = refused.find(({ feature }) => reasonOf(feature) !== 'not-recorded') ?? refused[0];
    return told === undefined ? missing('not-recorded') : because(told.name, told.feature, context);
  }
  const chosen = among(first, rest);
  const notes = refused
    .filter(({ feature }) => reasonOf(feature) !== 'not-recorded')
    .map(({ name, feature }) => `not used: ${explain(name, feature, context)}`);
  return notes.length === 0 ? chosen : { ...chosen, notes: [...(chosen.notes ?? []), ...notes] };
}

function isLaterDay(one: Observed, other: Observed): boolean {
  const [a, b] = [parseMoment(one.at), parseMoment(other.at)];
  return a !== undefined && b !== undefined && a.date > b.date && newestFirst(a, b) < 0;
}

/** Several verdicts as one, as the formula says. */
export function together(
  formula: 'any-of' | 'all-of' | 'any-known',
  names: readonly ValueName[],
  context: Context,
): Feature {
  switch (formula) {
    case 'any-of':
      return anyOf(names, context);
    case 'all-of':
      return allOf(names, context);
    case 'any-known':
      return anyKnown(names, context);
  }
}

/** True if any is true; else Missing if any is not known; else false. */
const anyOf = (names: readonly ValueName[], context: Context): Feature => decided(names, context, true);

/** False if any is false; else Missing if any is not known; else true. */
const allOf = (names: readonly ValueName[], context: Context): Feature => decided(names, context, false);

/**
 * True if any is true, else what the first is: the others are further ways to learn of it, and a list of theirs that did
 * not come is told in the notes. A record of theirs that cannot be read leaves it open.
 */
function anyKnown(names: readonly ValueName[], context: Context): Feature {
  const [first, ...others] = inputsOf(names, context);
  if (first === undefined) return missing('not-recorded');
  const absent = others.filter(({ feature }) => feature.kind === 'missing' && didNotCome.has(feature.reason));
  const read = [first, ...others].filter((each) => !absent.includes(each));
  const told = anyOf(
    read.map(({ name }) => name),
    context,
  );
  if (told.kind !== 'observed' || told.value === true || absent.length === 0) return told;
  const notes = absent.map(({ name }) => `not looked at: ${labelOf(name, context)}`);
  return { ...told, notes: [...(told.notes ?? []), ...notes] };
}

const didNotCome: ReadonlySet<Missing['reason']> = new Set(['not-supplied', 'fetch-failed']);

/** One such verdict decides; without it, one that is not known leaves it open. */
function decided(names: readonly ValueName[], context: Context, deciding: boolean): Feature {
  const all = inputsOf(names, context);
  const found = all.find(({ feature }) => feature.kind === 'observed' && feature.value === deciding);
  if (found !== undefined) return found.feature;
  for (const { name, feature } of all) {
    if (feature.kind !== 'observed') return because(name, feature, context);
    if (typeof feature.value !== 'boolean')
      return missing('unsuitable', 'all must be yes or no', feature.sources);
  }
  const notes = all.flatMap(({ feature }) => (feature.kind === 'observed' ? (feature.notes ?? []) : []));
  const sources = all.flatMap(({ feature }) => sourcesOf(feature));
  return { kind: 'observed', value: !deciding, sources, notes };
}

/** No for yes. */
export function not(inputs: Named, context: Context): Feature {
  const given = observedInputs(inputs, context);
  if (isMissing(given)) return given;
  const { value } = given;
  if (typeof value?.value !== 'boolean') return missing('unsuitable', 'must be yes or no');
  return { ...value, value: !value.value };
}

/** Is the value this word? */
export function is(inputs: Named, constants: Constants, context: Context): Feature {
  const given = observedInputs(inputs, context);
  if (isMissing(given)) return given;
  const { value } = given;
  if (typeof value?.value !== 'string') return missing('unsuitable', 'must be a word');
  return computed(value.value === constants.is, [value], undefined);
}

type Comparison = 'at-least' | 'above' | 'below';

/** How the number lies to a limit in its own unit. */
export function compare(
  comparison: Comparison,
  inputs: Named,
  constants: Constants,
  context: Context,
): Feature {
  const given = observedInputs(inputs, context);
  if (isMissing(given)) return given;
  const { value } = given;
  if (typeof value?.value !== 'number') return missing('unsuitable', 'must be a number');
  return computed(holds(comparison, value.value, Number(constants.limit)), [value], undefined);
}

function holds(comparison: Comparison, value: number, limit: number): boolean {
  switch (comparison) {
    case 'at-least':
      return value >= limit;
    case 'above':
      return value > limit;
    case 'below':
      return value < limit;
  }
}
