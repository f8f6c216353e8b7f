import { randomUUID } from 'node:crypto';
import type { Card, Link, Suggestion } from 'cds-hooks-types';
import { Fault } from '../errors.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { Features } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Manifest } from '../inference/manifest.ts';
import type { Result } from '../inference/model.ts';
import { evaluate } from './conditions.ts';
import { cardViolations } from './invariants.ts';
import { scopeOf, type Wording } from './placeholders.ts';
import type { CardRule, Service } from './service.ts';
import { findingSuggestion, type SuggestionContext, suggestionOf } from './suggestion.ts';
import { markdownText, plainText, renderTemplate } from './template.ts';
import { bind } from './variables.ts';
import type { Chosen } from './verdict.ts';

/** What a card is written from, besides the service. */
export interface RenderContext {
  /** The decision's id: opaque, and all that `appContext` carries. */
  readonly id: string;
  readonly chart: { readonly patientId: string; readonly now: Date };
  readonly features: Features;
  readonly results: readonly Result[];
  /** Of the trend's model, on the chart as it stood before. */
  readonly earlier?: readonly Result[];
  /** Undefined where the explained model abstained. */
  readonly explanation: Explanation | undefined;
  /** Those that were run. */
  readonly models: readonly { readonly manifest: Manifest }[];
  readonly vocabulary: Pick<Vocabulary, 'entries' | 'groups'>;
  /** `<base>/app/launch`. */
  readonly appUrl: string;
  /** Source of uuids for card and suggestions; random ones unless a test fixes them. */
  readonly uuid?: () => string;
}

/**
 * The cards that the policy chose, in its order. Deterministic, given `uuid`.
 * @throws Fault internal when the service has no such card, or a card breaks a rule of CDS Hooks
 */
export function renderCards(
  service: Service,
  chosen: readonly Chosen[],
  context: RenderContext,
): readonly Card[] {
  if (chosen.length === 0) return [];
  const { models, chart } = context;
  const manifests = models.map(({ manifest }) => manifest);
  const wording = { ...context, service, manifests, bindings: bind(context, service), now: chart.now };
  return chosen.map((each) => {
    const rule = service.cards.find(({ id }) => id === each.template);
    if (rule === undefined) throw new Fault('internal', [`${service.id}: no card ${each.template}`]);
    const card = renderCard(rule, each, wording);
    const broken = cardViolations(card).map((violation) => `${service.id}/${each.template}: ${violation}`);
    if (broken.length > 0) throw new Fault('internal', broken);
    return card;
  });
}

function renderCard(rule: CardRule, chosen: Chosen, context: RenderContext & Wording): Card {
  const { service, chart, uuid = randomUUID } = context;
  const scope = scopeOf(rule, chosen, context);
  const fields = {
    uuid: uuid(),
    summary: plainText(renderTemplate(rule.summary, scope, plainText)),
    detail: renderTemplate(rule.detail, scope, markdownText)
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim(),
    indicator: chosen.indicator,
    source: rule.source,
    overrideReasons: service.shared.overrideReasons,
    links: [appLink(service, context)],
  };
  const suggestions = suggestionsOf(rule, chosen, context, { ...chart, uuid });
  if (suggestions.length === 0) return fields;
  const selectionBehavior = rule.kind === 'finding' ? 'any' : rule.selectionBehavior;
  return { ...fields, suggestions, selectionBehavior };
}

/** What the package proposes where it holds, or what the finding itself proposes. */
function suggestionsOf(
  rule: CardRule,
  { finding }: Chosen,
  { service, bindings }: Wording,
  context: SuggestionContext,
): readonly Suggestion[] {
  if (rule.kind === 'finding')
    return (finding?.actions ?? []).map((action) => findingSuggestion(action, context));
  return rule.suggestions.flatMap((id) => {
    const suggestion = service.shared.suggestions[id];
    const offered =
      suggestion !== undefined &&
      (suggestion.when === undefined || evaluate(suggestion.when, bindings).kind === 'true');
    return offered ? [suggestionOf(suggestion, context)] : [];
  });
}

const appLink = ({ shared }: Service, { appUrl, id }: RenderContext): Link => ({
  label: shared.appLink,
  url: appUrl,
  type: 'smart',
  appContext: id,
});
