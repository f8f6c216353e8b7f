/** From what a service came to, to the decision that is recorded: explanation, cards, what this client can be told. */
import type { Call, Deps } from './call.ts';
import { fitCards } from './card/fit.ts';
import type { Offer } from './card/offer.ts';
import { type Evidence, unsaid } from './card/policy.ts';
import type { Opinion } from './card/ranking.ts';
import { renderCards } from './card/render.ts';
import { explainResult } from './explain/result.ts';
import type { Chart } from './fhir/chart.ts';
import type { Decision } from './ledger/decision.ts';
import { newDecisionId } from './ledger/id.ts';
import { recordOf } from './ledger/record.ts';

interface Circumstances {
  readonly call: Call;
  readonly offer: Offer;
  readonly chart: Chart;
  readonly deps: Deps;
}

/** @throws Fault model-unavailable, deadline-passed, internal (a card that breaks a rule of CDS Hooks) */
export async function answerOf(
  { service, verdict, evidence }: Opinion & { readonly evidence: Required<Evidence> },
  { call, offer, chart, deps }: Circumstances,
): Promise<Decision> {
  const { request, registration, profile } = call;
  const { vocabulary, appUrl } = deps;
  const id = newDecisionId();
  const models = service.models.map((name) => deps.models.get(name));
  const chosen = verdict.kind === 'show' ? verdict.cards : [];
  const explanation =
    chosen.length > 0 ? await explainResult(service, models, evidence.results, vocabulary, call) : undefined;
  const found = { ...evidence, vocabulary, models, explanation };
  const rendered = renderCards(service, chosen, { ...found, id, chart, appUrl });
  const links = registration.app === undefined ? [] : [appUrl];
  const { cards, dropped } = fitCards(rendered, profile.card, { hook: request.hook, links });
  const templates = new Map(rendered.map(({ uuid = '' }, at) => [uuid, chosen[at]?.template ?? '']));
  const said = { id, service, called: offer.id, request, issuer: registration.id, chart };
  return recordOf({ ...said, verdict: unsaid(verdict, cards) }, { ...found, templates, cards, dropped });
}
