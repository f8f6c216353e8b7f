/** Ways to say a right answer wrong: fault → change of the JSON, in place or by returning another. */
import type { Json } from '../faulty-service.ts';

type Slip = (answer: Json) => unknown;
type Change = (object: Json) => unknown;

const set =
  (name: string, value: unknown): Change =>
  (object) => {
    object[name] = value;
  };

const drop =
  (name: string): Change =>
  (object) => {
    delete object[name];
  };

const each = (list: unknown, change: Change): void => {
  for (const item of (list ?? []) as Json[]) change(item);
};

/** The first service of a discovery answer. */
const first =
  (change: Change): Slip =>
  ({ services }) =>
    void change((services as Json[])[0] ?? {});

const template = (text: unknown): Slip => first(set('prefetch', { patient: text }));

/** Each card of a hook answer. */
const card =
  (change: Change): Slip =>
  ({ cards }) =>
    each(cards, change);

const suggestion = (change: Change): Slip => card(({ suggestions }) => each(suggestions, change));

const action = (change: Change): Slip => suggestion(({ actions }) => each(actions, change));

const link = (change: Change): Slip => card(({ links }) => each(links, change));

const sourced = (change: Change): Slip => card(({ source }) => change(source as Json));

export const discoveryFaults: Readonly<Record<string, Slip>> = {
  'discovery-as-list': ({ services }) => services,
  'service-without-description': first(drop('description')),
  'service-without-title': first(drop('title')),
  'prefetch-as-list': first(set('prefetch', ['Patient/{{context.patientId}}'])),
  'usage-as-list': first(set('usageRequirements', ['none'])),
  'spec-version-unknown': first(set('version', 'two')),
  'hook-version-unknown': first(set('hookVersion', '9.9')),
  'same-hook-twice': (answer) => {
    const [one] = answer.services as Json[];
    return { ...answer, services: [...(answer.services as Json[]), one] };
  },
  'token-of-nothing': template('Patient/{{patient.id}}'),
  'token-not-in-context': template('Patient/{{context.patient}}'),
  'token-in-depth': template('Patient/{{context.draftOrders.entry[0].resource.subject}}'),
  'query-with-include': template('Condition?patient={{context.patientId}}&_include=Condition:encounter'),
  'discovery-with-empty-title': first(set('title', '')),
  'discovery-extension-as-text': first(set('extension', 'x')),
};

export const answerFaults: Readonly<Record<string, Slip>> = {
  'answer-without-cards': ({ cards: _, ...answer }) => answer,
  'answer-with-null': (answer) => ({ ...answer, extension: { 'org.example.note': null } }),
  'summary-of-140': card(set('summary', 'x'.repeat(140))),
  'summary-absent': card(drop('summary')),
  'summary-of-lines': card(set('summary', 'One.\nTwo.')),
  'indicator-hard-stop': card(set('indicator', 'hard-stop')),
  'source-without-label': sourced(drop('label')),
  'source-url-relative': sourced(set('url', '/rules')),
  'source-icon-relative': sourced(set('icon', 'icon.png')),
  'source-topic-as-text': sourced(set('topic', 'greeting')),
  'detail-with-html': card(set('detail', 'See <a href="https://example.org">this</a>')),
  'detail-as-list': card(set('detail', ['x'])),
  'uuid-as-number': card(set('uuid', 'card-1')),
  'uuid-again': card(set('uuid', '6e2f6b2a-3c0d-4d0e-9a55-1f2f0a7f8f00')),
  'uuid-absent': card(drop('uuid')),
  'selection-absent': card(drop('selectionBehavior')),
  'two-recommended': suggestion(set('isRecommended', true)),
  'suggestion-without-label': suggestion(drop('label')),
  'action-without-description': action(drop('description')),
  'action-of-unknown-type': action(set('type', 'replace')),
  'action-without-resource': action(drop('resource')),
  'delete-with-resource': action((item) => {
    if (item.type === 'delete') item.resource = { resourceType: 'ServiceRequest', id: 'x' };
  }),
  'delete-by-absolute-id': action((item) => {
    if (item.type === 'delete') item.resourceId = `https://ehr.example/fhir/${item.resourceId}`;
  }),
  'updates-other-orders': action((item) => {
    if (item.type === 'update') item.resource = { ...(item.resource as Json), id: 'somebody-elses' };
  }),
  'resource-without-type': action(({ resource }) =>
    each(resource === undefined ? [] : [resource], drop('resourceType')),
  ),
  'action-selection-unasked': suggestion(set('actionSelectionBehavior', 'any')),
  'reason-without-display': card(({ overrideReasons }) => each(overrideReasons, drop('display'))),
  'link-of-unknown-type': link(set('type', 'app')),
  'link-relative': link(set('url', '/launch')),
  'context-on-absolute-link': link(set('appContext', 'x')),
  'autolaunch-as-text': link(set('autolaunchable', 'yes')),
  'system-action-as-object': (answer) => ({ ...answer, systemActions: { type: 'update' } }),
  'system-action-without-resource': (answer) => ({ ...answer, systemActions: [{ type: 'create' }] }),
  'extension-as-list': card(set('extension', ['x'])),
  'extension-without-owner': card(set('extension', { rank: { value: 1 } })),
};
