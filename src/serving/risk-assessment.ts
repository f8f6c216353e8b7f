/** What a model says of one patient, as FHIR R4: a RiskAssessment, or an OperationOutcome that says why there is none. */
import type {
  Observation,
  OperationOutcome,
  OperationOutcomeIssue,
  RiskAssessment,
  RiskAssessmentPrediction,
} from '@medplum/fhirtypes';
import { Fault } from '../errors.ts';
import { extract } from '../features/extract.ts';
import type { Features } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Chart } from '../fhir/chart.ts';
import { parseDuration } from '../fhir/time.ts';
import type { Manifest, ManifestOutput } from '../inference/manifest.ts';
import type { Abstention, Model, Prediction } from '../inference/model.ts';
import { predictAll, printedLabels } from '../inference/predict.ts';
import type { Urgency } from '../inference/urgency.ts';
import { valuesOf } from './bundle.ts';
import { reasonsOf } from './reasons.ts';

export type Assessed = RiskAssessment | OperationOutcome;

/** @throws Fault model-unavailable, deadline-passed */
export async function assess(
  model: Model,
  chart: Chart,
  vocabulary: Vocabulary,
  urgency: Urgency,
): Promise<Assessed> {
  const { manifest } = model;
  const features = extract(chart, vocabulary, valuesOf(manifest));
  const [result] = await predictAll([model], features, urgency);
  if (result?.kind === 'prediction') return assessment(manifest, result, features, chart);
  if (result === undefined) throw new Fault('internal', [manifest.id]);
  return outcomeOf(manifest, features, result.because);
}

function assessment(
  manifest: Manifest,
  prediction: Prediction,
  features: Features,
  chart: Chart,
): RiskAssessment {
  const { digest, version } = prediction;
  const subject = { reference: `Patient/${chart.patientId}` };
  const measures = measuresOf(manifest, prediction, subject, chart.now);
  const predictions = predictionsOf(manifest, prediction, chart.now);
  const basis = [...measures.map(({ id }) => `#${id}`), ...sourcesOf(features)].map((reference) => ({
    reference,
  }));
  return {
    resourceType: 'RiskAssessment',
    ...(measures.length === 0 ? {} : { contained: measures }),
    status: 'final',
    method: { text: `${manifest.title}, version ${version}, ${digest}` },
    subject,
    occurrenceDateTime: chart.now.toISOString(),
    ...(basis.length === 0 ? {} : { basis }),
    ...(predictions.length === 0 ? {} : { prediction: predictions }),
    note: manifest.cautions.map((text) => ({ text })),
  };
}

/** Every record that a value rests on, once. */
const sourcesOf = (features: Features): readonly string[] =>
  [
    ...new Set(
      [...features.values()].flatMap((feature) =>
        feature.kind === 'observed' ? feature.sources.map(({ reference }) => reference) : [],
      ),
    ),
  ].filter((reference) => reference !== '#');

/** Probabilities as percentages, as R4 counts `probabilityDecimal` (rule ras-2), unrounded; labels in words. */
function predictionsOf(manifest: Manifest, prediction: Prediction, now: Date): RiskAssessmentPrediction[] {
  const words = printedLabels(manifest, prediction.labels);
  return manifest.outputs.flatMap((output): readonly RiskAssessmentPrediction[] => {
    const outcome = { text: output.label };
    if (output.kind === 'label') {
      const text = words[output.name];
      return text === undefined ? [] : [{ outcome, qualitativeRisk: { text } }];
    }
    const value = prediction.outputs[output.name];
    if (output.kind !== 'probability' || value === undefined) return [];
    const whenPeriod = { start: now.toISOString(), end: after(now, output.horizon).toISOString() };
    return [{ outcome, probabilityDecimal: value * 100, whenPeriod }];
  });
}

function after(now: Date, horizon: string): Date {
  const { months = 0, ms = 0 } = parseDuration(horizon) ?? {};
  const then = new Date(now);
  then.setUTCMonth(then.getUTCMonth() + months);
  return new Date(then.getTime() + ms);
}

/** Scores and measures have no place in a prediction: they are Observations inside. */
function measuresOf(
  { outputs }: Manifest,
  prediction: Prediction,
  subject: { readonly reference: string },
  now: Date,
): Observation[] {
  return outputs.flatMap((output) => {
    const value = prediction.outputs[output.name];
    if (output.kind !== 'number' || value === undefined) return [];
    return [measure(output, value, subject, now)];
  });
}

const measure = (
  { name, label, unit }: Extract<ManifestOutput, { kind: 'number' }>,
  value: number,
  subject: { readonly reference: string },
  now: Date,
): Observation => ({
  resourceType: 'Observation',
  id: name.replaceAll('_', '-'),
  status: 'final',
  code: { text: label },
  subject,
  effectiveDateTime: now.toISOString(),
  valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
});

/** One issue for each input that stood in the way, with the reason and without its value. */
function outcomeOf(manifest: Manifest, features: Features, because: Abstention['because']): OperationOutcome {
  const issue = because.map((problem): OperationOutcomeIssue => {
    const { input: name, value = '', reason } = problem;
    const label = manifest.inputs.find((input) => input.name === name)?.label ?? name;
    const feature = features.get(value);
    const why = feature?.kind === 'missing' ? feature.reason : reasonsOf(manifest, [problem]);
    return {
      severity: 'error',
      code: reason === 'missing' ? 'incomplete' : 'value',
      details: { text: `${label}: ${why}` },
      diagnostics: name,
    };
  });
  return { resourceType: 'OperationOutcome', issue };
}
