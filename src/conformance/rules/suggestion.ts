/** A7–A10, A13: every suggestion and action that the service proposed during the run. */
import { type Check, failed, passed, skipped, type Verdict } from '../check.ts';
import type { Body, Exchange, Target } from '../target.ts';
import { everythingSaid, isObject, isText, judgePlaces, listOf, members, type Place } from './asking.ts';
import { placesOf } from './card.ts';

type Complaint = (place: Place) => string | undefined;

const suggestionsOf = async (target: Target): Promise<readonly Place[]> =>
  members(await placesOf(target), 'suggestions');

const actionsOf = async (target: Target): Promise<readonly Place[]> =>
  members(await suggestionsOf(target), 'actions');

const eachSuggestion =
  (wrong: Complaint) =>
  async (target: Target): Promise<Verdict> =>
    judgePlaces(await suggestionsOf(target), wrong, 'no card has a suggestion');

const eachAction =
  (wrong: Complaint, types: readonly string[] = []) =>
  async (target: Target): Promise<Verdict> => {
    const actions = await actionsOf(target);
    const judged =
      types.length === 0 ? actions : actions.filter(({ value }) => types.includes(String(value.type)));
    return judgePlaces(
      judged,
      wrong,
      `no suggestion has an action${types.length === 0 ? '' : ` ${types.join(' or ')}`}`,
    );
  };

/** Cards with suggestions. */
const eachChoice =
  (wrong: Complaint) =>
  async (target: Target): Promise<Verdict> => {
    const cards = (await placesOf(target)).filter(({ value }) => value.suggestions !== undefined);
    return judgePlaces(cards, wrong, 'no card has a suggestion');
  };

function wrongRecommendation({ value }: Place): string | undefined {
  const recommended = listOf(value.suggestions).filter(
    (item) => isObject(item) && item.isRecommended === true,
  );
  return value.selectionBehavior === 'at-most-one' && recommended.length > 1
    ? 'recommends several of which at most one may be chosen'
    : undefined;
}

const types = ['create', 'update', 'delete'];
const isRelative = (value: unknown): boolean =>
  typeof value === 'string' && /^[A-Z][A-Za-z]+\/[^/]+$/.test(value);
const hasResource = ({ value }: Place): string | undefined =>
  isObject(value.resource) ? undefined : 'has no resource';

/** Ids of the resources in the context of the call that brought this. */
function draftIds({ sent }: Exchange): readonly string[] {
  const context = isObject(sent) && isObject(sent.context) ? sent.context : {};
  const found = Object.values(context).flatMap((value) => [
    value,
    ...listOf(isObject(value) ? value.entry : undefined).map((entry) =>
      isObject(entry) ? entry.resource : entry,
    ),
  ]);
  return found.filter(isObject).map(idOf);
}

const idOf = ({ resourceType, id }: Body): string => `${resourceType}/${id}`;

/** An update of what the user is working on names what was sent. */
async function updatesWhatWasSent(target: Target): Promise<Verdict> {
  const updates = (await actionsOf(target)).filter(
    ({ value, exchange }) => value.type === 'update' && draftIds(exchange).length > 0,
  );
  return judgePlaces(
    updates,
    ({ value, exchange }) =>
      isObject(value.resource) && draftIds(exchange).includes(idOf(value.resource))
        ? undefined
        : 'updates a resource that the context does not hold',
    'no suggestion updates a resource of the context',
  );
}

async function systemActionsAreRight(target: Target): Promise<Verdict> {
  const answers = (await everythingSaid(target)).filter(
    ({ answer }) => answer.status === 200 && isObject(answer.json) && answer.json.systemActions !== undefined,
  );
  for (const { path, answer } of answers) {
    const actions = (answer.json as Body).systemActions;
    const isRight = Array.isArray(actions) && actions.length > 0 && actions.every(isAction);
    if (!isRight) return failed(`${path}: systemActions are not actions`);
  }
  return answers.length === 0 ? skipped('no answer has systemActions') : passed;
}

const isAction = (action: unknown): boolean => {
  if (!isObject(action)) return false;
  return action.type === 'delete'
    ? isRelative(action.resourceId)
    : types.includes(String(action.type)) && isObject(action.resource);
};

const source = 'CDS Hooks 2.0, Action';

export const suggestionChecks: readonly Check[] = [
  {
    id: 'A7',
    rule: 'A card with suggestions has a selectionBehavior: at-most-one or any.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Card Attributes; R93, R95; cds-resp-1',
    run: eachChoice(({ value }) =>
      ['at-most-one', 'any'].includes(String(value.selectionBehavior))
        ? undefined
        : 'has no selectionBehavior',
    ),
  },
  {
    id: 'A7-recommended',
    rule: 'Of suggestions of which at most one may be chosen, at most one is recommended.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Suggestion; R121; cds-resp-6',
    run: eachChoice(wrongRecommendation),
  },
  {
    id: 'A8',
    rule: 'Every suggestion has a label.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Suggestion; R117',
    run: eachSuggestion(({ value }) => (isText(value.label) ? undefined : 'has no label')),
  },
  {
    id: 'A8-type',
    rule: 'Every action is a create, an update or a delete.',
    strength: 'SHALL',
    source: `${source}; R125, R126`,
    run: eachAction(({ value }) => (types.includes(String(value.type)) ? undefined : 'has another type')),
  },
  {
    id: 'A8-description',
    rule: 'Every action of a suggestion has a description.',
    strength: 'SHALL',
    source: `${source}; R127, R128; cds-resp-5`,
    run: eachAction(({ value }) => (isText(value.description) ? undefined : 'has no description')),
  },
  {
    id: 'A9',
    rule: 'A create or update carries its resource.',
    strength: 'SHALL',
    source: `${source}; R131, R132; cds-resp-2`,
    run: eachAction(hasResource, ['create', 'update']),
  },
  {
    id: 'A9-delete',
    rule: 'A delete names its resource by a relative resourceId and carries no resource.',
    strength: 'SHOULD',
    source: `${source}; R133-135; cds-resp-2`,
    run: eachAction(
      ({ value }) =>
        isRelative(value.resourceId) && value.resource === undefined
          ? undefined
          : 'does not name its resource by resourceId alone',
      ['delete'],
    ),
  },
  {
    id: 'A9-update',
    rule: 'An update of a draft names a resource that the context holds.',
    strength: 'SHOULD',
    source: `${source}; R132`,
    run: updatesWhatWasSent,
  },
  {
    id: 'A10',
    rule: 'actionSelectionBehavior stays away from clients that are not known to support it.',
    strength: 'SHALL',
    source: 'CDS Hooks 3.0, Suggestion and Capability Documentation (SHALL NOT)',
    run: eachSuggestion(({ value }) =>
      value.actionSelectionBehavior === undefined ? undefined : 'has an actionSelectionBehavior',
    ),
  },
  {
    id: 'A13',
    rule: 'systemActions, where there are any, are actions.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, System Action; R79',
    run: systemActionsAreRight,
  },
];
