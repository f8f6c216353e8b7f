/** The client's side of trust: signs the JWT of a call, rightly, or as wrongly as a check wants it. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomUUID,
  sign as signBytes,
} from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { TokenChanges } from './target.ts';

export interface SignerOptions {
  /** Private JWK; its `kid` names it, else its thumbprint (RFC 7638). */
  readonly key: JWK;
  /** `iss` of the tokens. */
  readonly issuer: string;
  readonly tenant?: string | undefined;
  readonly jku?: string | undefined;
  /** `aud` for the URL of this path. */
  readonly audience: (path: string) => string;
}

export interface Signer {
  /** A token for the URL of this path, changed. */
  readonly sign: (path: string, changes?: TokenChanges) => Promise<string>;
  /** A compact JWS over exactly these texts, signed by the key's own algorithm whatever they say. */
  readonly signText: (header: string, payload: string) => Promise<string>;
  /** Public JWK, as the service should know it. */
  readonly publicKey: JWK;
}

/** Seconds that a token lives: well under the five minutes that SMART allows. */
const lifetime = 120;

/**
 * A signer of fresh JWTs (CDS Hooks 2.0 "Trusting CDS Clients"). The signature follows the header's `alg`: `none`
 * leaves it empty, `HS…` takes the public key (PEM) as the secret, anything else signs with the private key.
 * @throws Error where the key is no private EC, RSA or OKP key
 */
export async function createSigner(options: SignerOptions): Promise<Signer> {
  const { key: jwk, issuer, tenant, jku, audience } = options;
  const key = privateKeyOf(jwk);
  const alg = jwk.alg ?? algorithmOf(jwk);
  const kid = jwk.kid ?? (await calculateJwkThumbprint(jwk));
  const sign: Signer['sign'] = async (path, changes = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const header = { alg, typ: 'JWT', kid, ...(jku === undefined ? {} : { jku }), ...changes.header };
    const claims = {
      iss: issuer,
      aud: audience(path),
      iat: now,
      exp: now + lifetime,
      jti: randomUUID(),
      ...(tenant === undefined ? {} : { tenant }),
      ...changes.claims,
    };
    const text = `${encoded(header)}.${encoded(claims)}`;
    return signed(text, String(header.alg), key);
  };
  const signText: Signer['signText'] = async (header, payload) =>
    signed(`${base64url(header)}.${base64url(payload)}`, alg, key);
  const publicKey = { ...createPublicKey(key).export({ format: 'jwk' }), kid, alg } as JWK;
  return { sign, signText, publicKey };
}

/** JSON leaves members out that are `undefined`. */
const encoded = (value: object): string => base64url(JSON.stringify(value));
const base64url = (text: string): string => Buffer.from(text).toString('base64url');

const signed = (text: string, alg: string, key: KeyObject): string =>
  `${text}.${signatureOf(text, alg, key).toString('base64url')}`;

function privateKeyOf(jwk: JWK): KeyObject {
  try {
    return createPrivateKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    throw new Error('the key is not a private JWK (EC, RSA or OKP)');
  }
}

function algorithmOf({ kty, crv }: JWK): string {
  if (kty === 'RSA') return 'RS384';
  if (kty === 'OKP') return 'EdDSA';
  return { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' }[crv ?? ''] ?? 'ES384';
}

function signatureOf(text: string, alg: string, key: KeyObject): Buffer {
  if (/^none$/i.test(alg)) return Buffer.alloc(0);
  const hash = /(256|384|512)$/.exec(alg)?.[1] ?? '384';
  if (alg.startsWith('HS')) return createHmac(`sha${hash}`, publicPem(key)).update(text).digest();
  const digest =
    key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyType === 'ed448' ? null : `sha${hash}`;
  return signBytes(digest, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
}

const publicPem = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
