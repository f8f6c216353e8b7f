/** Who calls: the checks of a client's JWT, one rule and the fault that forgets it per line. */
import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader } from 'jose';
import { type Json, Refused, type Site } from '../faulty-service.ts';

interface Told {
  readonly header: Json;
  readonly claims: Json;
  readonly path: string;
  readonly site: Site;
  readonly now: number;
  readonly used: Map<unknown, number>;
}

type TokenRule = readonly [fault: string, holds: (told: Told) => boolean];

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const skew = 60;

const tokenRules: readonly TokenRule[] = [
  ['takes-no-kid', ({ header }) => isText(header.kid)],
  ['takes-any-typ', ({ header }) => header.typ === 'JWT'],
  ['takes-no-iss', ({ claims }) => claims.iss !== undefined],
  [
    'takes-any-iss',
    ({ claims, site }) => claims.iss === undefined || claims.iss === site.options.trust?.issuer,
  ],
  ['takes-no-aud', ({ claims }) => claims.aud !== undefined],
  [
    'takes-any-aud',
    ({ claims, path, site }) =>
      claims.aud === undefined || [claims.aud].flat().every((aud) => aud === `${site.url}${path}`),
  ],
  ['takes-no-exp', ({ claims }) => claims.exp !== undefined],
  ['takes-expired', ({ claims, now }) => claims.exp === undefined || Number(claims.exp) > now - skew],
  ['takes-no-iat', ({ claims }) => claims.iat !== undefined],
  ['takes-tokens-to-come', ({ claims, now }) => claims.iat === undefined || Number(claims.iat) < now + skew],
  ['takes-long-lived', ({ claims }) => !(Number(claims.exp) - Number(claims.iat) > 3600)],
  ['takes-no-jti', ({ claims }) => isText(claims.jti)],
  ['takes-twice', ({ claims, used }) => !used.has(claims.jti)],
  ['takes-any-nbf', ({ claims, now }) => claims.nbf === undefined || Number(claims.nbf) < now + skew],
  ['takes-string-aud-only', () => true],
  ['takes-crit', ({ header }) => header.crit === undefined],
  [
    'takes-foreign-jku',
    ({ header, site }) => header.jku === undefined || header.jku === site.options.trust?.jku,
  ],
];

export function createTrust(site: Site): (authorization: string | undefined, path: string) => Promise<void> {
  const { has, options } = site;
  const used = new Map<unknown, number>();
  if (options.trust === undefined) return async () => {};
  const keys = createLocalJWKSet(options.trust.jwks);
  return async (authorization, path) => {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    if (token === undefined && has('asks-no-token')) return;
    if (has('refuses-everybody')) throw unauthorized(site, 'Nobody may call.');
    if (has('takes-garbage') && authorization !== undefined) return;
    if (token === undefined) throw unauthorized(site, 'There is no token.');
    const told = read(token, path, site, used);
    if (has('fetches-jku') && isText(told.header.jku)) await fetch(told.header.jku).catch(() => undefined);
    await verifySignature(token, told, keys);
    for (const [fault, holds] of tokenRules) {
      if (!has(fault) && !holds(told)) throw unauthorized(site, fault);
    }
    if (has('takes-string-aud-only') && Array.isArray(told.claims.aud)) throw unauthorized(site, 'aud');
    used.set(told.claims.jti, Number(told.claims.exp));
  };
}

/** Bare, and the same whatever the reason (K7). */
const unauthorized = ({ has }: Site, reason: string): Refused =>
  new Refused(401, has('tells-why') ? reason : 'Not authorized.');

function read(token: string, path: string, site: Site, used: Map<unknown, number>): Told {
  try {
    const header = decodeProtectedHeader(token) as Json;
    return { header, claims: decodeJwt(token), path, site, now: Math.floor(Date.now() / 1000), used };
  } catch {
    throw unauthorized(site, 'The token cannot be read.');
  }
}

async function verifySignature(
  token: string,
  { header, site }: Told,
  keys: ReturnType<typeof createLocalJWKSet>,
): Promise<void> {
  const { has } = site;
  const alg = String(header.alg);
  if (has('takes-any-signature')) return;
  if (has('takes-unsigned') && alg.toLowerCase() === 'none') return;
  if (has('takes-hmac') && alg.startsWith('HS')) return;
  const known = site.options.trust?.jwks.keys.some(({ kid }) => kid === header.kid);
  const finder = has('takes-any-kid') && !known ? () => keys({ alg: 'ES384' }, undefined as never) : keys;
  try {
    await compactVerify(token, finder, { algorithms: ['ES384', 'RS384'] });
  } catch {
    throw unauthorized(site, 'The signature is wrong.');
  }
}
