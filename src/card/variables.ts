import type { Entry } from '../features/entry.ts';
import type { Feature, Features, FeatureValue } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Manifest } from '../inference/manifest.ts';
import type { Result } from '../inference/model.ts';
import type { Bindings } from './conditions.ts';
import type { Threshold } from './package.ts';

/** Something a condition or a text of a package can name. */
export type Variable =
  | { readonly of: 'value'; readonly type: ValueType; readonly unit?: string }
  | { readonly of: 'output'; readonly type: ValueType; readonly unit?: string }
  | { readonly of: 'threshold'; readonly type: 'number'; readonly unit: string; readonly appliesTo: string };

export type ValueType = 'number' | 'boolean' | 'string';

/** Name of a model output in conditions and texts: `prevent`, `10yr_ascvd` → `prevent_10yr_ascvd`. */
export const outputName = (model: string, output: string): string =>
  `${model}_${output}`.replaceAll(/\W/g, '_');

/** What a vocabulary entry gives: a measured number, presence, or a coded answer. */
export function typeOf(entry: Entry): ValueType {
  if (entry.unit !== undefined) return 'number';
  const presence =
    entry.pick === 'any' || (entry.from.kind === 'observation' && entry.from.answers !== undefined);
  return presence ? 'boolean' : 'string';
}

/** Every name a package may use. Of two things with one name the later hides the earlier; check.ts refuses that. */
export function variablesOf(
  vocabulary: Pick<Vocabulary, 'entries'>,
  manifests: readonly Manifest[],
  thresholds: Readonly<Record<string, Threshold>>,
): readonly (readonly [string, Variable])[] {
  return [
    ...[...vocabulary.entries.values()].map((entry) => [entry.name, valueVariable(entry)] as const),
    ...manifests.flatMap(outputVariables),
    ...Object.entries(thresholds).map(([name, threshold]) => [name, thresholdVariable(threshold)] as const),
  ];
}

const valueVariable = (entry: Entry): Variable => ({
  of: 'value',
  type: typeOf(entry),
  ...(entry.unit === undefined ? {} : { unit: entry.unit }),
});

const thresholdVariable = ({ unit, appliesTo }: Threshold): Variable => ({
  of: 'threshold',
  type: 'number',
  unit,
  appliesTo,
});

const outputVariables = (manifest: Manifest): readonly (readonly [string, Variable])[] =>
  manifest.outputs.map((output) => [
    outputName(manifest.id, output.name),
    output.kind === 'label'
      ? { of: 'output', type: 'string' }
      : { of: 'output', type: 'number', unit: output.unit },
  ]);

/**
 * What conditions are evaluated over: observed and imputed values, the outputs of the models that answered, and
 * the thresholds. What is missing or abstained from is not listed, which conditions read as unknown.
 */
export function bind(
  features: Features,
  results: readonly Result[],
  thresholds: Readonly<Record<string, Threshold>>,
): Bindings {
  return new Map<string, FeatureValue>([
    ...[...features].flatMap(([name, feature]) => known(name, feature)),
    ...results.flatMap(outputsOf),
    ...Object.entries(thresholds).map(([name, { value }]) => [name, value] as const),
  ]);
}

const known = (name: string, feature: Feature): readonly (readonly [string, FeatureValue])[] =>
  feature.kind === 'missing' ? [] : [[name, feature.value]];

function outputsOf(result: Result): readonly (readonly [string, FeatureValue])[] {
  if (result.kind === 'abstention') return [];
  const all = { ...result.outputs, ...result.labels };
  return Object.entries(all).map(([name, value]) => [outputName(result.model, name), value] as const);
}
