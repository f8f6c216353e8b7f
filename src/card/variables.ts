import type { Entry } from '../features/entry.ts';
import type { Feature, FeatureValue } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Manifest } from '../inference/manifest.ts';
import type { Result } from '../inference/model.ts';
import type { Bindings } from './conditions.ts';
import type { Threshold } from './package.ts';
import type { Evidence } from './policy.ts';
import type { Service } from './service.ts';

/** Something a condition or a text of a package can name. */
export type Variable =
  | { readonly of: 'value'; readonly type: ValueType; readonly unit?: string }
  | {
      readonly of: 'output';
      readonly type: ValueType;
      readonly unit?: string;
      /** The output this one is an earlier answer of. */
      readonly before?: string;
    }
  | { readonly of: 'threshold'; readonly type: 'number'; readonly unit: string; readonly appliesTo: string };

export type ValueType = 'number' | 'boolean' | 'string';

/** Name of a model output in conditions and texts: `prevent`, `10yr_ascvd` → `prevent_10yr_ascvd`. */
export function outputName(model: string, output: string): string {
  const name = `${model}_${output}`;
  const known = outputNames.get(name) ?? name.replaceAll(/\W/g, '_');
  outputNames.set(name, known);
  return known;
}

/** As many as there are outputs: asked for at every decision. */
const outputNames = new Map<string, string>();

/** Name of the output as it was before: `news2_news2_before`. */
export const beforeName = (model: string, output: string): string => `${outputName(model, output)}_before`;

/** What a vocabulary entry gives: a measured number, presence, or a coded answer. */
export function typeOf(entry: Entry): ValueType {
  if (entry.pick === 'any') return 'boolean';
  if (entry.unit !== undefined || entry.pick === 'count') return 'number';
  const { from } = entry;
  const answers = from.kind === 'observation' ? from.answers : undefined;
  return answers !== undefined && !('word' in answers) ? 'boolean' : 'string';
}

/** Every name a package may use. Of two things with one name the later hides the earlier; check.ts refuses that. */
export function variablesOf(
  vocabulary: Pick<Vocabulary, 'entries'>,
  manifests: readonly Manifest[],
  { thresholds, trend }: Pick<Service, 'thresholds' | 'trend'>,
): readonly (readonly [string, Variable])[] {
  return [
    ...[...vocabulary.entries.values()].map((entry) => [entry.name, valueVariable(entry)] as const),
    ...manifests.flatMap(outputVariables),
    ...(trend === undefined ? [] : [trendVariable(trend, manifests)]),
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

function trendVariable(
  { model, output }: NonNullable<Service['trend']>,
  manifests: readonly Manifest[],
): readonly [string, Variable] {
  const before = outputName(model, output);
  const now = manifests.flatMap(outputVariables).find(([name]) => name === before)?.[1];
  const unit = now !== undefined && 'unit' in now ? { unit: now.unit } : {};
  return [beforeName(model, output), { of: 'output', type: now?.type ?? 'number', ...unit, before }];
}

/**
 * What conditions are evaluated over: observed and imputed values, the outputs of the models that answered, and
 * the thresholds. What is missing or abstained from is not listed, which conditions read as unknown.
 */
export function bind(
  { features, results, earlier = [] }: Evidence,
  { thresholds, trend }: Pick<Service, 'thresholds' | 'trend'>,
): Bindings {
  return new Map<string, FeatureValue>([
    ...[...features].flatMap(([name, feature]) => known(name, feature)),
    ...results.flatMap(outputsOf),
    ...earlier.flatMap((result) => earlierOutput(result, trend)),
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

function earlierOutput(
  result: Result,
  trend: Service['trend'],
): readonly (readonly [string, FeatureValue])[] {
  if (trend === undefined || result.kind === 'abstention' || result.model !== trend.model) return [];
  const value = result.outputs[trend.output];
  return value === undefined ? [] : [[beforeName(trend.model, trend.output), value]];
}
