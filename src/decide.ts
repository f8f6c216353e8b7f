/**
 * The story: one hook call in, one decision out, every stage a line. Stages are pure; the FHIR reader, the models,
 * the ledger and the clock are passed in. Faults are thrown; abstaining and staying silent are results.
 */
import type { Call, Deps } from './call.ts';
import { fitCards } from './card/fit.ts';
import { heldBack, judge, unsaid } from './card/policy.ts';
import { renderCards } from './card/render.ts';
import type { Service } from './card/service.ts';
import { Fault } from './errors.ts';
import { explainResult } from './explain/result.ts';
import { extract } from './features/extract.ts';
import { gatherChart } from './hooks/gather.ts';
import { predictAll } from './inference/predict.ts';
import type { Decision } from './ledger/decision.ts';
import { newDecisionId } from './ledger/id.ts';
import { recordOf } from './ledger/record.ts';

/**
 * Decides, records, answers, in this order: a decision that was not recorded is not given.
 * @throws Fault fhir-server-not-allowed, wrong-patient, required-data-unavailable, deadline-passed,
 *   model-unavailable, ledger-unavailable
 */
export async function decide(call: Call, service: Service, deps: Deps): Promise<Decision> {
  const { request, registration, profile, signal } = call;
  const { vocabulary, ledger, appUrl } = deps;
  const now = deps.clock();
  const id = newDecisionId();
  const models = service.models.map((name) => deps.models.get(name));
  const names = service.needed.map(({ name }) => name);

  const chart = await gatherChart(request, service.lists, {
    reader: deps.readerFor(call),
    fhirServers: registration.fhirServers,
    readBudgetMs: deps.settings.FHIR_DEADLINE_MS,
    now,
    signal,
  });
  const features = extract(chart, vocabulary, names);
  const results = await predictAll(models, features, { signal });
  const verdict = heldBack(judge(service, features, results), deps.mayShow(service));
  const shown = verdict.kind === 'show';
  const explanation = shown ? await explainResult(service, models, results, vocabulary, signal) : undefined;
  const found = { features, vocabulary, models, results, explanation };
  const rendered = shown ? renderCards(service, verdict.template, { ...found, id, chart, appUrl }) : [];
  const agreed = { hook: request.hook, links: registration.app === undefined ? [] : [appUrl] };
  const { cards, dropped } = fitCards(rendered, profile.card, agreed);
  const said = { id, service, request, issuer: registration.id, chart, verdict: unsaid(verdict, cards) };
  const decision = recordOf(said, { ...found, cards, dropped });

  if (signal.aborted) throw new Fault('deadline-passed');
  await ledger.record(decision);
  return decision;
}
