import { offerOf } from '../card/offer.ts';
import { judge } from '../card/policy.ts';
import { renderCards } from '../card/render.ts';
import type { Service } from '../card/service.ts';
import { outputName } from '../card/variables.ts';
import { decide } from '../decide.ts';
import { explainResult } from '../explain/result.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import { parseEnvelope } from '../hooks/envelope.ts';
import { type ClientProfile, defaultProfile } from '../hooks/profile.ts';
import { sandboxRegistration } from '../hooks/registration.ts';
import type { Result } from '../inference/model.ts';
import { predictAll } from '../inference/predict.ts';
import type { ModelRegistry } from '../inference/registry.ts';
import { createMemoryLedger } from '../ledger/memory.ts';
import type { Case } from './case.ts';
import { compare, type Given } from './expectation.ts';
import { requestOf } from './request.ts';
import { featuresOf } from './values.ts';

/** What a case needs of the house. */
export interface CaseDeps {
  readonly vocabulary: Vocabulary;
  readonly models: ModelRegistry;
  readonly profile: ClientProfile;
}

/** Where the package departs from the case; nothing: it does what the case says. */
export async function caseFaults(one: Case, service: Service, deps: CaseDeps): Promise<readonly string[]> {
  return compare(await (one.chart === undefined ? fromValues : fromChart)(one, service, deps), one);
}

const appUrl = 'http://localhost:3000/app/launch';

async function fromValues(one: Case, service: Service, deps: CaseDeps): Promise<Given> {
  const { vocabulary } = deps;
  const features = featuresOf(one.values, service, vocabulary);
  const models = service.models.map((id) => deps.models.get(id));
  const results = (await predictAll(models, features)).map((result) => withOutputs(result, one.outputs));
  const before = featuresOf({ ...one.values, ...one.earlier }, service, vocabulary);
  const followed = models.filter(
    ({ manifest }) => one.earlier !== undefined && manifest.id === service.trend?.model,
  );
  const earlier = await predictAll(followed, before);
  const verdict = judge(service, { features, results, earlier });
  if (verdict.kind === 'silent') return { ...verdict, templates: [], cards: [] };
  const explanation =
    one.outputs === undefined
      ? await explainResult(service, models, results, vocabulary)
      : standIn(service, results);
  const chart = { patientId: 'case', now: one.clock };
  const context = {
    id: 'decision',
    chart,
    features,
    results,
    earlier,
    explanation,
    models,
    vocabulary,
    appUrl,
  };
  const templates = verdict.cards.map(({ template }) => template);
  return { ...verdict, templates, cards: renderCards(service, verdict.cards, context) };
}

function withOutputs(result: Result, changed: Readonly<Record<string, number>> = {}): Result {
  if (result.kind === 'abstention') return result;
  const outputs = Object.entries(result.outputs).map(([name, value]) => [
    name,
    changed[outputName(result.model, name)] ?? value,
  ]);
  return { ...result, outputs: Object.fromEntries(outputs) };
}

/** A risk put in by hand has no explanation of its own: the words get it, and no drivers. */
function standIn({ explain }: Service, results: readonly Result[]) {
  const result = results.find(({ model }) => model === explain?.model);
  if (explain === undefined || result?.kind !== 'prediction') return undefined;
  const { model, digest, outputs } = result;
  const kind = { method: 'exact-shapley', scale: 'logit' } as const;
  const baseline = { label: 'a reference person', source: 'case', value: 0.02 };
  const value = outputs[explain.output] ?? Number.NaN;
  return { ...kind, model, digest, output: explain.output, baseline, value, contributions: [] };
}

async function fromChart(one: Case, service: Service, deps: CaseDeps): Promise<Given> {
  const { clock } = one;
  const { signal } = new AbortController();
  const { reader, body } = requestOf(one, service);
  const registration = { ...sandboxRegistration(3000), profile: defaultProfile };
  const call = { request: parseEnvelope(body, service.hook), registration, profile: deps.profile, signal };
  const [decision] = await decide(call, offerOf(service), {
    ...deps,
    clock: () => clock,
    ledger: createMemoryLedger(),
    readerFor: () => reader,
    mayShow: () => true,
    appUrl,
    settings: { FHIR_DEADLINE_MS: 1000 },
  });
  if (decision === undefined) throw new Error('a service comes to one decision');
  const { outcome, reason, cards, templates = {} } = decision;
  return { outcome, reason, cards, templates: cards.map(({ uuid = '' }) => templates[uuid] ?? '') };
}
