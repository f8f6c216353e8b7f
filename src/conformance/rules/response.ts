/** A1, A14, J2–J4: every answer of the run, whatever it was an answer to. */
import { type Check, failed, passed, skipped, type Verdict, verdict } from '../check.ts';
import type { Body, Exchange, Target } from '../target.ts';
import { cardsSaid, everythingSaid, isObject, listOf, members, nameOf, said } from './asking.ts';

/** Every JSON value in a tree with its dotted path. */
function* nodes(
  value: unknown,
  path: string,
  inResource = false,
): Generator<readonly [string, unknown, boolean]> {
  yield [path, value, inResource];
  if (typeof value !== 'object' || value === null) return;
  const within = inResource || (isObject(value) && typeof value.resourceType === 'string');
  for (const [name, child] of Object.entries(value)) yield* nodes(child, `${path}.${name}`, within);
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);

/** `cards` and `services` may be empty; FHIR pads arrays of primitives with null. */
function mayBeEmpty(path: string, value: unknown, inResource: boolean): boolean {
  if (path === '.cards' || path === '.services') return Array.isArray(value);
  return inResource && value === null && /\.\d+$/.test(path);
}

function emptyIn(exchange: Exchange): string | undefined {
  for (const [path, value, inResource] of nodes(exchange.answer.json, '')) {
    if (isEmpty(value) && !mayBeEmpty(path, value, inResource)) return path.slice(1) || 'the answer';
  }
  return undefined;
}

async function isNowhereEmpty(target: Target): Promise<Verdict> {
  for (const exchange of await everythingSaid(target)) {
    const empty = exchange.answer.json === undefined ? undefined : emptyIn(exchange);
    if (empty !== undefined) return failed(`${exchange.method} ${exchange.path}: ${empty} is null or empty`);
  }
  return passed;
}

/** Successful answers to hook calls. */
const answersOf = async (target: Target): Promise<readonly Exchange[]> =>
  (await everythingSaid(target)).filter(
    ({ service, answer }) => service !== undefined && answer.status === 200,
  );

async function hasCards(target: Target): Promise<Verdict> {
  const answers = await answersOf(target);
  const wrong = answers.find(({ answer }) => !isObject(answer.json) || !Array.isArray(answer.json.cards));
  if (wrong?.service !== undefined) return failed(`${nameOf(wrong.service)}: a 200 without a cards array`);
  return answers.length === 0 ? skipped('no hook call was answered 200') : passed;
}

/** Resources of actions, with where they stand. */
async function resourcesSaid(target: Target): Promise<readonly (readonly [string, unknown])[]> {
  const cards = (await cardsSaid(target)).map(({ where, card, exchange }) => ({
    where,
    value: card,
    exchange,
  }));
  const actions = members(members(cards, 'suggestions'), 'actions');
  const system = (await answersOf(target)).flatMap(({ service, answer }) =>
    listOf((answer.json as Body)?.systemActions).map(
      (action) => [`${service?.id}: systemActions`, isObject(action) ? action.resource : undefined] as const,
    ),
  );
  const shown = actions.map(({ where, value }) => [where, value.resource] as const);
  return [...shown, ...system].filter(([, resource]) => resource !== undefined);
}

async function embedsFhir(target: Target): Promise<Verdict> {
  const resources = await resourcesSaid(target);
  for (const [where, resource] of resources) {
    const type = isObject(resource) ? resource.resourceType : undefined;
    if (typeof type !== 'string' || !/^[A-Z][A-Za-z]+$/.test(type)) {
      return failed(`${where}: the resource has no resourceType`);
    }
  }
  return resources.length === 0 ? skipped('no answer embeds a resource') : passed;
}

/** CDS Hooks extensions, not those inside FHIR resources. */
async function extensionsSaid(target: Target): Promise<readonly (readonly [string, unknown])[]> {
  const told = await everythingSaid(target);
  return told.flatMap(({ path, answer }) =>
    [...nodes(answer.json, path)]
      .filter(([at, , inResource]) => !inResource && at.endsWith('.extension'))
      .map(([at, value]) => [at, value] as const),
  );
}

const eachExtension =
  (holds: (value: unknown) => boolean, saw: string) =>
  async (target: Target): Promise<Verdict> => {
    const extensions = await extensionsSaid(target);
    const wrong = extensions.find(([, value]) => !holds(value));
    if (wrong !== undefined) return failed(`${wrong[0]} ${saw}`);
    return extensions.length === 0 ? skipped('no answer carries an extension') : passed;
  };

const isOwned = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).every((name) => /^[\w-]+(\.[\w-]+)+/.test(name));

/** A bare 401 is good practice, so it is not judged; nor is what never was an answer. */
async function explainsErrors(target: Target): Promise<Verdict> {
  await target.send('/cds-services/no-such-service-of-this-kit', { method: 'POST', body: '{}' });
  const errors = target.said.filter(
    ({ method, answer: { status } }) => status >= 400 && status !== 401 && method !== 'OPTIONS',
  );
  const bare = errors.find(({ answer }) => !isOutcome(answer.json));
  if (errors.length === 0) return skipped('no call was refused');
  return verdict(
    bare === undefined,
    `${bare?.method} ${bare?.path}: ${said(bare?.answer.status ?? 0)} without an OperationOutcome`,
  );
}

const isOutcome = (json: unknown): boolean =>
  isObject(json) && json.resourceType === 'OperationOutcome' && listOf(json.issue).length > 0;

export const responseChecks: readonly Check[] = [
  {
    id: 'A1',
    rule: 'Every 200 is an object with a cards array.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, CDS Service Response; R74, R77',
    run: hasCards,
  },
  {
    id: 'J3',
    rule: 'Embedded resources are FHIR JSON.',
    strength: 'SHALL',
    source: 'CDS Hooks 3.0, Use of JSON; 2.0, Action; R131',
    run: embedsFhir,
  },
  {
    id: 'J4',
    rule: 'Every extension is an object.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Extensions; R214',
    run: eachExtension(isObject, 'is not an object'),
  },
  {
    id: 'J4-names',
    rule: 'Names of extensions say whose they are, in reverse-DNS notation.',
    strength: 'SHOULD',
    source: 'CDS Hooks 2.0, Extensions; R215',
    run: eachExtension(isOwned, 'has a name without an owner'),
  },
  {
    id: 'J2',
    rule: 'No answer holds null, "", [] or {}; only cards and services may be empty.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Use of JSON; R3',
    run: isNowhereEmpty,
  },
  {
    id: 'A14',
    rule: 'An error carries an OperationOutcome.',
    strength: 'SHOULD',
    source: 'CDS Hooks 3.0, Returning OperationOutcome',
    run: explainsErrors,
  },
];
