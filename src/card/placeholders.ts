import type { Explanation } from '../explain/explanation.ts';
import { negligible } from '../explain/sentence.ts';
import { inSentence, listed } from '../explain/wording.ts';
import type { Features, Imputed, Missing, MissingReason, ValueName } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import { halfUp, naturalFrequency, readableValue } from '../features/words.ts';
import type { Manifest } from '../inference/manifest.ts';
import type { InputProblem, Prediction, Result } from '../inference/model.ts';
import { printedLabels } from '../inference/predict.ts';
import { type Bindings, evaluate } from './conditions.ts';
import { beforeWords, outputWords, riskWords, thresholdWords } from './output-words.ts';
import type { CardRule, Line, Service } from './service.ts';
import { type Names, plainText, renderTemplate, type Scope, type Template } from './template.ts';
import { outputName, type Variable } from './variables.ts';
import type { Chosen } from './verdict.ts';

/** What the words of a card are made of. */
export interface Wording {
  readonly service: Service;
  readonly features: Features;
  readonly results: readonly Result[];
  /** Of the trend's model, on the chart as it stood before. */
  readonly earlier?: readonly Result[];
  /** Undefined where the explained model abstained. */
  readonly explanation: Explanation | undefined;
  readonly vocabulary: Pick<Vocabulary, 'entries' | 'groups'>;
  /** Of the models that were run. */
  readonly manifests: readonly Manifest[];
  /** What conditions are evaluated over. */
  readonly bindings: Bindings;
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
 * - the lists of the package, each a section whose items are `{{text}}`
 */
export const textNames = (
  variables: readonly (readonly [string, Variable])[],
  lists: readonly string[],
): Names => ({
  ...Object.fromEntries(variables.map(([name]) => [name, 'word'])),
  ...Object.fromEntries(lists.map((name) => [name, { text: 'word' }])),
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

/** Further placeholders of a card for findings: the finding's words, why it matters here and what could not be told. */
export const findingNames: Names = {
  subject: 'word',
  other: 'word',
  problem: 'word',
  advice: 'word',
  findingSource: 'word',
  because: { text: 'word' },
  unknown: { text: 'word' },
};

/** The words for one card of a decision. Only vocabulary, manifest and package words, numbers and dates: no text of the chart. */
export function scopeOf(rule: CardRule, { finding }: Pick<Chosen, 'finding'>, wording: Wording): Scope {
  const { service, explanation, results } = wording;
  const predictions = results.filter((result) => result.kind === 'prediction');
  const words: Scope = {
    ...valueWords(wording),
    ...outputWords(predictions, wording),
    ...beforeWords(wording),
    ...thresholdWords(wording),
    ...findingWords(finding),
  };
  return {
    ...words,
    ...listWords(words, wording),
    recommendation: written(rule.recommendation, words),
    sourceLabel: rule.source.label,
    explained: explanation === undefined ? [] : [explainedWords(explanation, wording)],
    drivers: driverWords(explanation),
    unusable: unusableWords(wording),
    old: oldWords(wording),
    abstained: abstainedWords(wording),
    models: predictions.map((prediction) => modelWords(prediction, wording.manifests)),
    pending: service.clinicalReview.status === 'pending' ? [{ note: service.clinicalReview.note }] : [],
  };
}

const written = (template: Template, words: Scope): string => renderTemplate(template, words, plainText);

const textItems = (texts: readonly string[]): readonly Scope[] => texts.map((text) => ({ text }));

function findingWords(finding: Chosen['finding']): Scope {
  if (finding === undefined) return {};
  const { words, source, because, unknown } = finding;
  return { ...words, findingSource: source.label, because: textItems(because), unknown: textItems(unknown) };
}

function listWords(words: Scope, wording: Wording): Scope {
  const lineOf = (line: Line): readonly string[] => {
    for (const { when, text, unknown } of line) {
      const { kind } = evaluate(when, wording.bindings);
      if (kind === 'true') return [written(text, words)];
      if (kind === 'undetermined' && unknown !== undefined) return [written(unknown, words)];
    }
    return [];
  };
  return Object.fromEntries(
    Object.entries(wording.service.shared.lists).map(([name, lines]) => [
      name,
      textItems(lines.flatMap(lineOf)),
    ]),
  );
}

function valueWords({ service, features, vocabulary }: Wording): Scope {
  const words: Record<string, string> = {};
  for (const [name, feature] of features) {
    if (feature.kind === 'missing' || !service.shared.named.has(name)) continue;
    words[name] = readableValue(feature.value, vocabulary.entries.get(name)?.unit);
  }
  return words;
}

function explainedWords(explanation: Explanation, wording: Wording): Scope {
  const { model, output, value, baseline, peer = baseline } = explanation;
  return {
    risk: riskWords(value, outputName(model, output), wording),
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

/** What kept the explained model from answering; of a service that explains none, any of its models. Each once. */
function abstainedWords(wording: Wording): readonly Scope[] {
  const { results, service } = wording;
  const told = results.filter(({ model }) => model === (service.explain?.model ?? model));
  const problems = told
    .flatMap((result) => (result.kind === 'abstention' ? result.because : []))
    .map((problem) => problemWords(problem, wording));
  return [...new Map(problems.map((each) => [`${each.label}: ${each.problem}`, each])).values()];
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
