/** The values a derived value is computed from, and the reason it gives where one of them is not known. */
import type { Context } from './context.ts';
import { type Feature, type Missing, missing, type Observed, type ValueName } from './feature.ts';

export interface Input {
  readonly name: ValueName;
  readonly feature: Feature;
}

export const labelOf = (name: ValueName, { vocabulary }: Context): string =>
  vocabulary.entries.get(name)?.label ?? name;

/** The named inputs, all observed; or the first that is not, as the reason for this value. */
export function observedInputs(
  inputs: Readonly<Record<string, ValueName>>,
  context: Context,
): { readonly [argument: string]: Observed } | Missing {
  const found: Record<string, Observed> = {};
  for (const [argument, name] of Object.entries(inputs)) {
    const feature = context.feature(name);
    if (feature.kind !== 'observed') return because(name, feature, context);
    found[argument] = feature;
  }
  return found;
}

/** Missing for the reason that an input has. */
export const because = (name: ValueName, feature: Exclude<Feature, Observed>, context: Context): Missing =>
  missing(reasonOf(feature), explain(name, feature, context), sourcesOf(feature));

export const reasonOf = (feature: Exclude<Feature, Observed>): Missing['reason'] =>
  feature.kind === 'missing' ? feature.reason : feature.because;

export const sourcesOf = (feature: Feature): Missing['sources'] =>
  feature.kind === 'imputed' ? [] : feature.sources;

export function explain(name: ValueName, feature: Exclude<Feature, Observed>, context: Context): string {
  const detail = feature.kind === 'missing' ? feature.detail : feature.basis;
  return `${labelOf(name, context)}: ${detail ?? reasonOf(feature)}`;
}

export const isMissing = (each: object): each is Missing => 'kind' in each && each.kind === 'missing';

/** A value out of others, dated as the first number or word among them that has a date: the date of a yes or no is not its own. */
export function computed(
  value: Observed['value'],
  from: readonly Observed[],
  note: string | undefined,
): Observed {
  const at = from.find((each) => typeof each.value !== 'boolean' && each.at !== undefined)?.at;
  const notes = [...(note === undefined ? [] : [note]), ...from.flatMap((each) => each.notes ?? [])];
  return {
    kind: 'observed',
    value,
    ...(at === undefined ? {} : { at }),
    sources: from.flatMap((each) => each.sources),
    ...(notes.length === 0 ? {} : { notes }),
  };
}
