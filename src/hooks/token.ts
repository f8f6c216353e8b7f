/** What a JWT says, before anything of it is believed. */
import { z } from 'zod';
import { parseJsonObject } from '../fhir/json.ts';

const maxLength = 8 * 1024;
/** How far the clocks of an EHR and of this server may differ. */
export const skewSeconds = 60;
/** Would change what is signed or how it is read: we understand none of them (RFC 7515 §4.1.11, RFC 7797). */
const meaningful = ['crit', 'b64', 'zip'];

/** `jwk`, `x5u` and `x5c` may stand there: nothing ever reads them. */
const header = z
  .looseObject({
    alg: z.enum(['ES384', 'RS384']),
    typ: z.literal('JWT'),
    kid: z.string().min(1),
    jku: z.string().optional(),
  })
  .refine((members) => !meaningful.some((name) => name in members));

const claims = z.looseObject({
  iss: z.string().min(1),
  tenant: z.unknown().optional(),
  aud: z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]),
  exp: z.number(),
  iat: z.number(),
  nbf: z.number().optional(),
  /** No control characters: it is written to databases. */
  jti: z.string().regex(/^\P{C}{1,256}$/u),
});

export interface Token {
  readonly compact: string;
  readonly header: z.infer<typeof header>;
  readonly claims: z.infer<typeof claims>;
}

/**
 * The token of an Authorization header: one JWS in compact form, at most 8 KiB, each part in its one base64url
 * spelling, each JSON without repeated keys; with the header and the claims that CDS Hooks demands (K4, K5).
 */
export function readToken(authorization: string): Token | 'malformed' | 'header' | 'claims' {
  const compact = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
  if (compact === undefined || compact.length > maxLength) return 'malformed';
  const [first, second, signature] = compact.split('.').map(bytesOf);
  if (first === undefined || second === undefined || signature === undefined) return 'malformed';
  const [head, body] = [objectOf(first), objectOf(second)];
  if (head === undefined || body === undefined) return 'malformed';
  const readHeader = header.safeParse(head);
  if (!readHeader.success) return 'header';
  const readClaims = claims.safeParse(body);
  if (!readClaims.success) return 'claims';
  return { compact, header: readHeader.data, claims: readClaims.data };
}

/** Undefined where another text would mean the same bytes. */
function bytesOf(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}

function objectOf(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    return parseJsonObject(bytes);
  } catch {
    return undefined;
  }
}

export type TimeRefusal = 'lifetime' | 'not-yet-valid' | 'expired';

/**
 * Is this the token's time? Seconds since the epoch. `nbf` counts where it is there.
 * @param most longest `exp` − `iat`
 */
export function timeRefusal(
  { exp, iat, nbf }: Token['claims'],
  most: number,
  now: number,
): TimeRefusal | undefined {
  if (exp <= iat || exp - iat > most) return 'lifetime';
  if (iat > now + skewSeconds || (nbf !== undefined && nbf > now + skewSeconds)) return 'not-yet-valid';
  return exp <= now - skewSeconds ? 'expired' : undefined;
}
