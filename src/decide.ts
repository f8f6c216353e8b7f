/**
 * The story: one hook call in, one decision for each service that was called out, every stage a line. Stages are
 * pure; the FHIR reader, the models, the ledger and the clock are passed in. Faults are thrown; abstaining and staying
 * silent are results.
 */
import { answerOf } from './answer.ts';
import type { Call, Deps } from './call.ts';
import type { Offer } from './card/offer.ts';
import { heldBack, judge } from './card/policy.ts';
import { capped } from './card/ranking.ts';
import { Fault } from './errors.ts';
import { evidenceFor, evidenceOf } from './evidence.ts';
import { gatherChart } from './hooks/gather.ts';
import type { Decision } from './ledger/decision.ts';

/**
 * Decides, records, answers, in this order: a decision that was not recorded is not given.
 * @throws Fault fhir-server-not-allowed, wrong-patient, required-data-unavailable, deadline-passed,
 *   model-unavailable, ledger-unavailable
 */
export async function decide(call: Call, offer: Offer, deps: Deps): Promise<readonly Decision[]> {
  const { request, registration, signal } = call;
  const chart = await gatherChart(request, offer.lists, {
    reader: deps.readerFor(call),
    fhirServers: registration.fhirServers,
    readBudgetMs: deps.settings.FHIR_DEADLINE_MS,
    now: deps.clock(),
    signal,
  });
  const evidence = await evidenceOf(chart, offer.services, deps, call);
  const opinions = offer.services.map((service) => {
    const own = evidenceFor(service, evidence);
    return { service, evidence: own, verdict: heldBack(judge(service, own), deps.mayShow(service)) };
  });
  const decisions = await Promise.all(
    capped(opinions).map((opinion) => answerOf(opinion, { call, offer, chart, deps })),
  );
  if (signal.aborted) throw new Fault('deadline-passed');
  await Promise.all(decisions.map((decision) => deps.ledger.record(decision)));
  return decisions;
}
