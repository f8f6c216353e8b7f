import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Card } from 'cds-hooks-types';
import { z } from 'zod';
import { loadChart } from '../fixtures/charts.ts';
import { answer, patientView } from '../fixtures/requests.ts';
import { cardViolations } from '../src/card/invariants.ts';
import { judge } from '../src/card/policy.ts';
import { renderCards } from '../src/card/render.ts';
import type { Service } from '../src/card/service.ts';
import { outputName } from '../src/card/variables.ts';
import { decide } from '../src/decide.ts';
import { explainPrediction } from '../src/explain/shapley.ts';
import type { FhirReader } from '../src/fhir/reader.ts';
import { parseEnvelope } from '../src/hooks/envelope.ts';
import { sandboxRegistration } from '../src/hooks/registration.ts';
import type { Model, Result } from '../src/inference/model.ts';
import { predictAll } from '../src/inference/predict.ts';
import { type ModelRegistry, openRegistry } from '../src/inference/registry.ts';
import type { Outcome } from '../src/ledger/decision.ts';
import { createMemoryLedger } from '../src/ledger/memory.ts';
import { featuresOf, cards as folder, root, services, vocabulary, type Written } from './card/package.ts';
import { profileOf } from './clients/profiles.ts';

/**
 * `cards/<package>/cases/*.json`: a chart (a persona of fixtures/charts, through the whole story) or clinical
 * values (beside those of a healthy chart, see test/card/package.ts), and a clock → the card, or silence and why.
 * `outputs` puts model outputs in the place of the model's own, for the edges of a threshold.
 */
const caseFile = z
  .strictObject({
    title: z.string().min(1),
    chart: z.string().optional(),
    values: z.record(z.string(), z.custom<Written>()).optional(),
    outputs: z.record(z.string(), z.number()).optional(),
    clock: z.iso.datetime().transform((text) => new Date(text)),
    expect: z.discriminatedUnion('outcome', [
      z.strictObject({
        outcome: z.literal('show'),
        template: z.string(),
        indicator: z.enum(['info', 'warning', 'critical']).optional(),
        summaryIncludes: z.string(),
        detailIncludes: z.string().optional(),
        /** RxNorm codes of the proposed orders, in order. */
        suggestions: z.array(z.string()),
      }),
      z.strictObject({ outcome: z.enum(['silent', 'abstained', 'undetermined']), reason: z.string() }),
    ]),
  })
  .refine(
    (one) => (one.chart === undefined) !== (one.values === undefined),
    'names either a chart or values',
  );

type Case = z.output<typeof caseFile>;

interface Answer {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly cards: readonly Card[];
}

describe('cases of the card packages', function () {
  this.timeout(60_000);
  let models: ModelRegistry;
  before(async () => {
    models = await openRegistry(join(root, 'models'));
  });
  after(() => models.close());

  for (const service of services) {
    const cases = join(folder, service.package, 'cases');
    describe(service.id, () => {
      for (const file of readdirSync(cases).sort()) {
        const one = caseFile.parse(JSON.parse(readFileSync(join(cases, file), 'utf8')));
        it(`${file.replace('.json', '')}: ${one.title}`, async () => {
          compare(
            await (one.chart === undefined
              ? fromValues(one, service, models)
              : fromChart(one, service, models)),
            one,
          );
        });
      }
    });
  }
});

async function fromValues(one: Case, service: Service, registry: ModelRegistry): Promise<Answer> {
  const features = featuresOf(one.values, service);
  const models = service.models.map((id) => registry.get(id));
  const results = (await predictAll(models, features)).map((result) => withOutputs(result, one.outputs));
  const verdict = judge(service, features, results);
  if (verdict.kind === 'silent') return { ...verdict, cards: [] };
  const cards = renderCards(service, verdict.template, {
    id: 'decision',
    chart: { patientId: 'case', now: one.clock },
    features,
    results,
    explanation: await explained(service, models, results, one.outputs),
    models,
    vocabulary,
    appUrl: 'http://localhost:3000/app/launch',
  });
  return { outcome: 'show', reason: verdict.template, cards };
}

function withOutputs(result: Result, changed: Readonly<Record<string, number>> = {}): Result {
  if (result.kind === 'abstention') return result;
  const outputs = Object.entries(result.outputs).map(([name, value]) => [
    name,
    changed[outputName(result.model, name)] ?? value,
  ]);
  return { ...result, outputs: Object.fromEntries(outputs) };
}

/** A risk put in by hand has no explanation of its own: the words get it, the drivers are the model's. */
async function explained(
  service: Service,
  models: readonly Model[],
  results: readonly Result[],
  put: object | undefined,
) {
  const { explain } = service;
  const [model, result] = [models[0], results[0]];
  if (explain === undefined || model === undefined || result?.kind !== 'prediction') return undefined;
  if (put === undefined) return explainPrediction(model, result, explain.output, vocabulary);
  return {
    ...({
      model: explain.model,
      digest: model.digest,
      output: explain.output,
      method: 'exact-shapley',
      scale: 'logit',
    } as const),
    baseline: { label: 'a reference person', source: 'case', value: 0.02 },
    value: result.outputs[explain.output] ?? Number.NaN,
    contributions: [],
  };
}

async function fromChart(one: Case, service: Service, models: ModelRegistry): Promise<Answer> {
  const registration = sandboxRegistration(3000);
  const templates = service.lists.map(({ key, query }) => ({ key, query }));
  const request = parseEnvelope({ ...patientView(one.chart ?? '', one.clock, templates) }, service.hook);
  const profile = profileOf(registration.profile);
  return decide({ request, registration, profile, signal: AbortSignal.timeout(30_000) }, service, {
    clock: () => one.clock,
    vocabulary,
    models,
    ledger: createMemoryLedger(),
    readerFor: () => ehrOf(one),
    mayShow: () => true,
    appUrl: 'http://localhost:3000/app/launch',
    settings: { FHIR_DEADLINE_MS: 1000 },
  });
}

/** The EHR's FHIR server, which holds just this chart: it is asked for what prefetch cannot bring. */
function ehrOf({ chart = '', clock }: Case): FhirReader {
  const { bundle } = loadChart(chart, clock);
  return {
    read: async (query) => {
      const body = answer(bundle, query);
      return body === null ? { kind: 'failed', reason: 'not-found' } : { kind: 'read', body };
    },
  };
}

function compare(given: Answer, { expect }: Case): void {
  const said = { outcome: given.outcome, reason: given.reason };
  if (expect.outcome !== 'show') {
    assert.deepEqual(said, expect);
    assert.deepEqual(given.cards, []);
    return;
  }
  assert.deepEqual(said, { outcome: 'show', reason: expect.template });
  const [card, ...more] = given.cards;
  assert.ok(card !== undefined && more.length === 0, 'one card');
  assert.deepEqual(cardViolations(card), []);
  assert.ok(card.summary.includes(expect.summaryIncludes), card.summary);
  assert.ok(card.detail?.includes(expect.detailIncludes ?? ''), card.detail);
  assert.equal(card.indicator, expect.indicator ?? card.indicator);
  assert.deepEqual(orderedDrugs(card), expect.suggestions);
}

const orderedDrugs = (card: Card): readonly (string | undefined)[] =>
  (card.suggestions ?? []).flatMap(({ actions = [] }) =>
    actions.map(({ resource }) =>
      resource?.resourceType === 'MedicationRequest'
        ? resource.medicationCodeableConcept?.coding?.[0]?.code
        : undefined,
    ),
  );
