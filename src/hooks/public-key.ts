import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** The only signatures that are taken (CDS Hooks 2.0 "Trusting CDS Clients"; K3). */
export type SignatureAlgorithm = 'ES384' | 'RS384';

/** A key that verifies one algorithm, whatever a token says. */
export interface PublicKey {
  readonly kid: string;
  readonly alg: SignatureAlgorithm;
  readonly key: KeyObject;
}

const rsaBits = { least: 2048, most: 8192 } as const;
/** A smaller exponent lets a lax padding check be forged (FIPS 186-5 §5.1). */
const leastExponent = 65_537n;
const privateMembers = ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];

/** RFC 7638 thumbprints of keys whose private half is published: https://github.com/cds-hooks/sandbox, folder `keys`. */
const publishedKeys = new Set(['s9fOe-KDYD1myZ8YCzleUqJQgrYZL49kVijBxhnZvZc']);

const jwk = z.looseObject({
  kty: z.enum(['EC', 'RSA'], 'is neither EC nor RSA'),
  kid: z.string('is missing').min(1, 'is empty'),
});

/**
 * A public JWK that may verify a token: named by its `kid`, P-384 or RSA of 2048 to 8192 bits, for signatures. The
 * key decides the algorithm; one that names another is refused, and so are private keys and keys that everybody has.
 */
export const publicKey = jwk.transform((given, context): PublicKey => {
  const read = keyOf(given);
  if (typeof read !== 'string') return read;
  context.addIssue({ code: 'custom', message: read });
  return z.NEVER;
});

/** The key, or the rule that it breaks. */
function keyOf(given: z.infer<typeof jwk>): PublicKey | string {
  const { kty, kid, use, key_ops: operations } = given;
  if (privateMembers.some((name) => name in given)) return 'is a private key; register its public part only';
  const alg = kty === 'EC' ? 'ES384' : 'RS384';
  if (given.alg !== undefined && given.alg !== alg) return `is not for ${alg}`;
  if (use !== undefined && use !== 'sig') return 'is not for signatures';
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return 'is not for signatures';
  }
  const key = keyObject(given);
  if (key === undefined) return 'is not a valid public key';
  return weakness(key) ?? { kid, alg, key };
}

/** Undefined for anything that is no key of its type: a point off the curve, a number that is none. */
function keyObject({ kty, crv, x, y, n, e }: Readonly<Record<string, unknown>>): KeyObject | undefined {
  const members = kty === 'EC' ? { kty, crv, x, y } : { kty, n, e };
  try {
    return createPublicKey({ key: members as JsonWebKey, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function weakness(key: KeyObject): string | undefined {
  const { namedCurve, modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (publishedKeys.has(thumbprint(key))) {
    return 'is the key of the public CDS Hooks sandbox: its private key is published';
  }
  if (key.asymmetricKeyType === 'ec') return namedCurve === 'secp384r1' ? undefined : 'is not on P-384';
  if (modulusLength < rsaBits.least) return `is shorter than ${rsaBits.least} bits`;
  if (modulusLength > rsaBits.most) return `is longer than ${rsaBits.most} bits`;
  return publicExponent < leastExponent ? `has an exponent below ${leastExponent}` : undefined;
}

/** RFC 7638, over the one spelling of the key rather than the spelling it came in. */
function thumbprint(key: KeyObject): string {
  const { crv, e, kty, n, x, y } = key.export({ format: 'jwk' });
  const members = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}
