import type { Card, Link, SelectionBehavior, Source, Suggestion, SystemAction } from 'cds-hooks-types';
import {
  type Agreed,
  type CardProfile,
  canSay,
  knowsAction,
  mayLaunch,
  offersSuggestions,
  showsLink,
  takesTopic,
} from './profile.ts';

export { type Agreed, type CardProfile, profileViolations } from './profile.ts';

/** A part of an answer that a client could not be told; one each time. */
export type DroppedPart =
  | 'card'
  | 'link'
  | 'autolaunchable'
  | 'suggestion'
  | 'selectionBehavior'
  | 'isRecommended'
  | 'actionSelectionBehavior'
  | 'topic'
  | 'overrideReasons'
  | 'systemAction';

interface Fitted<Value> {
  readonly value: Value;
  readonly dropped: readonly DroppedPart[];
}

/**
 * Cards as one kind of client can be told them. What it cannot be told is left out, in this order:
 *
 * 1. links it does not know or that are not registered with it
 * 2. suggestions it cannot carry out as meant; then, where it has no `at-most-one`, all but one of such a group
 * 3. what it would misread: a second recommendation, actionSelectionBehavior, the topic, the override reasons
 * 4. the whole card, where its detail does not fit, or links alone carried its guidance and none is left
 * 5. autolaunchable, once it is known what else is in the answer
 *
 * Summary, detail, indicator and source label leave as they are or not at all. Fitting twice changes nothing more.
 *
 * @param agreed what the installation at hand has agreed to
 */
export function fitCards(
  cards: readonly Card[],
  profile: CardProfile,
  agreed: Agreed = {},
): { readonly cards: readonly Card[]; readonly dropped: readonly DroppedPart[] } {
  const fitted = cards.map((card) => fitCard(card, profile, agreed));
  const kept = fitted.flatMap(({ value }) => value ?? []);
  const launched = kept.map((card) => fitAutolaunch(card, profile, kept.length === 1));
  return {
    cards: launched.map(({ value }) => value),
    dropped: [...fitted, ...launched].flatMap(({ dropped }) => dropped),
  };
}

/** A13: only where agreed, and only those the client knows. @returns undefined where none is left (J2) */
export function fitSystemActions(
  actions: readonly SystemAction[],
  { systemActions: support }: CardProfile,
  agreed: Agreed,
): Fitted<readonly SystemAction[] | undefined> {
  const kept =
    support === 'none' || agreed.systemActions !== true
      ? []
      : actions.filter((action) => knowsAction(action, support));
  return { value: kept.length === 0 ? undefined : kept, dropped: each('systemAction', actions, kept) };
}

const each = (part: DroppedPart, all: readonly unknown[], kept: readonly unknown[]): readonly DroppedPart[] =>
  Array<DroppedPart>(all.length - kept.length).fill(part);

function fitCard(card: Card, profile: CardProfile, agreed: Agreed): Fitted<Card | undefined> {
  const links = (card.links ?? []).filter((link) => showsLink(link, profile, agreed));
  if (isLost(card, links, profile)) return { value: undefined, dropped: ['card'] };
  const { uuid, summary, detail, indicator, overrideReasons, extension } = card;
  const group = fitGroup(card, profile, agreed);
  const source = fitSource(card.source, profile);
  const reasonsFit = overrideReasons === undefined || profile.overrideReasons;
  const fields = {
    ...(uuid === undefined ? {} : { uuid }),
    summary,
    ...(detail === undefined ? {} : { detail }),
    indicator,
    source: source.value,
    ...(overrideReasons === undefined || !reasonsFit ? {} : { overrideReasons }),
    ...(links.length === 0 ? {} : { links }),
    ...(extension === undefined ? {} : { extension }),
  };
  return {
    value: group.value === undefined ? fields : { ...fields, ...group.value },
    dropped: [
      ...each('link', card.links ?? [], links),
      ...group.dropped,
      ...source.dropped,
      ...(reasonsFit ? [] : (['overrideReasons'] as const)),
    ],
  };
}

/** A topic of another form goes: one that is bent would be another topic, or two become one. */
function fitSource(source: Source, profile: CardProfile): Fitted<Source> {
  const { topic, ...bare } = source;
  return topic === undefined || takesTopic(topic.code, profile)
    ? { value: source, dropped: [] }
    : { value: bare, dropped: ['topic'] };
}

/** Would the card no longer say what it is for? A detail that is cut could lose the very caveat that matters. */
function isLost({ detail, suggestions, links }: Card, left: readonly Link[], profile: CardProfile): boolean {
  const tooLong = (detail ?? '').length > (profile.mostDetail ?? Number.POSITIVE_INFINITY);
  const onlyLinks = detail === undefined && suggestions === undefined && links !== undefined;
  return tooLong || (onlyLinks && left.length === 0);
}

type Group = { readonly suggestions: readonly Suggestion[]; readonly selectionBehavior: SelectionBehavior };

function fitGroup(card: Card, profile: CardProfile, agreed: Agreed): Fitted<Group | undefined> {
  if (card.suggestions === undefined) return { value: undefined, dropped: [] };
  const sayable = offersSuggestions(profile, agreed)
    ? card.suggestions.filter((suggestion) => canSay(suggestion, profile))
    : [];
  const group = combined(card.suggestions, sayable, card.selectionBehavior, profile);
  const plain = group.value.suggestions.map((suggestion) => fitSuggestion(suggestion, profile));
  const dropped = [
    ...each('suggestion', card.suggestions, group.value.suggestions),
    ...group.dropped,
    ...plain.flatMap((each) => each.dropped),
  ];
  if (plain.length === 0) return { value: undefined, dropped };
  return { value: { ...group.value, suggestions: plain.map(({ value }) => value) }, dropped };
}

/**
 * The suggestions in a combination the client understands.
 *
 * `at-most-one` towards a client that lets any number be taken: one is left, since two alternatives taken together
 * can harm. It is the recommended one; where that cannot be said none is left, for another in its place would read
 * as the recommendation. Where none is recommended it is the first. `any` towards a client that lets one be taken:
 * all stay, and of several recommended ones the first.
 */
function combined(
  all: readonly Suggestion[],
  sayable: readonly Suggestion[],
  behavior: SelectionBehavior,
  { selectionBehaviors }: CardProfile,
): Fitted<Group> {
  if (selectionBehaviors.includes(behavior)) {
    return { value: { suggestions: sayable, selectionBehavior: behavior }, dropped: [] };
  }
  if (behavior === 'at-most-one') {
    const best = all.find(({ isRecommended }) => isRecommended === true);
    const one = sayable.filter((suggestion) => best === undefined || suggestion === best).slice(0, 1);
    return { value: { suggestions: one, selectionBehavior: 'any' }, dropped: [] };
  }
  const favourite = sayable.find(({ isRecommended }) => isRecommended === true);
  const suggestions = sayable.map((suggestion) =>
    suggestion === favourite ? suggestion : withoutRecommendation(suggestion),
  );
  const bent = suggestions.filter((suggestion, at) => suggestion !== sayable[at]);
  return {
    value: { suggestions, selectionBehavior: 'at-most-one' },
    dropped: [
      ...(sayable.length > 1 ? (['selectionBehavior'] as const) : []),
      ...each('isRecommended', bent, []),
    ],
  };
}

function withoutRecommendation(suggestion: Suggestion): Suggestion {
  if (suggestion.isRecommended !== true) return suggestion;
  const { isRecommended: _, ...rest } = suggestion;
  return rest;
}

function fitSuggestion(suggestion: Suggestion, { suggestions: rules }: CardProfile): Fitted<Suggestion> {
  const { actionSelectionBehavior, actions, ...rest } = suggestion;
  const unsaid = actionSelectionBehavior !== undefined && !rules.actionSelectionBehavior;
  return {
    value: {
      ...rest,
      ...(actions === undefined ? {} : { actions: renamed(actions, rules.codeSystems) }),
      ...(unsaid || actionSelectionBehavior === undefined ? {} : { actionSelectionBehavior }),
    },
    dropped: unsaid ? ['actionSelectionBehavior'] : [],
  };
}

/** The same tree with every coding's system by the client's name for it. */
const renamed = <Node>(tree: Node, names: Readonly<Record<string, string>>): Node =>
  Object.keys(names).length === 0 ? tree : renamedIn(tree, names);

function renamedIn<Node>(node: Node, names: Readonly<Record<string, string>>): Node {
  if (Array.isArray(node)) return node.map((item) => renamedIn(item, names)) as Node;
  if (typeof node !== 'object' || node === null) return node;
  const members = Object.entries(node).map(([name, member]) => [
    name,
    name === 'coding' && Array.isArray(member)
      ? member.map((coding) => ({ ...coding, ...systemOf(coding, names) }))
      : renamedIn(member, names),
  ]);
  return Object.fromEntries(members) as Node;
}

const systemOf = ({ system }: { readonly system?: string }, names: Readonly<Record<string, string>>) =>
  system !== undefined && Object.hasOwn(names, system) ? { system: names[system] } : {};

/** `autolaunchable` goes wherever the user could miss something by it. */
function fitAutolaunch(card: Card, profile: CardProfile, alone: boolean): Fitted<Card> {
  const launched = (card.links ?? []).filter(({ autolaunchable }) => autolaunchable === true);
  const always = profile.links.autolaunchable === 'always';
  if (launched.length === 0 || always || (alone && mayLaunch(card, profile))) {
    return { value: card, dropped: [] };
  }
  const links = (card.links ?? []).map((link) => (link.autolaunchable === true ? clickable(link) : link));
  return { value: { ...card, links }, dropped: each('autolaunchable', launched, []) };
}

function clickable(link: Link): Link {
  const { autolaunchable: _, ...rest } = link;
  return rest;
}
