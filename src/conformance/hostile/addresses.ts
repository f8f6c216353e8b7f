/** Server-side request forgery: no part of a request leads the service, or a token, to a foreign address. */
import { type Check, failed, passed, skipped, type Verdict } from '../check.ts';
import { fhirAccess, isObject, said } from '../rules/asking.ts';
import type { Answer, Body, Target } from '../target.ts';
import type { AddressAttack, Lure, Lured } from './address-attack.ts';
import { redirectAttacks } from './address-redirects.ts';
import { referenceAttacks } from './address-references.ts';
import { serverAttacks } from './address-servers.ts';
import { type Ground, groundOf, harmDone, leakIn, pathOf } from './ground.ts';
import { headOf, sendRaw } from './raw-http.ts';
import { watched } from './watched.ts';

const attacks: readonly AddressAttack[] = [...serverAttacks, ...referenceAttacks, ...redirectAttacks];

const noCanary = 'the kit has no canary: the service is on another machine';

/** The hook that has draft orders for attacks on them; any service for the rest. */
const groundFor = async (target: Target, { id }: AddressAttack): Promise<Ground | string> => {
  if (id !== 'ssrf-67') return groundOf(target);
  const ordering = await groundOf(target, ({ hook }) => hook === 'order-sign' || hook === 'order-select');
  return typeof ordering === 'string' ? groundOf(target) : ordering;
};

async function tryAddress(target: Target, attack: AddressAttack): Promise<Verdict> {
  if (target.canary === undefined) return skipped(noCanary);
  const ground = await groundFor(target, attack);
  if (typeof ground === 'string') return skipped(ground);
  const request = ground.request();
  const lure = lureOf(target, ground, request);
  const { seen, result } = await watched(target, async () => {
    const lured = attack.bend(request, lure);
    return typeof lured === 'string' ? lured : send(target, ground, lured);
  });
  if (typeof result === 'string') return skipped(result);
  const asked = attack.asksFhir !== true || (target.fhir?.seen.length ?? 0) > 0;
  if (attack.asksFhir) target.fhir?.forget();
  const complaint = seen ?? badAnswer(result, lure) ?? (await harmDone(target, ground));
  if (complaint !== undefined) return failed(complaint);
  return asked ? passed : skipped('the service asked the kit’s FHIR server nothing');
}

const send = (target: Target, { service }: Ground, { body, headers = {} }: Lured): Promise<Answer> =>
  target.call(service, body, { headers });

function lureOf(target: Target, ground: Ground, request: Body): Lure {
  if (target.canary === undefined) throw new Error(noCanary);
  const { fhirAuthorization } = fhirAccess(target, request);
  return {
    canary: target.canary,
    host: `127.0.0.1:${target.canary.port}`,
    goodBase: target.fhir?.base ?? 'https://ehr.example/fhir',
    authorization: isObject(fhirAuthorization) ? fhirAuthorization : {},
    ground,
    target,
  };
}

function badAnswer(answer: Answer, { authorization }: Lure): string | undefined {
  if (answer.status === 0 || answer.status >= 500) return said(answer.status);
  return leakIn(answer, String(authorization.access_token));
}

/** The request line names another server, as one tells a proxy. */
async function isNoProxy(target: Target): Promise<Verdict> {
  const { canary } = target;
  if (canary === undefined) return skipped(noCanary);
  const { seen, result } = await watched(target, async () => {
    const lines = ['Connection: close'];
    const asked = headOf(target, { method: 'GET', path: '/', lines }).replace(
      /^GET \S+/,
      `GET ${canary.origin}/`,
    );
    return sendRaw(target, { pieces: [asked], withinMs: 5_000 });
  });
  if (seen !== undefined) return failed(seen);
  return result.status === 0 && !result.closed ? failed(said(0)) : passed;
}

/** Feedback is kept, not followed. */
async function followsNoFeedback(target: Target): Promise<Verdict> {
  const [service] = target.services;
  const { canary } = target;
  if (canary === undefined) return skipped(noCanary);
  if (service === undefined) return skipped('discovery named no service');
  const address = `${canary.origin}/x`;
  const path = `${pathOf(service)}/feedback`;
  const feedback = [
    {
      card: address,
      outcome: 'overridden',
      outcomeTimestamp: new Date().toISOString(),
      overrideReason: { reason: { code: address, system: address }, userComment: `see ${address}` },
      extension: { 'com.example.callback': { url: address } },
    },
  ];
  const { seen, result } = await watched(target, async () =>
    target.send(path, { method: 'POST', body: JSON.stringify({ feedback, callback: address }) }),
  );
  if (seen !== undefined) return failed(seen);
  return result.status === 0 || result.status >= 500 ? failed(said(result.status)) : passed;
}

const source = 'OWASP ASVS 5.0, 1.3.6: allow-list of outgoing requests';

export const addressChecks: readonly Check[] = [
  ...attacks.map((attack): Check => {
    const { id, rule, source: stands } = attack;
    return { id, rule, source: stands, strength: 'practice', run: (target) => tryAddress(target, attack) };
  }),
  {
    id: 'ssrf-80',
    rule: 'The service is no proxy: an absolute request line leads nowhere.',
    strength: 'practice',
    source: 'RFC 9112 §3.2.2',
    run: isNoProxy,
  },
  {
    id: 'ssrf-81',
    rule: 'Addresses in feedback are not fetched.',
    strength: 'practice',
    source,
    run: followsNoFeedback,
  },
];
