import type { Entry } from '../features/entry.ts';
import type { FeatureValue } from '../features/feature.ts';
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
  const names = outputNames.get(model);
  const known = names?.get(output);
  if (known !== undefined) return known;
  const name = `${model}_${output}`.replaceAll(/\W/g, '_');
  outputNames.set(model, new Map(names).set(output, name));
  return name;
}

/** By model and output: as many as there are outputs, asked for at every decision. */
const outputNames = new Map<string, Map<string, string>>();

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
  const bindings = new Map<string, FeatureValue>();
  for (const [name, feature] of features) {
    if (feature.kind !== 'missing') bindings.set(name, feature.value);
  }
  for (const result of results) {
    if (result.kind === 'abstention') continue;
    const { model, outputs, labels } = result;
    for (const [name, value] of Object.entries(outputs)) bindings.set(outputName(model, name), value);
    for (const [name, word] of Object.entries(labels)) bindings.set(outputName(model, name), word);
  }
  for (const result of earlier) {
    for (const [name, value] of earlierOutput(result, trend)) bindings.set(name, value);
  }
  for (const [name, { value }] of Object.entries(thresholds)) bindings.set(name, value);
  return bindings;
}

function earlierOutput(result: Result, trend: Service['trend']): readonly (readonly [string, number])[] {
  if (trend === undefined || result.kind === 'abstention' || result.model !== trend.model) return [];
  const value = result.outputs[trend.output];
  return value === undefined ? [] : [[beforeName(trend.model, trend.output), value]];
}
