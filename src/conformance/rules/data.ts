/** Q4–Q6 and Q8–Q10: where the data come from: prefetch first, then the caller's FHIR server, with the caller's token. */
import { type Check, failed, passed, skipped, type Verdict, verdict } from '../check.ts';
import { searchset } from '../sample.ts';
import { sameQuery } from '../stub-fhir-server.ts';
import type { Answer, Body, Target } from '../target.ts';
import { accessToken, cardsOf, everyAnswering, fhirAccess, isObject, said } from './asking.ts';
import {
  everyFetching,
  type Fetching,
  prefetchOf,
  type Wanted,
  wantedOf,
  withoutKey,
  withPrefetch,
} from './fetching.ts';

/** Judges key after key until one fails. */
const eachKey =
  (
    judge: (at: Fetching, wanted: Wanted) => Promise<Verdict>,
    applies: (wanted: Wanted) => boolean = () => true,
  ) =>
  (target: Target): Promise<Verdict> =>
    everyFetching(target, async (at) => {
      const keys = at.wanted.filter(applies);
      for (const wanted of keys) {
        const judged = await judge(at, wanted);
        if (judged.kind === 'failed') return failed(`${wanted.key} ${judged.saw}`);
      }
      return keys.length === 0 ? skipped('no prefetch key is a search') : passed;
    });

const isSearch = ({ query }: Wanted): boolean => query.includes('?');

const fetchesAbsent = eachKey(async ({ call, request, seen }, { key, query }) => {
  const { status } = await call(withoutKey(request(), key));
  if (status !== 200 && status !== 412) return failed(`left out: ${said(status)}`);
  return verdict(seen().includes(sameQuery(query)), 'was left out and its query never arrived');
});

const fetchesOnlyAbsent = eachKey(async ({ call, request, seen, wanted }, { key }) => {
  await call(withoutKey(request(), key));
  const sent = wanted.filter((other) => other.key !== key).map(({ query }) => sameQuery(query));
  return verdict(
    !seen().some((query) => sent.includes(query)),
    'was left out and another, sent key was read too',
  );
});

const answersFromFhir = (target: Target): Promise<Verdict> =>
  everyFetching(target, async ({ call, request, seen, wanted }) => {
    const { status } = await call(withPrefetch(request(), {}));
    if (status !== 200) return failed(`without prefetch it ${said(status)}`);
    const missing = wanted.find(({ query }) => !seen().includes(sameQuery(query)));
    return verdict(missing === undefined, `without prefetch it never asked for ${missing?.key}`);
  });

/** A key that is there, though with nothing in it, has been asked already. */
const believes =
  (value: unknown) =>
  async (at: Fetching, { key, query }: Wanted) => {
    const request = at.request();
    const { status } = await at.call(withPrefetch(request, { ...prefetchOf(request), [key]: value }));
    if (status !== 200 && status !== 412) return failed(`empty: ${said(status)}`);
    return verdict(!at.seen().includes(sameQuery(query)), 'was sent as empty and asked for again');
  };

const outcome = (severity: string, code: string): Body => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity, code }],
});

/** An error in place of the data counts as if the key were absent. */
const seesOutcomes = (target: Target): Promise<Verdict> =>
  everyAnswering(target, async (service, request) => {
    const wanted = wantedOf(service, request());
    for (const { key } of wanted) {
      const sent = { ...prefetchOf(request()), [key]: outcome('error', 'exception') };
      const erring = await target.call(service, withPrefetch(request(), sent));
      const absent = await target.call(service, withoutKey(request(), key));
      if (erring.status >= 500 || erring.status === 0) return failed(`${key}: ${said(erring.status)}`);
      if (erring.status !== absent.status || cardsOf(erring).length !== cardsOf(absent).length) {
        return failed(`an OperationOutcome under ${key} is not treated like an absent ${key}`);
      }
    }
    return wanted.length === 0 ? skipped('it asks for no prefetch') : passed;
  });

const noneFound = {
  ...{ resourceType: 'Bundle', type: 'searchset', total: 0 },
  entry: [{ resource: outcome('warning', 'not-found'), search: { mode: 'outcome' } }],
};

const takesNoneFound = (target: Target): Promise<Verdict> =>
  everyAnswering(target, async (service, request) => {
    const searches = wantedOf(service, request()).filter(isSearch);
    for (const { key } of searches) {
      const told = { ...prefetchOf(request()), [key]: noneFound };
      const { status } = await target.call(service, withPrefetch(request(), told));
      const empty = { ...prefetchOf(request()), [key]: searchset([]) };
      const { status: expected } = await target.call(service, withPrefetch(request(), empty));
      if (status !== expected) return failed(`${key}: ${said(status)}, an empty Bundle ${expected}`);
    }
    return searches.length === 0 ? skipped('no prefetch key is a search') : passed;
  });

const followsPages = eachKey(async ({ fhir, call, request }, { key, query }) => {
  const sent = prefetchOf(request())[key];
  const first = isObject(sent) && sent.resourceType === 'Bundle' ? sent : searchset([]);
  const url = `${fhir.base}/${query.split('?')[0]}?kit-page=2`;
  const paged = { ...first, link: [{ relation: 'next', url }] };
  const { status } = await call(withPrefetch(request(), { ...prefetchOf(request()), [key]: paged }));
  if (status === 412) return passed;
  const page = fhir.seen.find((asked) => asked.url.includes('kit-page=2'));
  if (page === undefined) return failed('has a next page that was never read');
  return verdict(status === 200, `has a next page: ${said(status)}`);
}, isSearch);

const bringsToken = (target: Target): Promise<Verdict> =>
  everyFetching(target, async ({ fhir, call, request }) => {
    await call(withPrefetch(request(), {}));
    const expected = `Bearer ${accessToken(target)}`;
    if (fhir.seen.length === 0) return skipped('it asked the FHIR server for nothing');
    const without = fhir.seen.filter(({ authorization }) => authorization !== expected).length;
    return verdict(
      without === 0,
      `${without} of ${fhir.seen.length} FHIR requests came without the token it was given`,
    );
  });

async function keepsToken(target: Target): Promise<Verdict> {
  const asked = await everyAnswering(target, async (service, request) => {
    const whole = {
      ...request(),
      ...fhirAccess(target, request()),
      fhirServer: target.fhir?.base ?? 'https://ehr.invalid/fhir',
    };
    await target.call(service, whole);
    await target.call(service, withPrefetch(whole, {}));
    await target.call(service, { ...whole, hookInstance: 'none' });
    return passed;
  });
  if (asked.kind !== 'passed') return asked;
  const token = accessToken(target);
  const leaking = target.said.find(
    ({ answer }) => answer.text.includes(token) || headersOf(answer).includes(token),
  );
  return verdict(
    leaking === undefined,
    `${leaking?.method} ${leaking?.path}: the answer repeats the access token`,
  );
}

const headersOf = ({ headers }: Answer): string => [...headers].flat().join('\n');

const calls = 20;
const limitMs = 500;

/** p95 of 20 calls: at most one may take longer. */
async function isQuick(target: Target): Promise<Verdict> {
  let slow = 0;
  let made = 0;
  const asked = await everyAnswering(target, async (service, request) => {
    const each = Math.ceil(calls / target.services.length);
    for (let at = 0; at < each && slow < 2; at++) {
      made++;
      if ((await target.call(service, request())).ms > limitMs) slow++;
    }
    return passed;
  });
  return asked.kind === 'passed'
    ? verdict(slow < 2, `${slow} of ${made} calls took over ${limitMs} ms`)
    : asked;
}

const template = 'CDS Hooks 2.0, Prefetch Template';

export const dataChecks: readonly Check[] = [
  {
    id: 'Q4',
    rule: 'A prefetch key that is absent is read from the FHIR server with exactly its query.',
    strength: 'SHOULD',
    source: `${template}; R27, R34`,
    run: fetchesAbsent,
  },
  {
    id: 'Q4-only',
    rule: 'What was sent is not read again.',
    strength: 'SHOULD',
    source: 'CDS Hooks 2.0, Providing FHIR Resources: prefetch is there to save reads',
    run: fetchesOnlyAbsent,
  },
  {
    id: 'Q4-all',
    rule: 'A request without any prefetch is answered from the FHIR server.',
    strength: 'SHOULD',
    source: `${template}; R27, R34; cqf-ruler #536`,
    run: answersFromFhir,
  },
  {
    id: 'Q5',
    rule: 'A key that is null has been asked already: it is not read again.',
    strength: 'practice',
    source: `${template}: null says that nothing was found`,
    run: eachKey(believes(null)),
  },
  {
    id: 'Q5-empty',
    rule: 'An empty Bundle says that nothing was found: it is not read again.',
    strength: 'practice',
    source: template,
    run: eachKey(believes(searchset([])), isSearch),
  },
  {
    id: 'Q6',
    rule: 'An OperationOutcome under a key is an error, never data.',
    strength: 'SHOULD',
    source: `${template}; R52; hapi-fhir #6836`,
    run: seesOutcomes,
  },
  {
    id: 'Q6-none-found',
    rule: 'A searchset whose one entry is a warning that nothing was found is an empty searchset.',
    strength: 'practice',
    source: 'FHIR R4, Search: outcomes in a searchset; EHRs send this',
    run: takesNoneFound,
  },
  {
    id: 'Q8',
    rule: 'Every page of a paged prefetch is read, or the request is answered 412.',
    strength: 'SHOULD',
    source: `${template}: clients MAY page; CDS Hooks 3.0`,
    run: followsPages,
  },
  {
    id: 'Q9',
    rule: 'Every read of the FHIR server carries the token it was given for it.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, FHIR Resource Access; R61',
    run: bringsToken,
  },
  {
    id: 'Q9-kept',
    rule: 'The access token appears in no answer.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Passing the access token: the token is transient',
    run: keepsToken,
  },
  {
    id: 'Q10',
    rule: `Answers come on the order of ${limitMs} ms: 95 % of ${calls} calls.`,
    strength: 'SHOULD',
    source: 'CDS Hooks 2.0, Providing FHIR Resources; R27',
    run: isQuick,
  },
];
