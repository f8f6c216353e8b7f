/** P1–P3: what a client would have to do to satisfy the prefetch templates. */
import type { CdsService, HookName } from 'cds-hooks-types';
import { type Check, failed, passed, skipped, type Verdict } from '../check.ts';
import type { Target } from '../target.ts';
import { nameOf } from './asking.ts';

interface Template {
  readonly service: CdsService;
  readonly key: string;
  readonly text: string;
  /** The content of each `{{…}}`. */
  readonly tokens: readonly string[];
}

const templatesOf = ({ services }: Target): readonly Template[] =>
  services.flatMap((service) =>
    Object.entries(service.prefetch ?? {}).map(([key, text]) => ({
      ...{ service, key, text },
      tokens: [...text.matchAll(/\{\{\s*(.*?)\s*\}\}/g)].map(([, token = '']) => token),
    })),
  );

/** Judges every template that speaks the 2.0 syntax (or, where the rule is general, every one). */
const eachTemplate =
  (wrong: (template: Template) => string | undefined, only2: boolean) =>
  async (target: Target): Promise<Verdict> => {
    const templates = templatesOf(target).filter(({ service }) => !only2 || !speaks3(service));
    for (const template of templates) {
      const complaint = wrong(template);
      if (complaint !== undefined) {
        return failed(`${nameOf(template.service)}: prefetch ${template.key}: ${complaint}`);
      }
    }
    return templates.length === 0 ? skipped('no service has prefetch templates of 2.0') : passed;
  };

/** Declares 3.0, where tokens may be simpler FHIRPath. */
const speaks3 = ({ version }: CdsService): boolean => /^(STU3|3\.)/.test(version ?? '');

const userTokens = new Set([
  'userPractitionerId',
  'userPractitionerRoleId',
  'userPatientId',
  'userRelatedPersonId',
]);

const ids = ['userId', 'patientId', 'encounterId'];

/** Context fields that the library marks as usable in tokens. */
const usable: Readonly<Record<HookName, readonly string[]>> = {
  'allergyintolerance-create': ids,
  'appointment-book': ids,
  'encounter-discharge': ids,
  'encounter-start': ids,
  'medication-refill': ids,
  'medication-verify': ids,
  'order-dispatch': ['patientId', 'dispatchedOrders', 'performer'],
  'order-select': ids,
  'order-sign': ids,
  'patient-view': ids,
  'problem-list-item-create': ids,
};

function hasStrangeTokens({ text, tokens }: Template): string | undefined {
  const strange = tokens.find((token) => !userTokens.has(token) && !/^context\.\S+$/.test(token));
  if (strange !== undefined) return 'a token is neither a context path nor a user id';
  const rest = text.replaceAll(/\{\{.*?\}\}/g, '');
  return rest.includes('{{') || rest.includes('}}') ? 'a token is not closed' : undefined;
}

function hasDeepTokens({ service, tokens }: Template): string | undefined {
  const known = Object.hasOwn(usable, service.hook) ? usable[service.hook as HookName] : undefined;
  const names = tokens.filter((token) => /^context\./.test(token)).map((token) => token.slice(8));
  if (names.some((name) => !/^\w+$/.test(name)))
    return 'a token goes deeper than a root field of the context';
  const foreign = names.find((name) => known !== undefined && !known.includes(name));
  return foreign === undefined ? undefined : `the hook has no context field ${foreign} to be used as a token`;
}

/** Parameters and modifiers outside the subset every client can be expected to run. */
function leavesSubset({ text }: Template): string | undefined {
  const [path = '', search] = text.replaceAll(/\{\{.*?\}\}/g, 'x').split('?');
  const isRead = /^[A-Z][A-Za-z]+\/[^/]+$/.test(path);
  const isSearch = /^[A-Z][A-Za-z]+$/.test(path);
  if (search === undefined) return isRead ? undefined : 'it is neither a read nor a type search';
  if (!isSearch) return 'it is neither a read nor a type search';
  for (const [name, value] of new URLSearchParams(search)) {
    if (/^_(include|revinclude|has|filter|contained|query)/.test(name))
      return `it uses ${name.split(':')[0]}`;
    if (/:(?!in$)/.test(name)) return 'it uses a modifier other than :in';
    if (name.includes('.')) return 'it uses a chained parameter';
    if (/^(ne|sa|eb|ap)\d{4}/.test(value)) return 'it uses a date prefix other than eq, lt, gt, ge, le';
  }
  return undefined;
}

const section = 'CDS Hooks 2.0, Prefetch';

export const prefetchChecks: readonly Check[] = [
  {
    id: 'P1',
    rule: 'Prefetch tokens are context paths or one of the four user ids.',
    strength: 'SHALL',
    source: `${section} tokens; R55, R56, R59`,
    run: eachTemplate(hasStrangeTokens, true),
  },
  {
    id: 'P2',
    rule: 'Prefetch tokens name root fields of the context that the hook allows as tokens.',
    strength: 'SHALL',
    source: `${section} tokens; R57; CDS Hooks Library`,
    run: eachTemplate(hasDeepTokens, true),
  },
  {
    id: 'P3',
    rule: 'Prefetch queries keep to reads and the simple subset of searches.',
    strength: 'SHOULD',
    source: `${section} query restrictions; R58`,
    run: eachTemplate(leavesSubset, false),
  },
];
