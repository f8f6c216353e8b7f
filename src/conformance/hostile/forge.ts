/** Makes tokens that no honest client makes. */
import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign as signBytes } from 'node:crypto';
import type { Canary, Target, TokenChanges } from '../target.ts';

export type Members = Readonly<Record<string, unknown>>;

/** What an attack has at hand. */
export interface Forge {
  /** Header and claims of a correct token for this call, as far as the kit knows them. */
  readonly header: Members;
  readonly claims: Members;
  /** Path of the endpoint that is called. */
  readonly path: string;
  readonly target: Target;
  /** The kit's correct token for this call, changed. Only for an attack that needs the `key`. */
  readonly signed: (changes?: TokenChanges) => Promise<string>;
  /** Only for an attack that needs `exact-text`. */
  readonly signText: (header: string, payload: string) => Promise<string>;
  /** Only for an attack that needs the `public-key`. */
  readonly publicKey: Members;
  /** Only for an attack that needs the `canary`. */
  readonly canary: Canary;
}

export type Need = 'key' | 'exact-text' | 'public-key' | 'canary' | 'tenant';

/** Why an attack cannot be tried on this target; undefined where it can. */
export function lacking(needs: readonly Need[], target: Target, claims: Members): string | undefined {
  const reasons: Readonly<Record<Need, string | undefined>> = {
    key: target.sign === undefined ? 'the kit was given no key to sign with' : undefined,
    'exact-text': target.signText === undefined ? 'the kit was given no key to sign with' : undefined,
    'public-key': target.publicKey === undefined ? 'the kit was given no key to sign with' : undefined,
    canary:
      target.canary === undefined ? 'the kit has no canary: the service is on another machine' : undefined,
    tenant: claims.tenant === undefined ? 'the tokens of this client name no tenant' : undefined,
  };
  return needs.map((need) => reasons[need]).find((reason) => reason !== undefined);
}

export async function forgeFor(target: Target, path: string): Promise<Forge> {
  const { sign, signText, publicKey, canary } = target;
  const honest = sign === undefined ? invented(target, path) : readToken(await sign(path));
  return {
    ...{ ...honest, path, target },
    signed: (changes) => required(sign)(path, changes),
    signText: (header, payload) => required(signText)(header, payload),
    get publicKey() {
      return required(publicKey);
    },
    get canary() {
      return required(canary);
    },
  };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('an attack uses what it does not say it needs');
  return value;
}

/** Without a key the kit is a stranger, who makes everything up. */
function invented(target: Target, path: string): Pick<Forge, 'header' | 'claims'> {
  const now = Math.floor(Date.now() / 1000);
  return {
    header: { alg: 'ES384', typ: 'JWT', kid: 'k1' },
    claims: {
      iss: 'https://cds-hooks-conformance.example',
      aud: `${target.baseUrl}${path}`,
      iat: now,
      exp: now + 120,
      jti: randomUUID(),
    },
  };
}

function readToken(token: string): Pick<Forge, 'header' | 'claims'> {
  const [header = {}, claims = {}] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Members);
  return { header, claims };
}

export const base64url = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url');

export const encoded = (members: Members): string => base64url(JSON.stringify(members));

/** A compact JWS with any signature; none gives `header.payload.` */
export function compact(
  header: Members,
  claims: Members,
  signature: (input: string) => Uint8Array = () => new Uint8Array(),
): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${base64url(signature(input))}`;
}

export const hmac =
  (bits: 256 | 384 | 512, secret: string | Uint8Array) =>
  (input: string): Uint8Array =>
    createHmac(`sha${bits}`, secret).update(input).digest();

interface OwnKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const curves = { ES256: 'P-256', ES384: 'P-384' } as const;
const ownKeys = new Map<string, OwnKey>();

export type OwnAlgorithm = 'ES256' | 'ES384' | 'RS256' | 'RS384' | 'PS384';

/** The attacker's own key, made once. */
export function ownKey(alg: OwnAlgorithm): OwnKey {
  const kind = alg === 'ES256' || alg === 'ES384' ? alg : 'RSA';
  const known = ownKeys.get(kind);
  if (known !== undefined) return known;
  const made =
    kind === 'RSA'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: curves[kind] });
  ownKeys.set(kind, made);
  return made;
}

export const ownPublicJwk = (alg: OwnAlgorithm): Members => ({
  ...ownKey(alg).publicKey.export({ format: 'jwk' }),
  alg,
  use: 'sig',
});

/** Signs bytes (latin1) with the attacker's own key as this algorithm does; `der` leaves an ECDSA signature in its ASN.1 form. */
export const ownSignature =
  (alg: OwnAlgorithm, form: 'ieee-p1363' | 'der' = 'ieee-p1363') =>
  (input: string): Uint8Array => {
    const key = { key: ownKey(alg).privateKey, dsaEncoding: form };
    const pss = alg === 'PS384' ? { padding: 6, saltLength: 48 } : {};
    return signBytes(`sha${alg.slice(2)}`, Buffer.from(input, 'latin1'), { ...key, ...pss });
  };

/** An ECDSA signature (r and s side by side) as ASN.1 DER. */
export function toDer(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const integers = [signature.slice(0, half), signature.slice(half)].map((part) => {
    const digits = Buffer.from(part)
      .toString('hex')
      .replace(/^(00)+(?=..)/, '');
    const bytes = Buffer.from(Number.parseInt(digits.slice(0, 2), 16) > 127 ? `00${digits}` : digits, 'hex');
    return Buffer.concat([Buffer.from([2, bytes.length]), bytes]);
  });
  const body = Buffer.concat(integers);
  const length = body.length > 127 ? [0x81, body.length] : [body.length];
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}

/** The token with its signature rewritten. */
export function resigned(token: string, change: (signature: Uint8Array) => Uint8Array | string): string {
  const [header, payload, signature = ''] = token.split('.');
  const changed = change(Buffer.from(signature, 'base64url'));
  return [header, payload, typeof changed === 'string' ? changed : base64url(changed)].join('.');
}
