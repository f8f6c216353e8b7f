import type { Chart } from '../fhir/chart.ts';
import { allergyPresent } from './allergy.ts';
import { conditionPresent } from './condition.ts';
import { type Context, indexChart } from './context.ts';
import { declined } from './declined.ts';
import { demographic } from './demographic.ts';
import { derive } from './derived.ts';
import { doseFeature } from './dose-feature.ts';
import { encounterValue } from './encounter.ts';
import { type Entry, isFrom } from './entry.ts';
import type { Feature, Features, ValueName } from './feature.ts';
import { medicationPresent } from './medication.ts';
import { observe } from './observation.ts';
import { alreadyOrdered, procedureDone } from './procedure.ts';
import type { Vocabulary } from './vocabulary.ts';

/**
 * The named clinical values of a chart, each with unit, time and source, or Missing with the reason. Pure; the only
 * clock is the chart's. Whatever a resource holds, nothing throws.
 * @throws Error for a name that the vocabulary does not have (a broken package, caught at the start by `listsFor`)
 */
export function extract(chart: Chart, vocabulary: Vocabulary, names: readonly ValueName[]): Features {
  const known = new Map<ValueName, Feature>();
  const context: Context = {
    chart,
    vocabulary,
    index: indexChart(chart, vocabulary),
    feature: (name) => {
      const found = known.get(name);
      if (found !== undefined) return found;
      const entry = vocabulary.entries.get(name);
      if (entry === undefined) throw new Error(`${name} is not a value of the vocabulary`);
      const feature = extractOne(entry, context);
      known.set(name, feature);
      return feature;
    },
  };
  return new Map(names.map((name) => [name, context.feature(name)]));
}

function extractOne(entry: Entry, context: Context): Feature {
  if (isFrom(entry, 'observation')) return observe(entry, context);
  if (isFrom(entry, 'condition')) return conditionPresent(entry, context);
  if (isFrom(entry, 'medication')) return medicationPresent(entry, context);
  if (isFrom(entry, 'allergy')) return allergyPresent(entry, context);
  if (isFrom(entry, 'procedure')) return procedureDone(entry, context);
  if (isFrom(entry, 'declined')) return declined(entry, context);
  if (isFrom(entry, 'ordered')) return alreadyOrdered(entry, context);
  if (isFrom(entry, 'dose')) return doseFeature(entry, context);
  if (isFrom(entry, 'encounter')) return encounterValue(entry, context);
  if (isFrom(entry, 'demographic')) return demographic(entry, context);
  return derive(entry as Extract<typeof entry, { from: { kind: 'derived' } }>, context);
}
