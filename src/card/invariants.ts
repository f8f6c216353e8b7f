import type { Card, Link, Suggestion } from 'cds-hooks-types';

/**
 * What a card must be before it leaves (CDS Hooks 2.0, "Card Attributes"); rule numbers as in the project's
 * checklist. Each violation is one line that names rule and field, never a value.
 */
export function cardViolations(card: Card): readonly string[] {
  return [
    ...rule(
      card.summary.length < 140 && !card.summary.includes('\n'),
      'A2 summary: one line under 140 characters',
    ),
    ...rule(indicators.has(card.indicator), 'A3 indicator: info, warning or critical'),
    ...rule(card.source.label !== '', 'A4 source.label: required'),
    ...rule(card.source.url === undefined || isAddress(card.source.url), 'A4 source.url: absolute, https'),
    ...rule(card.source.icon === undefined || isAddress(card.source.icon), 'A4 source.icon: absolute, https'),
    ...rule(isUuid(card.uuid), 'A6 uuid: required here, RFC 4122'),
    ...suggestionGroup(card),
    ...(card.suggestions ?? []).flatMap(suggestionViolations),
    ...rule((card.overrideReasons ?? []).every(isComplete), 'A11 overrideReasons: code, system and display'),
    ...(card.links ?? []).flatMap(linkViolations),
    ...emptyValues(card, ''),
  ];
}

const indicators: ReadonlySet<string> = new Set(['info', 'warning', 'critical']);
const behaviors: ReadonlySet<string> = new Set(['at-most-one', 'any']);

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

function suggestionViolations({
  label,
  uuid,
  actions,
  actionSelectionBehavior,
}: Suggestion): readonly string[] {
  return [
    ...rule(label !== '', 'A8 suggestions.label: required'),
    ...rule(isUuid(uuid), 'A6 suggestions.uuid: required here, RFC 4122'),
    ...rule(
      actionSelectionBehavior === undefined,
      'A10 actionSelectionBehavior: not unless the client asks for it',
    ),
    ...(actions ?? []).flatMap((action) => [
      ...rule((action.description ?? '') !== '', 'A8 actions.description: required'),
      ...rule(
        action.type === 'delete'
          ? /^[A-Z]\w+\/[\w.-]+$/.test(action.resourceId) && action.resource === undefined
          : action.resource !== undefined && action.resourceId === undefined,
        'A9 actions: create and update carry a resource, delete a relative resourceId',
      ),
      ...rule(
        action.type !== 'create' || action.resource?.id === undefined,
        'A9 actions.resource: a new one has no id',
      ),
      ...rule(
        action.type !== 'update' || action.resource?.id !== undefined,
        'A9 actions.resource: an updated one has an id',
      ),
    ]),
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

function linkViolations({ label, url, type, appContext }: Link): readonly string[] {
  return [
    ...rule(label !== '', 'A12 links.label: required'),
    ...rule(isAddress(url), 'A12 links.url: absolute, https or this machine'),
    ...rule(type === 'absolute' || type === 'smart', 'A12 links.type: absolute or smart'),
    ...rule(type === 'smart' || appContext === undefined, 'A12 links.appContext: only with type smart'),
  ];
}

/** J2: no null, "", [] or {} anywhere; an undefined member is simply absent. */
function emptyValues(value: unknown, path: string): readonly string[] {
  if (value === undefined) return [];
  if (value === null || value === '') return [`J2 ${path}: null or empty`];
  if (typeof value !== 'object') return [];
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return [`J2 ${path}: empty`];
  return members.flatMap(([name, member]) => emptyValues(member, path === '' ? name : `${path}.${name}`));
}
