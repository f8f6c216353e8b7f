/** J1 and D1–D4: what the service says of itself. */
import { type Check, failed, passed, skipped, type Verdict, verdict } from '../check.ts';
import { isLoopback } from '../loopback.ts';
import type { Body, Target } from '../target.ts';
import { control, everyService, isObject, isText, listOf, nameOf, said } from './asking.ts';

const discoveryPath = '/cds-services';

/** Discovery entries as they came. */
async function entries(target: Target): Promise<readonly Body[]> {
  const { json } = await target.send(discoveryPath);
  return isObject(json) ? listOf(json.services).map((item) => (isObject(item) ? item : {})) : [];
}

/** Judges each discovery entry. */
const eachEntry =
  (wrong: (entry: Body) => string | undefined, applies: (entry: Body) => boolean = () => true, none = '') =>
  async (target: Target): Promise<Verdict> => {
    const judged = (await entries(target)).filter(applies);
    for (const [at, entry] of judged.entries()) {
      const complaint = wrong(entry);
      if (complaint !== undefined) return failed(`services.${at} (${entry.id}): ${complaint}`);
    }
    return judged.length === 0 ? skipped(none || 'discovery named no service') : passed;
  };

async function isAlwaysThere(target: Target): Promise<Verdict> {
  const { status, json } = await target.send(discoveryPath);
  if (status !== 200) return failed(said(status));
  return verdict(isObject(json) && Array.isArray(json.services), 'the answer has no services array');
}

async function speaksJson(target: Target): Promise<Verdict> {
  const isJson = (type: string | null) => /^application\/json\s*(;|$)/i.test(type ?? '');
  const discovered = await target.send(discoveryPath);
  if (discovered.status === 200 && !isJson(discovered.headers.get('content-type')))
    return failed('discovery is not sent as application/json');
  return everyService(target, async (service, request) => {
    const { status, headers } = await control(target, service, request());
    if (status !== 200) return skipped(`its correct request is answered ${status}`);
    return verdict(isJson(headers.get('content-type')), 'the answer is not sent as application/json');
  });
}

async function usesTls({ baseUrl }: Target): Promise<Verdict> {
  if (new URL(baseUrl).protocol === 'https:') return passed;
  if (isLoopback(baseUrl)) return skipped('plain HTTP on loopback');
  return failed('the base URL is plain HTTP');
}

const required = (entry: Body): string | undefined => {
  const lacking = ['hook', 'description', 'id'].filter((name) => !isText(entry[name]));
  return lacking.length === 0 ? undefined : `${lacking.join(', ')} is missing or no text`;
};

const isTemplates = ({ prefetch }: Body): boolean =>
  isObject(prefetch) && Object.values(prefetch).every(isText) && Object.keys(prefetch).length > 0;

/** Versions that the CDS Hooks Library has published, by hook. */
const hookVersions: Readonly<Record<string, readonly string[]>> = {
  'patient-view': ['1.0', '1.0.0'],
  'order-select': ['1.0', '1.0.0', '1.0.1', '1.0.2'],
  'order-sign': ['1.0', '1.0.0', '1.1', '1.1.0'],
  'order-dispatch': ['1.0', '1.0.0', '1.1', '1.1.0'],
  'encounter-start': ['1.0', '1.0.0'],
  'encounter-discharge': ['1.0', '1.0.0'],
  'appointment-book': ['1.0', '1.0.0'],
  'allergyintolerance-create': ['0.1', '0.1.0', '1.0', '1.0.0'],
  'problem-list-item-create': ['0.1', '0.1.0', '1.0', '1.0.0'],
  'medication-refill': ['0.1', '0.1.0', '1.0', '1.0.0'],
  'medication-verify': ['0.1', '0.1.0', '1.0', '1.0.0'],
};

function versionIsPublished({ hook, hookVersion }: Body): string | undefined {
  const published = hookVersions[String(hook)];
  if (published === undefined || published.includes(String(hookVersion))) return undefined;
  return 'hookVersion is not one the library has published';
}

async function namesEachOnce(target: Target): Promise<Verdict> {
  const names = target.services.map(nameOf);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (names.length === 0) return skipped('discovery named no service');
  return verdict(twice === undefined, `${twice} is listed twice`);
}

async function servesEachHook(target: Target): Promise<Verdict> {
  const ids = target.services.map(({ id }) => id);
  const shared = target.services.filter(({ id }) => ids.indexOf(id) !== ids.lastIndexOf(id));
  if (shared.length === 0) return skipped('no id serves more than one hook');
  return everyService({ ...target, services: shared }, async (service, request) => {
    const { status } = await target.call(service, request());
    return verdict(status === 200 || status === 412, said(status));
  });
}

const discovery = 'CDS Hooks 2.0, Discovery';

export const discoveryChecks: readonly Check[] = [
  {
    id: 'J1',
    rule: 'Discovery and answers are sent as application/json.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Use of JSON; R1, R2',
    run: speaksJson,
  },
  {
    id: 'J1-tls',
    rule: 'The service is called over HTTPS.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Security and Safety; R168',
    run: usesTls,
  },
  {
    id: 'D1',
    rule: 'GET {base}/cds-services answers 200 and an object with a services array.',
    strength: 'SHALL',
    source: `${discovery}; R4-6, R13`,
    run: isAlwaysThere,
  },
  {
    id: 'D2',
    rule: 'Every service has a hook, a description and an id.',
    strength: 'SHALL',
    source: `${discovery}; R7, R9, R10`,
    run: eachEntry(required),
  },
  {
    id: 'D2-title',
    rule: 'Every service has a title.',
    strength: 'SHOULD',
    source: `${discovery} (RECOMMENDED); R8`,
    run: eachEntry(({ title }) => (isText(title) ? undefined : 'it has no title')),
  },
  {
    id: 'D2-prefetch',
    rule: 'prefetch is an object of key and query, both text.',
    strength: 'SHALL',
    source: `${discovery}; R11`,
    run: eachEntry(
      (entry) => (isTemplates(entry) ? undefined : 'prefetch is not an object of text'),
      ({ prefetch }) => prefetch !== undefined,
      'no service asks for prefetch',
    ),
  },
  {
    id: 'D2-usage',
    rule: 'usageRequirements is text.',
    strength: 'SHALL',
    source: `${discovery}; R12`,
    run: eachEntry(
      ({ usageRequirements }) => (isText(usageRequirements) ? undefined : 'usageRequirements is no text'),
      ({ usageRequirements }) => usageRequirements !== undefined,
      'no service has usageRequirements',
    ),
  },
  {
    id: 'D3',
    rule: 'version names a version of CDS Hooks.',
    strength: 'SHOULD',
    source: 'CDS Hooks 3.0, Discovery response',
    run: eachEntry(
      ({ version }) =>
        /^(STU[123]|[123]\.\d+(\.\d+)?(-[\w.]+)?)$/.test(String(version)) ? undefined : 'version is none',
      ({ version }) => version !== undefined,
      'no service has a version',
    ),
  },
  {
    id: 'D3-hook',
    rule: 'hookVersion is one that the CDS Hooks Library has published.',
    strength: 'SHALL',
    source: 'CDS Hooks 3.0, Discovery response',
    run: eachEntry(
      versionIsPublished,
      ({ hookVersion }) => hookVersion !== undefined,
      'no service has a hookVersion',
    ),
  },
  {
    id: 'D4',
    rule: 'An id that serves several hooks lists each hook once.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Update stale guidance; R211',
    run: namesEachOnce,
  },
  {
    id: 'D4-hooks',
    rule: 'An id that serves several hooks answers each of them.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Update stale guidance; R211',
    run: servesEachHook,
  },
];
