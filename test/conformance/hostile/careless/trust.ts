/** Who calls: strictly, and in every way in which a service could be taken in. */
import {
  createHmac,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  timingSafeEqual,
  verify,
  X509Certificate,
} from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseJsonObject } from '../../../../src/fhir/json.ts';
import { type House, type Json, Refused } from './house.ts';
import { go } from './wire.ts';

const skew = 60;
const now = (): number => Math.floor(Date.now() / 1000);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** @throws Refused 401, bare unless the house tells why */
export async function trust(house: House, req: IncomingMessage, path: string, body: string): Promise<void> {
  const { has } = house;
  const authorization = req.headers.authorization;
  if (has('no-authentication') && authorization === undefined) return;
  if (has('takes-any-header') && authorization !== undefined) return;
  if (has('crashes-on-long-tokens') && (authorization ?? '').length > 10_000)
    throw new RangeError('too long');
  const complaints: string[] = [];
  for (const token of tokensOf(house, req, body)) {
    const complaint = await judge(house, token, path);
    if (complaint === undefined) return;
    complaints.push(complaint);
  }
  throw new Refused(
    401,
    has('tells-why') ? `Not authorized: ${complaints.join() || 'no token'}.` : 'Not authorized.',
  );
}

function tokensOf(house: House, req: IncomingMessage, body: string): readonly string[] {
  const { has } = house;
  const header = req.headers.authorization ?? '';
  const places = [
    ...(has('reads-query') ? [req.url ?? ''] : []),
    ...(has('reads-body') ? [body] : []),
    ...(has('reads-cookies') ? [req.headers.cookie ?? ''] : []),
    ...(has('reads-proxy-headers') ? [String(req.headers['proxy-authorization'] ?? '')] : []),
    ...(has('forgiving-header') ? forgiven(req) : []),
  ];
  const found = places.flatMap((place) => place.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? []);
  const strict = /^Bearer (\S+)$/.exec(header)?.[1];
  return [...(strict === undefined ? [] : [strict]), ...found];
}

/** What somebody could have meant. */
function forgiven(req: IncomingMessage): readonly string[] {
  const header = (req.headersDistinct.authorization ?? []).join(' ');
  const decoded = Buffer.from(header, 'latin1').toString('utf8').normalize('NFKC');
  const bare = decoded.replaceAll('%2E', '.').replaceAll(/[\0\u200b"=]/g, '');
  const json = /"?protected"?:([\w-]+),"?payload"?:([\w-]+),"?signature"?:([\w-]+)/.exec(bare);
  return [bare, bare.replaceAll(/\s/g, ''), json === null ? '' : json.slice(1).join('.')];
}

interface Told {
  readonly header: Json;
  readonly claims: Json;
  readonly input: string;
  readonly signature: Uint8Array;
}

async function judge(house: House, token: string, path: string): Promise<string | undefined> {
  const told = read(house, token);
  if (told === undefined) return 'malformed';
  const header = headerComplaint(house, told.header);
  if (header !== undefined) return header;
  if (!(await isSigned(house, told))) return 'signature';
  const claims = house.has('unwraps-nested') && told.header.cty === 'JWT' ? {} : told.claims;
  const wrong =
    told.header.cty === 'JWT' && house.has('unwraps-nested')
      ? undefined
      : claimComplaint(house, claims, path);
  return wrong ?? (await replayComplaint(house, claims));
}

function read({ has }: House, token: string): Told | undefined {
  const parts = token.split('.');
  if (has('takes-jwe') && parts.length === 5) parts.splice(0, 5, parts[0] ?? '', parts[3] ?? '', '');
  if (parts.length === 2 && has('ignores-signature')) parts.push('');
  if (parts.length !== 3) return undefined;
  const isCanonical = (part: string) => Buffer.from(part, 'base64url').toString('base64url') === part;
  if (!has('lenient-base64') && !parts.every(isCanonical)) return undefined;
  const [first = '', second = '', third = ''] = parts;
  try {
    const header = json(has, first);
    const nested = header.cty === 'JWT' && has('unwraps-nested');
    return {
      header,
      claims: nested ? {} : json(has, second),
      input: `${first}.${second}`,
      signature: Buffer.from(third, 'base64url'),
    };
  } catch {
    return undefined;
  }
}

function json(has: House['has'], part: string): Json {
  const bytes = Buffer.from(part, 'base64url');
  if (!has('lenient-json')) return parseJsonObject(bytes);
  const value: unknown = JSON.parse(bytes.toString().replace(/^\uFEFF/, ''));
  return (Array.isArray(value) ? value[0] : value) as Json;
}

function headerComplaint({ has }: House, { typ, kid, crit, b64, zip }: Json): string | undefined {
  if (!has('any-typ') && typ !== 'JWT') return 'typ';
  if (!has('any-kid') && !isText(kid)) return 'kid';
  if (!has('any-crit') && (crit !== undefined || b64 !== undefined)) return 'crit';
  return !has('any-zip') && zip !== undefined ? 'zip' : undefined;
}

async function isSigned(house: House, { header, claims, input, signature }: Told): Promise<boolean> {
  const { has, jwk } = house;
  const alg = String(header.alg ?? '');
  if (has('takes-jwe') && alg === 'dir') return true;
  if (has('takes-none') && /^(none)?$/i.test(alg)) return true;
  if (has('takes-hmac') && alg.startsWith('HS')) return isHmac(jwk, alg, input, signature);
  if (has('fetches-keys')) await fetchAll([header.jku, header.x5u, header.kid, claims.iss]);
  if (has('takes-embedded-keys')) {
    const key = embedded(header);
    if (key !== undefined && holds(key, input, signature)) return true;
  }
  if (has('ignores-signature')) return true;
  if (has('takes-zeros') && signature.every((byte) => byte === 0) && signature.length > 0) return true;
  if (!has('ignores-alg') && alg !== 'ES384') return false;
  if (!has('any-kid') && header.kid !== jwk.kid) return false;
  const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  return (
    holds(key, input, signature) || (has('takes-der') && verify('sha384', Buffer.from(input), key, signature))
  );
}

const holds = (key: KeyObject, input: string, signature: Uint8Array): boolean =>
  verify('sha384', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, signature);

function embedded({ jwk, x5c }: Json): KeyObject | undefined {
  if (jwk !== undefined) return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  return Array.isArray(x5c)
    ? new X509Certificate(Buffer.from(String(x5c[0]), 'base64')).publicKey
    : undefined;
}

/** Every secret that a confused verifier might have at hand. */
function isHmac(jwk: Json, alg: string, input: string, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  const pem = key.export({ type: 'spki', format: 'pem' }).toString();
  const text = JSON.stringify({ ...key.export({ format: 'jwk' }), kid: jwk.kid, alg: jwk.alg });
  return [pem, text, '', 'secret'].some((secret) => {
    const right = createHmac(`sha${alg.slice(2)}`, secret)
      .update(input)
      .digest();
    return right.length === signature.length && timingSafeEqual(right, signature);
  });
}

const fetchAll = async (addresses: readonly unknown[]): Promise<void> => {
  for (const address of addresses) if (isText(address) && address.startsWith('http://')) await go(address);
};

function claimComplaint(house: House, claims: Json, path: string): string | undefined {
  const { has, issuer, tenant, audience } = house;
  const { iss, aud, exp, iat, nbf, jti } = claims;
  const lived = Number(exp) - Number(iat);
  const rules: readonly (readonly [fault: string, holds: boolean])[] = [
    ['any-iss', iss === issuer],
    [
      'any-aud',
      Array.isArray(aud)
        ? aud.length > 0 && aud.every((one) => one === audience(path))
        : aud === audience(path),
    ],
    ['any-exp', typeof exp === 'number' && Number.isFinite(exp) && exp > now() - skew],
    ['any-lifetime', has('any-exp') || has('any-iat') || (lived > 0 && lived <= 300)],
    ['any-iat', typeof iat === 'number' && iat < now() + skew],
    ['any-nbf', nbf === undefined || Number(nbf) < now() + skew],
    ['any-jti', isText(jti) && jti.length <= 256],
    ['any-tenant', claims.tenant === tenant],
  ];
  return rules.find(([fault, right]) => !has(fault) && !right)?.[0];
}

async function replayComplaint({ has, used }: House, { jti }: Json): Promise<string | undefined> {
  if (used.has(jti) && !has('replays')) return 'replay';
  if (has('races')) await new Promise((resolve) => setTimeout(resolve, 20));
  used.add(jti);
  return undefined;
}
