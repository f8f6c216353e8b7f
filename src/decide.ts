/**
 * The story: one hook call in, one decision out, every stage a line. Stages are pure; the FHIR reader, the
 * models, the ledger and the clock are passed in. Faults (4xx, 503) are thrown; abstaining and staying silent
 * are results.
 */
import type { Card } from 'cds-hooks-types';
import { judge } from './card/policy.ts';
import { type RenderContext, renderCards } from './card/render.ts';
import type { Service } from './card/service.ts';
import type { Verdict } from './card/verdict.ts';
import type { Explanation } from './explain/explanation.ts';
import { explainPrediction } from './explain/shapley.ts';
import { extract } from './features/extract.ts';
import type { Vocabulary } from './features/vocabulary.ts';
import type { Clock } from './fhir/chart.ts';
import type { FhirReader } from './fhir/reader.ts';
import type { HookRequest } from './hooks/envelope.ts';
import { gatherChart } from './hooks/gather.ts';
import type { Registration } from './hooks/registration.ts';
import type { Model, Result } from './inference/model.ts';
import { predictAll } from './inference/predict.ts';
import type { ModelRegistry } from './inference/registry.ts';
import type { Decision } from './ledger/decision.ts';
import { newDecisionId } from './ledger/id.ts';
import type { Ledger } from './ledger/ledger.ts';
import { recordOf } from './ledger/record.ts';

export interface Call {
  readonly request: HookRequest;
  readonly registration: Registration;
  /** Ends the whole answer. */
  readonly signal: AbortSignal;
}

export interface Deps {
  readonly clock: Clock;
  readonly vocabulary: Vocabulary;
  readonly models: ModelRegistry;
  readonly ledger: Ledger;
  /** The caller's own FHIR server with the caller's own token; none where none was offered. @throws Fault fhir-server-not-allowed */
  readonly readerFor: (call: Call) => FhirReader | undefined;
  /** May this service speak here? One that awaits clinical review decides, but stays silent under `serve`. */
  readonly mayShow: (service: Service) => boolean;
  /** Address of the SMART app's launch. */
  readonly appUrl: string;
  /** Milliseconds for all FHIR reads together. */
  readonly settings: { readonly FHIR_DEADLINE_MS: number };
}

/**
 * Decides, records, answers, in this order: a decision that was not recorded is not given.
 * @throws Fault fhir-server-not-allowed, wrong-patient, required-data-unavailable, deadline-passed,
 *   model-unavailable, ledger-unavailable
 */
export async function decide(call: Call, service: Service, deps: Deps): Promise<Decision> {
  const { request, registration, signal } = call;
  const { vocabulary, ledger, appUrl } = deps;
  const now = deps.clock();
  const id = newDecisionId();
  const models = service.models.map((name) => deps.models.get(name));

  const chart = await gatherChart(request, service.lists, {
    reader: deps.readerFor(call),
    fhirServers: registration.fhirServers,
    readBudgetMs: deps.settings.FHIR_DEADLINE_MS,
    now,
    signal,
  });
  const names = service.needed.map(({ name }) => name);
  const features = extract(chart, vocabulary, names);
  const results = await predictAll(models, features, { signal });
  const verdict = heldBack(judge(service, features, results), deps.mayShow(service));
  const explanation = await explainShown(verdict, service, models, results, vocabulary, signal);
  const cards = cardsOf(verdict, service, {
    ...{ id, chart, features, results, explanation, models, vocabulary, appUrl },
  });
  const decision = recordOf(
    {
      id,
      service: service.id,
      title: service.title,
      hook: request.hook,
      hookInstance: request.hookInstance,
      issuer: registration.id,
      patientId: chart.patientId,
      decidedAt: now.toISOString(),
      ...outcomeOf(verdict),
      clinicalReview: service.clinicalReview.status,
    },
    { features, vocabulary, models, results, explanation, cards },
  );
  await ledger.record(decision);
  return decision;
}

/** Content that awaits clinical review decides, but does not speak, where the site has not signed it on. */
function heldBack(verdict: Verdict, mayShow: boolean): Verdict {
  if (mayShow || verdict.kind === 'silent') return verdict;
  return { kind: 'silent', outcome: 'silent', reason: 'clinical-review-pending', values: [] };
}

/** Only what is shown is explained here: the explanation stays off the path of a silent answer. */
function explainShown(
  verdict: Verdict,
  { explain }: Service,
  models: readonly Model[],
  results: readonly Result[],
  vocabulary: Vocabulary,
  signal: AbortSignal,
): Promise<Explanation> | undefined {
  const model = models.find(({ manifest }) => manifest.id === explain?.model);
  const result = results.find(({ model: id }) => id === explain?.model);
  if (verdict.kind !== 'show' || explain === undefined || model === undefined) return undefined;
  return result?.kind === 'prediction'
    ? explainPrediction(model, result, explain.output, vocabulary, signal)
    : undefined;
}

const cardsOf = (verdict: Verdict, service: Service, context: RenderContext): readonly Card[] =>
  verdict.kind === 'show' ? renderCards(service, verdict.template, context) : [];

const outcomeOf = (verdict: Verdict) =>
  verdict.kind === 'show'
    ? { outcome: 'show' as const, reason: verdict.template }
    : { outcome: verdict.outcome, reason: verdict.reason };
