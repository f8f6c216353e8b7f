import type { Action, Card, Link, Suggestion, SystemAction } from 'cds-hooks-types';
import { z } from 'zod';

/** FHIR resource types that an action may touch; `any`: no restriction is known. */
const resourceTypes = z.union([
  z.literal('any'),
  z.array(z.string().regex(/^[A-Z][A-Za-z]+$/, 'must be a FHIR resource type')),
]);

/** Action type → resource types. An empty list: the client does not know that action. */
const actionSupport = z.strictObject({
  create: resourceTypes,
  update: resourceTypes,
  delete: resourceTypes,
});

const linkTypes = z.array(z.enum(['absolute', 'smart']));

const codeSystems = z
  .record(z.string().min(1), z.string().min(1))
  .refine(
    (map) => Object.values(map).every((to) => !Object.hasOwn(map, to)),
    'must not lead on to another of its keys',
  );

/** What of a card one kind of client understands (the `card` part of `clients/<id>.json`). */
export const cardProfile = z.strictObject({
  selectionBehaviors: z.array(z.enum(['at-most-one', 'any'])).min(1),
  suggestions: z.strictObject({
    /** Hooks on whose cards it offers suggestions; absent: on all. */
    hooks: z.array(z.string().min(1)).optional(),
    /** Which text its user reads: the suggestion's label, or the description of its action. */
    shows: z.enum(['label', 'description']),
    /** Most actions of one suggestion; absent: any number. */
    mostActions: z.int().min(1).optional(),
    actions: actionSupport,
    /** A10: documented as understood. */
    actionSelectionBehavior: z.boolean(),
    /** Code system as we write it → as this client wants it, in the resources of actions. */
    codeSystems: codeSystems.default({}),
  }),
  links: z.strictObject({
    types: linkTypes.min(1),
    /** Types of link that it shows only if registered beforehand. */
    registered: linkTypes,
    /** `sole-content`: only where one link is all that the answer holds. */
    autolaunchable: z.enum(['never', 'sole-content', 'always']),
  }),
  /** Absent: any code. */
  topicCode: z.strictObject({ alphanumeric: z.boolean(), mostCharacters: z.int().min(1) }).optional(),
  overrideReasons: z.boolean(),
  /** Longest detail in characters; absent: no limit is known. */
  mostDetail: z.int().min(1).optional(),
  /** What a system action may do, where the site agrees to any; `none`: nothing. */
  systemActions: z.union([z.literal('none'), actionSupport]),
});

export type CardProfile = z.infer<typeof cardProfile>;

/** What is agreed with one installation, beside what its kind of client understands. */
export interface Agreed {
  /** Hook that is being answered. */
  readonly hook?: string;
  /** Addresses registered with it, compared by origin; absent: all that its install sheet names are. */
  readonly links?: readonly string[];
  /** A13: it has agreed to system actions. */
  readonly systemActions?: boolean;
}

type ActionSupport = z.infer<typeof actionSupport>;

/** Does the client know this action on this type of resource? */
export function knowsAction(action: Action | SystemAction, support: ActionSupport): boolean {
  const types = support[action.type];
  const type = action.type === 'delete' ? action.resourceId.split('/')[0] : action.resource.resourceType;
  return types === 'any' || types.includes(type ?? '');
}

/**
 * Can the client be told this suggestion as it is meant? All its actions, none more and none less: an action left
 * out, or applied where the user was to choose, would be another suggestion.
 */
export function canSay(suggestion: Suggestion, { suggestions: rules }: CardProfile): boolean {
  const actions = suggestion.actions ?? [];
  const behavior = suggestion.actionSelectionBehavior ?? 'all';
  return (
    actions.length <= (rules.mostActions ?? Number.POSITIVE_INFINITY) &&
    (rules.shows === 'label' || actions.length > 0) &&
    (rules.actionSelectionBehavior || behavior === 'all' || actions.length <= 1) &&
    actions.every((action) => knowsAction(action, rules.actions))
  );
}

/** Are suggestions offered at all on the hook that is answered? */
export const offersSuggestions = ({ suggestions: { hooks } }: CardProfile, { hook }: Agreed): boolean =>
  hooks === undefined || hook === undefined || hooks.includes(hook);

/** Does the client show this link: a type it knows, registered where it must be? */
export function showsLink({ type, url }: Link, { links: rules }: CardProfile, { links }: Agreed): boolean {
  if (!rules.types.includes(type)) return false;
  if (!rules.registered.includes(type) || links === undefined) return true;
  const { origin } = URL.parse(url) ?? {};
  return links.some((known) => URL.parse(known)?.origin === origin);
}

/** May the client be given this topic? */
export function takesTopic(code: string, { topicCode }: CardProfile): boolean {
  if (topicCode === undefined) return true;
  return code.length <= topicCode.mostCharacters && (!topicCode.alphanumeric || /^[A-Za-z0-9]+$/.test(code));
}

/** Is one link all that this card offers, beside its summary? */
export const isOneLink = ({ detail, suggestions, links }: Card): boolean =>
  detail === undefined && suggestions === undefined && links?.length === 1;

const rule = (holds: boolean, violation: string): readonly string[] => (holds ? [] : [violation]);

/**
 * What of a card this client would not understand; empty after `fitCards`. Each violation is one line that names
 * the field and the rule, never a value.
 */
export function profileViolations(card: Card, profile: CardProfile, agreed: Agreed = {}): readonly string[] {
  const { selectionBehavior, suggestions = [], links = [], source, detail = '' } = card;
  const launched = links.filter(({ autolaunchable }) => autolaunchable === true);
  return [
    ...rule(
      selectionBehavior === undefined || profile.selectionBehaviors.includes(selectionBehavior),
      'selectionBehavior: not understood',
    ),
    ...rule(suggestions.length === 0 || offersSuggestions(profile, agreed), 'suggestions: not on this hook'),
    ...suggestions.flatMap((each) => suggestionViolations(each, profile)),
    ...rule(
      links.every((link) => showsLink(link, profile, agreed)),
      'links: of an unknown type or not registered',
    ),
    ...rule(
      launched.length === 0 || mayLaunch(card, profile),
      'links.autolaunchable: not supported, or not the only content',
    ),
    ...rule(source.topic === undefined || takesTopic(source.topic.code, profile), 'source.topic.code: form'),
    ...rule(card.overrideReasons === undefined || profile.overrideReasons, 'overrideReasons: not taken'),
    ...rule(detail.length <= (profile.mostDetail ?? Number.POSITIVE_INFINITY), 'detail: too long'),
  ];
}

/** May a link of this card be opened by itself, as far as the card alone can tell? */
export function mayLaunch(card: Card, { links }: CardProfile): boolean {
  switch (links.autolaunchable) {
    case 'never':
      return false;
    case 'sole-content':
      return isOneLink(card);
    case 'always':
      return true;
  }
}

function suggestionViolations(suggestion: Suggestion, profile: CardProfile): readonly string[] {
  const { actionSelectionBehavior, codeSystems: renamed } = profile.suggestions;
  return [
    ...rule(canSay(suggestion, profile), 'suggestions: its actions cannot be said'),
    ...rule(
      suggestion.actionSelectionBehavior === undefined || actionSelectionBehavior,
      'suggestions.actionSelectionBehavior: not understood',
    ),
    ...rule(
      !codedSystems(suggestion.actions).some((system) => Object.hasOwn(renamed, system)),
      'suggestions.actions.resource: a code system by another name',
    ),
  ];
}

/** Systems of every coding in a tree. */
function codedSystems(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, member]) =>
    name === 'coding' && Array.isArray(member)
      ? member.flatMap((coding) => (typeof coding?.system === 'string' ? [coding.system] : []))
      : codedSystems(member),
  );
}
