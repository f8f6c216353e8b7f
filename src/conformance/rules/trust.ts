/** K1–K7, K9: who may call. Every bent token must be refused by discovery, by hook calls and by feedback alike. */
import { randomUUID } from 'node:crypto';
import { type Check, failed, passed, skipped, type Verdict, verdict } from '../check.ts';
import { isLoopback } from '../loopback.ts';
import type { Answer, Target } from '../target.ts';
import { isOk, said } from './asking.ts';
import { claimsOf, endpointsOf, refuses, refusesAll, seconds, takes, withKey } from './endpoints.ts';

/** Turns one bit of the signature. */
function tampered(token: string): string {
  const [header, claims, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes.writeUInt8(bytes.readUInt8(8) ^ 1, 8);
  return `${header}.${claims}.${bytes.toString('base64url')}`;
}

/** A token for one endpoint does not open another; a client with one fixed `aud` cannot show that. */
const isForOnePath = withKey(async (target, sign) => {
  const endpoints = await endpointsOf(target);
  const elsewhere = '/cds-services/no-such-service-of-this-kit';
  const [one, other] = await Promise.all([sign('/cds-services'), sign(elsewhere)]);
  if (claimsOf(one).aud === claimsOf(other).aud) return skipped('--audience gives one aud to every call');
  for (const { name, send } of endpoints) {
    const { status } = await send(`Bearer ${await sign(elsewhere)}`);
    if (status !== 401) return failed(`${name}: ${said(status)} to a token for another URL`);
  }
  return passed;
});

const refusesSecondUse = withKey(async (target, sign) => {
  for (const { name, path, send } of await endpointsOf(target)) {
    const token = `Bearer ${await sign(path)}`;
    const first = await send(token);
    if (!isOk(first)) return skipped(`${name}: a correct token is answered ${first.status}`);
    const { status } = await send(token);
    if (status !== 401) return failed(`${name}: ${said(status)} to a token used before`);
  }
  return passed;
});

/** Whatever was wrong with the token, the answer is the same. */
const tellsNothing = withKey(async (target, sign) => {
  for (const { name, path, send } of await endpointsOf(target)) {
    const tokens = [
      null,
      'Bearer garbage',
      `Bearer ${await sign(path, { claims: { exp: seconds() - 3600, iat: seconds() - 3700 } })}`,
      `Bearer ${await sign(path, { claims: { iss: 'https://nobody.example' } })}`,
    ];
    const texts = new Set<string>();
    for (const token of tokens) {
      const { status, text } = await send(token);
      if (status !== 401) return skipped(`${name}: ${said(status)}, not 401`);
      texts.add(text);
    }
    if (texts.size > 1) return failed(`${name}: the body of a 401 tells why`);
  }
  return passed;
});

/** A token may not send the service to fetch its key from somewhere. */
const fetchesNoForeignKey = withKey(async (target, sign) => {
  const { fhir } = target;
  if (fhir === undefined) return skipped('no server to watch: start one with --fhir-server');
  const jku = `${fhir.base}/kit-keys.json`;
  for (const { name, path, send } of await endpointsOf(target)) {
    await send(`Bearer ${await sign(path, { header: { jku } })}`);
    if (fhir.seen.some(({ url }) => url.includes('kit-keys')))
      return failed(`${name}: it fetched the token's own jku`);
  }
  return passed;
});

/** Needs no key: a service on the network that answers strangers does so whoever asks. */
async function refusesStrangers(target: Target): Promise<Verdict> {
  if (target.sign !== undefined) return refusesAll(async () => null)(target);
  if (isLoopback(target.baseUrl))
    return skipped('no key, and the service is on loopback: give one with --key');
  const [, hook] = await endpointsOf(target);
  if (hook === undefined) return skipped('no service can be called');
  const { status } = await hook.send(null);
  return verdict(status === 401, `${hook.name}: ${said(status)}, not 401`);
}

async function allowsBrowsers(target: Target): Promise<Verdict> {
  const [service] = target.services;
  if (service === undefined) return skipped('discovery named no service');
  const { status, headers } = await target.send(`/cds-services/${encodeURIComponent(service.id)}`, {
    method: 'OPTIONS',
    authorization: null,
    headers: {
      origin: 'https://ehr.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
  const allowed = (headers.get('access-control-allow-headers') ?? '').toLowerCase();
  const isOpen = headers.get('access-control-allow-origin') !== null;
  if (!isOk({ status } as Answer) || !isOpen)
    return failed(`the preflight is ${said(status)} without leave for an origin`);
  const lacking = ['authorization', 'content-type'].find((name) => !allowed.includes(name));
  return verdict(lacking === undefined, `the preflight does not allow ${lacking}`);
}

const section = 'CDS Hooks 2.0, Trusting CDS Clients';
const bestPractice = 'CDS Hooks best practices';
const hour = 3600;

type Row = readonly [
  id: string,
  rule: string,
  strength: Check['strength'],
  source: string,
  run: Check['run'],
];

const rows: readonly Row[] = [
  ['K1', 'A call without a token is answered 401.', 'SHOULD', `${section}; R177`, refusesStrangers],
  [
    'K1-garbage',
    'A call with something that is no JWT is answered 401.',
    'SHOULD',
    `${section}; R177`,
    refusesAll(async () => 'Bearer garbage'),
  ],
  [
    'K2',
    'Discovery, hook calls and feedback answer a correct token.',
    'SHALL',
    `${section}; R193, R194`,
    takes(() => ({})),
  ],
  [
    'K3-none',
    'A token without signature (alg none) is answered 401.',
    'SHALL',
    `${section} (SHALL NOT); R201`,
    refuses(() => ({ header: { alg: 'none' } })),
  ],
  [
    'K3-hmac',
    'A token whose HMAC secret is the public key (alg HS384) is answered 401.',
    'SHALL',
    `${section} (SHALL NOT); R203`,
    refuses(() => ({ header: { alg: 'HS384' } })),
  ],
  [
    'K3-signature',
    'A token with a wrong signature is answered 401.',
    'SHALL',
    `${section}; R198`,
    refusesAll(async (sign, path) => `Bearer ${tampered(await sign(path))}`),
  ],
  [
    'K4-kid',
    'A token that names no key is answered 401.',
    'practice',
    `${section}: REQUIRED of the client; R199`,
    refuses(() => ({ header: { kid: undefined } })),
  ],
  [
    'K4-other-kid',
    'A token that names an unknown key is answered 401.',
    'SHALL',
    `${section}; R199`,
    refuses(() => ({ header: { kid: randomUUID() } })),
  ],
  [
    'K4-typ',
    'A token whose typ is not JWT is answered 401.',
    'practice',
    `${section}: fixed value of the client; R199`,
    refuses(() => ({ header: { typ: 'at+jwt' } })),
  ],
  ...['iss', 'aud', 'exp', 'iat', 'jti'].map(
    (name): Row => [
      `K5-${name}`,
      `A token without ${name} is answered 401.`,
      'practice',
      `${section}: REQUIRED of the client`,
      refuses(() => ({ claims: { [name]: undefined } })),
    ],
  ),
  [
    'K5-other-iss',
    'A token of an unknown issuer is answered 401.',
    'SHOULD',
    `${section}: allow-list; R195`,
    refuses(() => ({ claims: { iss: 'https://nobody.example' } })),
  ],
  [
    'K5-other-aud',
    'A token for somebody else is answered 401.',
    'SHALL',
    `${section}; RFC 7519 §4.1.3`,
    refuses(() => ({ claims: { aud: 'https://somebody-else.example/cds-services' } })),
  ],
  [
    'K5-path',
    'A token for another URL of the service is answered 401.',
    'SHALL',
    `${section}: aud is the URL called`,
    isForOnePath,
  ],
  [
    'K5-list',
    'An aud that is a list with the URL called is taken.',
    'SHALL',
    `${section}; RFC 7519 §4.1.3`,
    takes((aud) => ({ claims: { aud: [aud] } })),
  ],
  [
    'K5-expired',
    'A token that has expired is answered 401.',
    'SHALL',
    `${section}; RFC 7519 §4.1.4`,
    refuses(() => ({ claims: { iat: seconds() - hour, exp: seconds() - hour + 120 } })),
  ],
  [
    'K5-to-come',
    'A token issued an hour from now is answered 401.',
    'practice',
    `${bestPractice}; RFC 7519 §4.1.6`,
    refuses(() => ({ claims: { iat: seconds() + hour, exp: seconds() + hour + 120 } })),
  ],
  [
    'K5-long',
    'A token that lives a year is answered 401.',
    'practice',
    `${bestPractice}: at most an hour`,
    refuses(() => ({ claims: { exp: seconds() + 365 * 24 * hour } })),
  ],
  [
    'K6',
    'The jku of a token is never fetched unless it was agreed.',
    'SHOULD',
    `${section}: allow-list; R195`,
    fetchesNoForeignKey,
  ],
  [
    'K7',
    'A token is good for one call: used again it is answered 401.',
    'practice',
    `${bestPractice}: remember jti until it expires`,
    refusesSecondUse,
  ],
  ['K7-bare', 'A 401 does not tell what was wrong.', 'practice', bestPractice, tellsNothing],
  [
    'K9',
    'Browser clients get leave: a preflight allows authorization and content-type.',
    'MAY',
    'CDS Hooks 2.0, Cross-Origin Resource Sharing; R208',
    allowsBrowsers,
  ],
];

export const trustChecks: readonly Check[] = rows.map(([id, rule, strength, source, run]) => ({
  ...{ id, rule, strength, source, run },
}));
