import type { Action, Card, CdsResponse, Coding, Link, Suggestion, SystemAction } from 'cds-hooks-types';

/** What a client has said that it understands beyond CDS Hooks 2.0; nothing unless it has. */
export interface Documented {
  readonly actionSelectionBehavior: boolean;
}

const nothing: Documented = { actionSelectionBehavior: false };

/**
 * What an answer must be before it leaves: each card, and system actions (A13) that are omitted rather than empty.
 * That system actions were agreed to at all is for `fitSystemActions` to see to.
 */
export function responseViolations(
  { cards, systemActions }: CdsResponse,
  documented: Documented = nothing,
): readonly string[] {
  return [
    ...cards.flatMap((card) => cardViolations(card, documented)),
    ...rule(systemActions === undefined || systemActions.length > 0, 'A13 systemActions: omitted when empty'),
    ...(systemActions ?? []).flatMap((action) => actionViolations(action, 'A13 systemActions')),
    ...emptyValues(systemActions?.length === 0 ? undefined : systemActions, 'systemActions'),
  ];
}

/**
 * What a card must be before it leaves (CDS Hooks 2.0, "Card Attributes"); rule numbers as in the project's
 * checklist. Each violation is one line that names rule and field, never a value.
 */
export function cardViolations(card: Card, documented: Documented = nothing): readonly string[] {
  const { topic } = card.source;
  return [
    ...rule(
      card.summary.length < 140 && !card.summary.includes('\n'),
      'A2 summary: one line under 140 characters',
    ),
    ...rule(indicators.has(card.indicator), 'A3 indicator: info, warning or critical'),
    ...rule(card.source.label !== '', 'A4 source.label: required'),
    ...rule(card.source.url === undefined || isAddress(card.source.url), 'A4 source.url: absolute, https'),
    ...rule(card.source.icon === undefined || isAddress(card.source.icon), 'A4 source.icon: absolute, https'),
    ...rule(topic === undefined || isCoding(topic), 'A4 source.topic: a code, and words that are not empty'),
    ...rule(!hasHtml(card.detail ?? ''), 'A5 detail: markdown without HTML'),
    ...rule(isUuid(card.uuid), 'A6 uuid: required here, RFC 4122'),
    ...suggestionGroup(card),
    ...(card.suggestions ?? []).flatMap((suggestion) => suggestionViolations(suggestion, documented)),
    ...rule((card.overrideReasons ?? []).every(isComplete), 'A11 overrideReasons: code, system and display'),
    ...(card.links ?? []).flatMap(linkViolations),
    ...emptyValues(card, ''),
  ];
}

const indicators: ReadonlySet<string> = new Set(['info', 'warning', 'critical']);
const behaviors: ReadonlySet<string> = new Set(['at-most-one', 'any']);
const actionBehaviors: ReadonlySet<string> = new Set(['all', 'any', 'at-most-one']);
const actionTypes: ReadonlySet<string> = new Set(['create', 'update', 'delete']);

const rule = (holds: boolean, violation: string): readonly string[] => (holds ? [] : [violation]);

const isUuid = (text: string | undefined): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(text ?? '');

/** https, or plain http on this very machine (the sandbox). */
function isAddress(text: string): boolean {
  const url = URL.parse(text);
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '');
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && local);
}

function suggestionGroup({ suggestions, selectionBehavior }: Card): readonly string[] {
  const recommended = (suggestions ?? []).filter(({ isRecommended }) => isRecommended === true);
  const uuids = (suggestions ?? []).map(({ uuid }) => uuid);
  return [
    ...rule(
      suggestions === undefined || behaviors.has(selectionBehavior ?? ''),
      'A7 selectionBehavior: required with suggestions',
    ),
    ...rule(
      suggestions !== undefined || selectionBehavior === undefined,
      'A7 selectionBehavior: only with suggestions',
    ),
    ...rule(selectionBehavior !== 'at-most-one' || recommended.length <= 1, 'A7 isRecommended: at most one'),
    ...rule(new Set(uuids).size === uuids.length, 'A6 suggestions.uuid: each its own'),
  ];
}

function suggestionViolations(
  { label, uuid, actions, actionSelectionBehavior }: Suggestion,
  documented: Documented,
): readonly string[] {
  return [
    ...rule(label !== '', 'A8 suggestions.label: required'),
    ...rule(isUuid(uuid), 'A6 suggestions.uuid: required here, RFC 4122'),
    ...rule(
      actionSelectionBehavior === undefined || documented.actionSelectionBehavior,
      'A10 actionSelectionBehavior: not unless the client asks for it',
    ),
    ...rule(
      actionSelectionBehavior === undefined || actionBehaviors.has(actionSelectionBehavior),
      'A10 actionSelectionBehavior: all, any or at-most-one',
    ),
    ...(actions ?? []).flatMap((action) => [
      ...rule((action.description ?? '') !== '', 'A8 actions.description: required'),
      ...actionViolations(action, 'A9 actions'),
    ]),
  ];
}

/** @param at rule and field that the violation is named by */
function actionViolations(action: Action | SystemAction, at: string): readonly string[] {
  return [
    ...rule(actionTypes.has(action.type), `${at}: create, update or delete`),
    ...rule(
      action.type === 'delete'
        ? /^[A-Z]\w+\/[\w.-]+$/.test(action.resourceId) && action.resource === undefined
        : action.resource !== undefined && action.resourceId === undefined,
      `${at}: create and update carry a resource, delete a relative resourceId`,
    ),
    ...rule(
      action.type !== 'create' || action.resource?.id === undefined,
      `${at}.resource: a new one has no id`,
    ),
    ...rule(
      action.type !== 'update' || action.resource?.id !== undefined,
      `${at}.resource: an updated one has an id`,
    ),
  ];
}

const isComplete = ({
  code,
  system,
  display,
}: {
  code?: string;
  system?: string;
  display?: string;
}): boolean => [code, system, display].every((word) => word !== undefined && word !== '');

/** A code; system and display may be missing, but not empty. */
const isCoding = ({ code, system, display }: Coding): boolean =>
  [code, system ?? 'none', display ?? 'none'].every((word) => typeof word === 'string' && word !== '');

/** A tag or a comment as some clients would render it; an autolink (`<https://…>`) is neither. */
const hasHtml = (markdown: string): boolean => /<\/?[a-z][a-z0-9-]*(?:\s[^<>]*)?\/?>|<!--/i.test(markdown);

function linkViolations({ label, url, type, appContext, autolaunchable }: Link): readonly string[] {
  return [
    ...rule(label !== '', 'A12 links.label: required'),
    ...rule(isAddress(url), 'A12 links.url: absolute, https or this machine'),
    ...rule(type === 'absolute' || type === 'smart', 'A12 links.type: absolute or smart'),
    ...rule(type === 'smart' || appContext === undefined, 'A12 links.appContext: only with type smart'),
    ...rule(
      autolaunchable === undefined || typeof autolaunchable === 'boolean',
      'A12 links.autolaunchable: true or false',
    ),
  ];
}

/** J2: no null, "", [] or {} anywhere; an undefined member is simply absent. */
function emptyValues(value: unknown, path: string): readonly string[] {
  if (value === undefined) return [];
  if (value === null || value === '') return [`J2 ${path}: null or empty`];
  if (typeof value !== 'object') return [];
  const found: string[] = [];
  let members = 0;
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    members += 1;
    found.push(...emptyValues(member, path === '' ? name : `${path}.${name}`));
  }
  return members === 0 ? [`J2 ${path}: empty`] : found;
}
