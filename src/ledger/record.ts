import type { Resource } from '@medplum/fhirtypes';
import type { Card } from 'cds-hooks-types';
import type { Explanation } from '../explain/explanation.ts';
import type { Features, ValueName } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Manifest } from '../inference/manifest.ts';
import type { Model, Prediction, Result } from '../inference/model.ts';
import { printedLabels } from '../inference/predict.ts';
import type {
  Decision,
  DecisionId,
  FindingRecord,
  ModelRecord,
  OutputRecord,
  ValueRecord,
} from './decision.ts';

/** What the stages came to; everything else in a decision follows from it. */
export interface Found {
  readonly features: Features;
  readonly vocabulary: Vocabulary;
  readonly models: readonly Model[];
  readonly results: readonly Result[];
  readonly explanation: Explanation | undefined;
  /** What was found among the draft orders. */
  readonly findings?: readonly FindingRecord[];
  /** Template of card.json by card uuid. */
  readonly templates?: ReadonlyMap<string, string>;
  readonly cards: readonly Card[];
  readonly dropped?: readonly string[];
}

/** Who asked what of which service about whom, and when; and what was said. */
export interface Circumstances {
  readonly id: DecisionId;
  readonly service: Pick<Decision, 'title' | 'package'> & {
    readonly clinicalReview: { readonly status: Decision['clinicalReview'] };
  };
  /** Id under which the service was called: its own, or `all-<hook>`. */
  readonly called: string;
  readonly request: Pick<Decision, 'hook' | 'hookInstance'> & {
    readonly context: object;
  };
  readonly issuer: string;
  readonly chart: {
    readonly patientId: string;
    readonly now: Date;
    readonly resources?: readonly Resource[];
  };
  readonly verdict: Pick<Decision, 'outcome' | 'reason'>;
}

/** One decision, whole, in words that need neither vocabulary nor manifest to be shown. */
export function recordOf(circumstances: Circumstances, found: Found): Decision {
  const { id, service, called, request, issuer, chart, verdict } = circumstances;
  const { models, results, explanation, findings = [], cards, dropped = [] } = found;
  return {
    id,
    service: called,
    package: service.package,
    title: service.title,
    hook: request.hook,
    hookInstance: request.hookInstance,
    issuer,
    patientId: chart.patientId,
    ...whoAndWhere(request.context, chart.resources),
    decidedAt: chart.now.toISOString(),
    outcome: verdict.outcome,
    reason: verdict.reason,
    clinicalReview: service.clinicalReview.status,
    values: valueRecords(found),
    results,
    outputs: results.filter(isPrediction).flatMap((result) => outputRecords(result, models)),
    models: results.flatMap((result) => modelRecord(result, models)),
    ...(explanation === undefined ? {} : { explanation }),
    ...(findings.length === 0 ? {} : { findings: findings.map(findingRecord) }),
    cards,
    ...(cards.length === 0 ? {} : { templates: templatesOf(found) }),
    ...(dropped.length === 0 ? {} : { dropped }),
  };
}

/** Without the actions: what was proposed stands in the cards. */
function findingRecord(finding: FindingRecord): FindingRecord {
  const { kind, rule, severity, order, words, because, unknown, values, source } = finding;
  return { kind, rule, severity, order, words, because, unknown, values, source };
}

function templatesOf({ cards, templates }: Found): Readonly<Record<string, string>> {
  return Object.fromEntries(
    cards.flatMap(({ uuid = '' }) => {
      const template = templates?.get(uuid);
      return template === undefined ? [] : [[uuid, template]];
    }),
  );
}

function whoAndWhere(context: object, resources: readonly Resource[] = []) {
  const { userId, encounterId } = context as { readonly userId?: unknown; readonly encounterId?: unknown };
  const location = typeof encounterId === 'string' ? locationOf(encounterId, resources) : undefined;
  return {
    ...(typeof userId === 'string' ? { userId } : {}),
    ...(typeof encounterId === 'string' ? { encounterId } : {}),
    ...(location === undefined ? {} : { location }),
  };
}

/** The display of the Encounter's active location, else of its last one; undefined where the chart names none. */
function locationOf(encounterId: string, resources: readonly Resource[]): string | undefined {
  const encounter = resources.find(
    (resource) => resource.resourceType === 'Encounter' && resource.id === encounterId,
  );
  const places: unknown = encounter?.resourceType === 'Encounter' ? encounter.location : undefined;
  if (!Array.isArray(places)) return undefined;
  const named = places.flatMap((place: Place | null) => {
    const display = place?.location?.display;
    return typeof display === 'string' && display.trim() !== '' ? [{ display, status: place?.status }] : [];
  });
  return (named.findLast(({ status }) => status === 'active') ?? named.at(-1))?.display;
}

/** An entry of Encounter.location as it may come: nothing of it is certain. */
interface Place {
  readonly status?: unknown;
  readonly location?: { readonly display?: unknown } | null;
}

const isPrediction = (result: Result): result is Prediction => result.kind === 'prediction';
const modelOf = (id: string, models: readonly Model[]) =>
  models.find(({ manifest }) => manifest.id === id)?.manifest;

/** The clinical values that feed a model. */
const valuesOf = ({ inputs }: Manifest): readonly ValueName[] =>
  inputs.flatMap((input) => (input.kind === 'control' ? [] : [input.value]));

function valueRecords({ features, vocabulary, models }: Found): readonly ValueRecord[] {
  const fed = new Set(models.flatMap(({ manifest }) => valuesOf(manifest)));
  const described = describedValues(vocabulary);
  const records: ValueRecord[] = [];
  for (const [name, feature] of features) {
    const value = described.get(name);
    if (value !== undefined) records.push({ ...value, role: fed.has(name) ? 'input' : 'check', feature });
  }
  return records;
}

type DescribedValues = ReadonlyMap<ValueName, Omit<ValueRecord, 'role' | 'feature'>>;

const valuesOfVocabularies = new WeakMap<Vocabulary, DescribedValues>();

/** What a record says of each value, whatever the chart holds. Worked out once a vocabulary. */
function describedValues(vocabulary: Vocabulary): DescribedValues {
  const known = valuesOfVocabularies.get(vocabulary);
  if (known !== undefined) return known;
  const values = [...vocabulary.entries].map(([name, { label, group, unit, lookback }]) => ({
    name,
    label,
    group,
    groupLabel: vocabulary.groups.get(group) ?? group,
    ...(unit === undefined ? {} : { unit }),
    ...(lookback === undefined ? {} : { lookback }),
  }));
  const described = new Map(values.map((value) => [value.name, value]));
  valuesOfVocabularies.set(vocabulary, described);
  return described;
}

function outputRecords({ model, outputs }: Prediction, models: readonly Model[]): OutputRecord[] {
  const manifest = modelOf(model, models);
  return (manifest === undefined ? [] : describedOutputs(manifest)).flatMap(({ output, range }) => {
    const value = outputs[output.name];
    if (value === undefined) return [];
    return [range === undefined ? { ...output, value } : { ...output, value, range }];
  });
}

type DescribedOutputs = readonly {
  readonly output: Omit<OutputRecord, 'value' | 'range'>;
  readonly range: OutputRecord['range'] | undefined;
}[];

const outputsOfManifests = new WeakMap<Manifest, DescribedOutputs>();

/** What a record says of each output that is a number, whatever it is. Worked out once a manifest. */
function describedOutputs(manifest: Manifest): DescribedOutputs {
  const known = outputsOfManifests.get(manifest);
  if (known !== undefined) return known;
  const described = manifest.outputs.flatMap((output) => {
    if (output.kind === 'label') return [];
    const { name, label, horizon, unit } = output;
    const range = output.kind === 'number' ? { min: output.range.min, max: output.range.max } : undefined;
    const said = { model: manifest.id, name, label, ...(horizon === undefined ? {} : { horizon }), unit };
    return [{ output: said, range }];
  });
  outputsOfManifests.set(manifest, described);
  return described;
}

function modelRecord(result: Result, models: readonly Model[]): ModelRecord[] {
  const manifest = modelOf(result.model, models);
  if (manifest === undefined) return [];
  const { id, title, version, citation, intendedUse, population, validation, cautions } = manifest;
  const { regulatoryTier, license, reviewBy } = manifest;
  const facts = { id, title, version, citation, intendedUse, population, validation, cautions };
  const variant = result.kind === 'prediction' ? printedLabels(manifest, result.labels).model : undefined;
  const status = { regulatoryTier, license, reviewBy, digest: result.digest };
  const values = valuesOf(manifest);
  return [
    {
      ...{ ...facts, ...status, values },
      ...(variant === undefined ? {} : { variant }),
      ...labelRecords(result, manifest),
      ...(manifest.benefit === undefined
        ? {}
        : {
            treatments: manifest.benefit.treatments.map(({ name, label, defined }) => ({
              name,
              label,
              defined,
            })),
          }),
    },
  ];
}

function labelRecords(result: Result, manifest: Manifest): Pick<ModelRecord, 'labels'> {
  if (result.kind !== 'prediction') return {};
  const printed = printedLabels(manifest, result.labels);
  const labels = manifest.outputs.flatMap(({ name, label }) => {
    const word = printed[name];
    return word === undefined ? [] : [{ name, label, word }];
  });
  return labels.length === 0 ? {} : { labels };
}
