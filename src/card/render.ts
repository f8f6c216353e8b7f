import { randomUUID } from 'node:crypto';
import type { Card, Link } from 'cds-hooks-types';
import { Fault } from '../errors.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { Features } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Manifest } from '../inference/manifest.ts';
import type { Result } from '../inference/model.ts';
import { cardViolations } from './invariants.ts';
import { scopeOf } from './placeholders.ts';
import type { CardRule, Service } from './service.ts';
import { suggestionOf } from './suggestion.ts';
import { markdownText, plainText, renderTemplate } from './template.ts';

/** What a card is written from, besides the service. */
export interface RenderContext {
  /** The decision's id: opaque, and all that `appContext` carries. */
  readonly id: string;
  readonly chart: { readonly patientId: string; readonly now: Date };
  readonly features: Features;
  readonly results: readonly Result[];
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
 * The card of the template that the policy chose. Deterministic, given `uuid`.
 * @param template id of a card of the service
 * @throws Fault internal when the service has no such card, or the card breaks a rule of CDS Hooks
 */
export function renderCards(service: Service, template: string, context: RenderContext): readonly Card[] {
  const rule = service.cards.find(({ id }) => id === template);
  if (rule === undefined) throw new Fault('internal', [`${service.id}: no card ${template}`]);
  const card = renderCard(service, rule, context);
  const violations = cardViolations(card);
  if (violations.length > 0)
    throw new Fault(
      'internal',
      violations.map((rule) => `${service.id}/${template}: ${rule}`),
    );
  return [card];
}

function renderCard(service: Service, rule: CardRule, context: RenderContext): Card {
  const { source, overrideReasons, detail } = service.shared;
  const { chart, models, uuid = randomUUID } = context;
  const manifests = models.map(({ manifest }) => manifest);
  const scope = scopeOf(rule, { ...context, service, manifests, now: chart.now });
  const fields = {
    uuid: uuid(),
    summary: plainText(renderTemplate(rule.summary, scope, plainText)),
    detail: renderTemplate(detail, scope, markdownText)
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim(),
    indicator: rule.indicator,
    source,
    overrideReasons,
    links: [appLink(service, context)],
  };
  const suggestions = rule.suggestions.flatMap((id) => {
    const suggestion = service.shared.suggestions[id];
    return suggestion === undefined ? [] : [suggestionOf(suggestion, { ...chart, uuid })];
  });
  return suggestions.length === 0
    ? fields
    : { ...fields, suggestions, selectionBehavior: rule.selectionBehavior };
}

const appLink = ({ shared }: Service, { appUrl, id }: RenderContext): Link => ({
  label: shared.appLink,
  url: appUrl,
  type: 'smart',
  appContext: id,
});
