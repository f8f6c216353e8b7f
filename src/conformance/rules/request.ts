/** Q1–Q3 and J4: what a hook call is, and what is none. Negative checks drop or bend one thing of a correct request. */
import { type Check, failed, passed, skipped, type Verdict, verdict } from '../check.ts';
import { requiredContext } from '../sample.ts';
import type { Body, Target } from '../target.ts';
import { control, everyAnswering, everyService, fhirAccess, isObject, refusal, said } from './asking.ts';

/** Sends each bent request; every one must be refused. */
const refuses =
  (bend: (request: Body, hook: string) => readonly unknown[]) =>
  (target: Target): Promise<Verdict> =>
    everyAnswering(target, async (service, request) => {
      for (const body of bend(request(), service.hook)) {
        const judged = refusal(await target.call(service, body));
        if (judged.kind === 'failed') return judged;
      }
      return passed;
    });

/** Sends each changed request; every one must be answered 200. */
const answers =
  (change: (request: Body) => readonly unknown[]) =>
  (target: Target): Promise<Verdict> =>
    everyAnswering(target, async (service, request) => {
      for (const body of change(request())) {
        const { status } = await target.call(service, body);
        if (status !== 200) return failed(said(status));
      }
      return passed;
    });

const without = (object: Body, name: string): Body => {
  const { [name]: _, ...rest } = object;
  return rest;
};

const contextOf = (request: Body): Body => (isObject(request.context) ? request.context : {});

const answersCorrectCalls = (target: Target): Promise<Verdict> =>
  everyService(target, async (service, request) => {
    const { status } = await control(target, service, request());
    if (status === 412) return skipped('its correct request is answered 412: give a real one with --request');
    return verdict(status === 200, said(status));
  });

async function knowsNoOther(target: Target): Promise<Verdict> {
  const [service] = target.services;
  if (service === undefined) return skipped('discovery named no service');
  const unknown = { ...service, id: 'no-such-service-of-this-kit' };
  return refusal(await target.call(unknown, target.request(service) ?? {}));
}

const sendsRaw =
  (body: (request: Body) => string, contentType: string) =>
  (target: Target): Promise<Verdict> =>
    everyAnswering(target, async (service, request) =>
      refusal(await target.call(service, body(request()), { headers: { 'content-type': contentType } })),
    );

/** After everything bent that came before, the service still answers. */
const isStillThere = (target: Target): Promise<Verdict> =>
  everyAnswering(target, async (service, request) => {
    await target.call(service, '{"hook":');
    await target.call(service, { ...request(), prefetch: 'none' });
    await target.call(service, without(without(request(), 'prefetch'), 'context'));
    const { status } = await target.call(service, request());
    return verdict(status === 200, `${said(status)} after broken requests`);
  });

/** Changes of `fhirAuthorization`; needs a FHIR server that the service may be told. */
const withAuthorization =
  (change: (authorization: Body) => Body, judge: (status: number) => boolean) =>
  (target: Target): Promise<Verdict> => {
    if (target.fhir === undefined)
      return Promise.resolve(skipped('no FHIR server: start one with --fhir-server'));
    return everyAnswering(target, async (service, request) => {
      const whole = { ...request(), ...fhirAccess(target, request()) };
      const { status: allowed } = await target.call(service, whole);
      if (allowed !== 200) return skipped(`it may not ask the kit's FHIR server (${allowed})`);
      const fhirAuthorization = change(whole.fhirAuthorization as Body);
      const { status } = await target.call(service, { ...whole, fhirAuthorization });
      return verdict(judge(status), said(status));
    });
  };

const is4xx = (status: number): boolean => status >= 400 && status < 500;

const drops = (name: string): Check => ({
  id: `Q3-${name.replaceAll('_', '-')}`,
  rule: `fhirAuthorization without ${name} is refused.`,
  strength: 'practice',
  source: 'CDS Hooks 2.0, Passing the access token (REQUIRED of the client); cds-r-2',
  run: withAuthorization((authorization) => without(authorization, name), is4xx),
});

const lacks = (name: 'hook' | 'hookInstance' | 'context'): Check => ({
  id: `Q2-${name}`,
  rule: `A request without ${name} is refused with a 4xx and no cards.`,
  strength: 'practice',
  source: `${call}; REQUIRED of the client (R18, R19, R22)`,
  run: refuses((request) => [without(request, name)]),
});

const call = 'CDS Hooks 2.0, Calling a CDS Service';

const scopes = [
  'patient/*.read launch/patient',
  'patient/Observation.rs user/Patient.cruds?category=vital-signs',
  'PATIENT.READ OBSERVATION.SEARCH epic.scanning.dmsusername',
];

export const requestChecks: readonly Check[] = [
  {
    id: 'Q1',
    rule: 'A correct request to a listed service is answered 200.',
    strength: 'SHALL',
    source: `${call}; R16, R74`,
    run: answersCorrectCalls,
  },
  {
    id: 'Q1-unknown',
    rule: 'A service id that is not listed is answered with a 4xx.',
    strength: 'practice',
    source: `${call}: other statuses MAY be returned (R76)`,
    run: knowsNoOther,
  },
  {
    id: 'Q1-json',
    rule: 'A body that is not JSON is answered with a 4xx, never a 5xx.',
    strength: 'practice',
    source: `${call} (R16); RFC 9110 §15.5.1`,
    run: sendsRaw((request) => JSON.stringify(request).slice(0, -1), 'application/json'),
  },
  {
    id: 'Q1-type',
    rule: 'A body that is not sent as application/json is refused.',
    strength: 'practice',
    source: 'CDS Hooks 2.0, Use of JSON (R1); RFC 9110 §15.5.16',
    run: sendsRaw((request) => JSON.stringify(request), 'text/plain'),
  },
  {
    id: 'Q1-after',
    rule: 'Broken requests, one without prefetch among them, do not end the service.',
    strength: 'practice',
    source: 'A published CDS service ended its process on a request without prefetch',
    run: isStillThere,
  },
  lacks('hook'),
  lacks('hookInstance'),
  lacks('context'),
  {
    id: 'Q2-fields',
    rule: 'A request that lacks a required field of its context is refused with a 4xx and no cards.',
    strength: 'practice',
    source: 'CDS Hooks Library, context of each hook; hapi-fhir #5212 answered 500',
    run: refuses((request, hook) =>
      requiredContext(hook).map((name) => ({ ...request, context: without(contextOf(request), name) })),
    ),
  },
  {
    id: 'Q2-uuid',
    rule: 'A hookInstance that is no UUID is refused.',
    strength: 'practice',
    source: `${call}; REQUIRED of the client (R19)`,
    run: refuses((request) => [{ ...request, hookInstance: 'first' }]),
  },
  {
    id: 'Q2-other-hook',
    rule: 'A hook that the service does not serve is refused.',
    strength: 'practice',
    source: `${call}; discovery names the hook of a service (R7)`,
    run: refuses((request) => [{ ...request, hook: 'a-hook-of-nobody' }]),
  },
  {
    id: 'Q2-shape',
    rule: 'A context that is no object is refused.',
    strength: 'practice',
    source: `${call} (R22)`,
    run: refuses((request) => ['text', [request.context]].map((context) => ({ ...request, context }))),
  },
  {
    id: 'Q2-prefetch',
    rule: 'A prefetch that is no object is refused.',
    strength: 'practice',
    source: `${call} (R23)`,
    run: refuses((request) => ['text', ['text']].map((prefetch) => ({ ...request, prefetch }))),
  },
  {
    id: 'Q2-null',
    rule: 'A required member that is null is refused.',
    strength: 'practice',
    source: 'CDS Hooks 2.0, Use of JSON (R3)',
    run: refuses((request) =>
      ['hook', 'hookInstance', 'context'].map((name) => ({ ...request, [name]: null })),
    ),
  },
  {
    id: 'Q2-instance',
    rule: 'The same data under a new hookInstance is answered again.',
    strength: 'SHALL',
    source: `${call}; R19, R20`,
    run: answers((request) => [request, { ...request, hookInstance: crypto.randomUUID() }]),
  },
  {
    id: 'Q2-extension',
    rule: 'Unknown extensions of a request do not disturb.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Extensions; R214; hapi-fhir PR #6274 answered 400',
    run: answers((request) => [{ ...request, extension: { 'org.cds-hooks.conformance': { probe: true } } }]),
  },
  {
    id: 'Q3-server',
    rule: 'fhirAuthorization without fhirServer is refused.',
    strength: 'practice',
    source: `${call}: fhirServer is then REQUIRED of the client; cds-r-1`,
    run: refuses((request) => [
      {
        ...request,
        fhirAuthorization: {
          access_token: 'x',
          token_type: 'Bearer',
          expires_in: 1,
          scope: 'x',
          subject: 'x',
        },
      },
    ]),
  },
  ...['access_token', 'token_type', 'expires_in', 'scope', 'subject'].map(drops),
  {
    id: 'Q3-bearer',
    rule: 'A token_type other than Bearer is refused.',
    strength: 'practice',
    source: 'CDS Hooks 2.0, Passing the access token (R62)',
    run: withAuthorization((authorization) => ({ ...authorization, token_type: 'MAC' }), is4xx),
  },
  ...scopes.map(
    (scope, at): Check => ({
      id: `Q3-scope-${at + 1}`,
      rule: `Scopes of ${['SMART v1', 'SMART v2', 'a vendor'][at]} are taken as they are.`,
      strength: 'practice',
      source: 'CDS Hooks 2.0, Passing the access token; vendors send scopes of their own',
      run: withAuthorization(
        (authorization) => ({ ...authorization, scope }),
        (status) => status === 200,
      ),
    }),
  ),
];
