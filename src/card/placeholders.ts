import type { Explanation } from '../explain/explanation.ts';
import { negligible } from '../explain/sentence.ts';
import { inSentence, listed } from '../explain/wording.ts';
import type { Features, Imputed, Missing, MissingReason, ValueName } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import {
  halfUp,
  naturalFrequency,
  readablePercent,
  readableQuantity,
  readableValue,
} from '../features/words.ts';
import type { Manifest } from '../inference/manifest.ts';
import type { InputProblem, Prediction, Result } from '../inference/model.ts';
import { printedLabels } from '../inference/predict.ts';
import type { CardRule, Service } from './service.ts';
import { type Names, plainText, renderTemplate, type Scope } from './template.ts';
import { outputName, type Variable } from './variables.ts';

/** What the words of a card are made of. */
export interface Wording {
  readonly service: Service;
  readonly features: Features;
  readonly results: readonly Result[];
  /** Undefined where the explained model abstained. */
  readonly explanation: Explanation | undefined;
  readonly vocabulary: Pick<Vocabulary, 'entries' | 'groups'>;
  /** Of the models that were run. */
  readonly manifests: readonly Manifest[];
  readonly now: Date;
}

/**
 * Every placeholder of a text, for the check at the start. Besides each clinical value and model output by name:
 * - `#explained`: the explained risk, its peer (the reference person where the manifest names no peer) and the
 *   reference person; none where the model abstained
 * - `#drivers`: the (at most three) groups that matter most, as sentences
 * - `#unusable`: values that are missing, and what follows, save those that nobody at the chart could supply;
 *   `#old`: values over a year old
 * - `#abstained`: what kept a model from answering
 * - `#models`: what answered, with variant, version and the start of its digest
 * - `#pending`: only while no clinician has signed the content on
 */
export const textNames = (variables: readonly (readonly [string, Variable])[]): Names => ({
  ...Object.fromEntries(variables.map(([name]) => [name, 'word'])),
  recommendation: 'word',
  sourceLabel: 'word',
  explained: {
    risk: 'word',
    affected: 'word',
    unaffected: 'word',
    peer: 'word',
    peerAffected: 'word',
    reference: 'word',
    referenceAffected: 'word',
  },
  drivers: { sentence: 'word' },
  unusable: { label: 'word', reason: 'word', effect: 'word' },
  old: { label: 'word', since: 'word' },
  abstained: { label: 'word', problem: 'word' },
  models: { title: 'word', variant: 'word', version: 'word', digest: 'word' },
  pending: { note: 'word' },
});

/** The words for one decision. Only vocabulary, manifest and package words, numbers and dates: no text of the chart. */
export function scopeOf(rule: CardRule, wording: Wording): Scope {
  const { service, explanation, results } = wording;
  const predictions = results.filter((result) => result.kind === 'prediction');
  const words: Scope = {
    ...valueWords(wording),
    ...Object.assign({}, ...predictions.map((prediction) => outputWords(prediction, service))),
    ...Object.fromEntries(
      Object.entries(service.thresholds).map(([name, { value, unit }]) => [name, numberWords(value, unit)]),
    ),
  };
  return {
    ...words,
    recommendation: renderTemplate(rule.recommendation, words, plainText),
    sourceLabel: service.shared.source.label,
    explained: explanation === undefined ? [] : [explainedWords(explanation, service)],
    drivers: driverWords(explanation),
    unusable: unusableWords(wording),
    old: oldWords(wording),
    abstained: results
      .flatMap((result) => (result.kind === 'abstention' ? result.because : []))
      .map((problem) => problemWords(problem, wording)),
    models: predictions.map((prediction) => modelWords(prediction, wording.manifests)),
    pending: service.clinicalReview.status === 'pending' ? [{ note: service.clinicalReview.note }] : [],
  };
}

function valueWords({ features, vocabulary }: Wording): Scope {
  const words = [...features].flatMap(([name, feature]) =>
    feature.kind === 'missing'
      ? []
      : [[name, readableValue(feature.value, vocabulary.entries.get(name)?.unit)] as const],
  );
  return Object.fromEntries(words);
}

function outputWords({ model, outputs, labels }: Prediction, service: Service): Scope {
  const numbers = Object.entries(outputs).map(([name, value]) => {
    const full = outputName(model, name);
    return [full, riskWords(value, full, service)] as const;
  });
  return Object.fromEntries([
    ...numbers,
    ...Object.entries(labels).map(([name, word]) => [outputName(model, name), word]),
  ]);
}

const numberWords = (value: number, unit: string): string =>
  unit === '1' ? readablePercent(value).replace('.0 %', ' %') : readableQuantity(value, unit);

/**
 * A risk rounded half up to 0.1 % for reading. Where rounding alone would lift it onto a threshold of this output,
 * it says so: the decision was taken on the unrounded number.
 */
function riskWords(value: number, output: string, { thresholds }: Service): string {
  const said = readablePercent(value);
  const limits = Object.values(thresholds).filter(({ appliesTo }) => appliesTo === output);
  const lifted = limits.find((limit) => value < limit.value && readablePercent(limit.value) === said);
  return lifted === undefined ? said : `just under ${numberWords(lifted.value, '1')}`;
}

function explainedWords(explanation: Explanation, service: Service): Scope {
  const { model, output, value, baseline, peer = baseline } = explanation;
  return {
    risk: riskWords(value, outputName(model, output), service),
    affected: naturalFrequency(value),
    unaffected: value < 0.005 ? 'at least 99' : String(100 - Number(halfUp(value * 100, 0))),
    peer: peer.label,
    peerAffected: naturalFrequency(peer.value),
    reference: baseline.label,
    referenceAffected: naturalFrequency(baseline.value),
  };
}

/** The three groups that matter most; when none matters, the first says so. */
function driverWords(explanation: Explanation | undefined): readonly Scope[] {
  const all = explanation?.contributions ?? [];
  const drivers = all.filter(({ phi }) => Math.abs(phi) >= negligible);
  return (drivers.length > 0 ? drivers : all.slice(0, 1)).slice(0, 3).map(({ sentence }) => ({ sentence }));
}

const reasons: Readonly<Record<MissingReason, string>> = {
  'not-recorded': 'none on record',
  'not-supplied': 'not sent by the EHR',
  'fetch-failed': 'could not be read',
  stale: 'too old',
  implausible: 'the newest value is implausible',
  'unknown-unit': 'the newest value has no usable unit',
  conflicting: 'the newest values contradict each other',
  'invalid-date': 'the newest value has no usable date',
  unsuitable: 'the newest value cannot be used',
};

/** Values that are missing or were replaced, those with the same reason and effect in one item. */
function unusableWords(wording: Wording): readonly Scope[] {
  const groups = new Map<string, { labels: string[]; reason: string; effect: string }>();
  for (const { name } of wording.service.needed) {
    const feature = wording.features.get(name);
    if (feature === undefined || feature.kind === 'observed' || isNobodysToSupply(name, feature, wording))
      continue;
    const reason = reasons[feature.kind === 'imputed' ? feature.because : feature.reason];
    const effect = effectOf(name, feature, wording);
    if (effect === undefined) continue;
    const { labels } = groups.get(`${reason}; ${effect}`) ?? { labels: [] };
    groups.set(`${reason}; ${effect}`, {
      labels: [...labels, labelOf(name, wording.vocabulary)],
      reason,
      effect,
    });
  }
  return [...groups.values()].map(({ labels, reason, effect }) => ({
    label: listed(labels.map((label, at) => (at === 0 ? label : inSentence(label)))),
    reason,
    effect,
  }));
}

/**
 * A value that only the site's own extension carries, and that this site does not send: there is nothing to measure
 * or to record at the chart, so the card leaves it to the app. Sent and unusable, it is named like any other.
 */
function isNobodysToSupply(name: ValueName, feature: Imputed | Missing, { vocabulary }: Wording): boolean {
  const from = vocabulary.entries.get(name)?.from;
  const isSiteFed = from?.kind === 'demographic' && from.field === 'extension';
  return isSiteFed && feature.kind === 'missing' && feature.reason === 'not-recorded';
}

/** Undefined where there is no estimate it could be missing from: `#abstained` then says what stood in the way. */
function effectOf(
  name: ValueName,
  feature: Imputed | Missing,
  { manifests, results }: Wording,
): string | undefined {
  if (feature.kind === 'imputed') return `${feature.basis} was used instead`;
  const fed = manifests.filter(({ inputs }) =>
    inputs.some((input) => input.kind !== 'control' && input.value === name),
  );
  if (fed.length === 0) return 'not checked';
  const answered = results.some(
    ({ kind, model }) => kind === 'prediction' && fed.some(({ id }) => id === model),
  );
  return answered ? 'not part of this estimate' : undefined;
}

const yearMs = 365.25 * 24 * 3600 * 1000;

function oldWords({ features, vocabulary, now, service }: Wording): readonly Scope[] {
  return service.needed.flatMap(({ name }) => {
    const feature = features.get(name);
    if (feature?.kind !== 'observed' || feature.at === undefined || typeof feature.value !== 'number')
      return [];
    const at = Date.parse(feature.at);
    return now.getTime() - at > yearMs
      ? [{ label: labelOf(name, vocabulary), since: feature.at.slice(0, 10) }]
      : [];
  });
}

const labelOf = (name: ValueName, { entries }: Wording['vocabulary']): string =>
  entries.get(name)?.label ?? name;

function problemWords({ input, value, reason }: InputProblem, { vocabulary, features }: Wording): Scope {
  const feature = features.get(value ?? '');
  const why = feature?.kind === 'missing' ? reasons[feature.reason] : problems[reason];
  return { label: labelOf(value ?? input, vocabulary), problem: why };
}

const problems: Readonly<Record<InputProblem['reason'], string>> = {
  missing: 'missing',
  'out-of-range': 'outside the range the equation was made for',
  'not-finite': 'not a number',
  'unknown-category': 'not an answer the equation knows',
  'not-applicable': 'not applicable',
};

function modelWords({ model, version, digest, labels }: Prediction, manifests: readonly Manifest[]): Scope {
  const manifest = manifests.find(({ id }) => id === model);
  const printed = manifest === undefined ? labels : printedLabels(manifest, labels);
  return {
    title: manifest?.title ?? model,
    variant: inSentence(Object.values(printed).join(' ')),
    version,
    digest: digest.replace(/^sha256:/, '').slice(0, 8),
  };
}
