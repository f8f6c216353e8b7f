/** Algorithms that are none, that are symmetric, or that are not the registered key's (RFC 8725 §2.1). */
import { exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { type Attack, attack } from './attack.ts';
import { hmac, unsigned, type World } from './world.ts';

const pem = ({ keys }: World): Promise<string> => exportSPKI(keys.es.publicKey);

/** The EHR's own RSA key, made to sign by another scheme. */
async function otherScheme({ keys, sign }: World, alg: string, name: string, hash: string): Promise<string> {
  const jwk = { ...(await exportJWK(keys.rs.privateKey)), alg: undefined } as JsonWebKey;
  const key = await crypto.subtle.importKey('jwk', jwk, { name, hash }, false, ['sign']);
  return sign({ header: { alg, kid: 'rs' }, key });
}

export const algorithms: readonly Attack[] = [
  attack(
    'A01',
    'malformed',
    'alg none without a signature',
    () => `${unsigned({ header: { alg: 'none' } })}.`,
  ),
  attack(
    'A02',
    'header',
    'alg none with a signature of four bytes',
    () => `${unsigned({ header: { alg: 'none' } })}.AAAA`,
  ),
  attack('A03', 'header', 'alg nOnE with the signature of a good token', async ({ sign }) => {
    const [, , signature] = (await sign()).split('.');
    return `${unsigned({ header: { alg: 'nOnE' } })}.${signature}`;
  }),
  attack('A04', 'header', 'HS256 with the public key as secret', async (world) =>
    hmac(unsigned({ header: { alg: 'HS256' } }), await pem(world), 256),
  ),
  attack('A05', 'header', 'HS384 with the public key as secret', async (world) =>
    hmac(unsigned({ header: { alg: 'HS384' } }), await pem(world), 384),
  ),
  attack('A06', 'signature', 'ES384 by name, HMAC with the public key by deed', async (world) =>
    hmac(unsigned(), await pem(world), 384),
  ),
  attack('A07', 'header', 'HS512 with an empty secret', () =>
    hmac(unsigned({ header: { alg: 'HS512' } }), '', 512),
  ),
  attack('A08', 'header', 'RS256 with the right RSA key', (world) =>
    otherScheme(world, 'RS256', 'RSASSA-PKCS1-v1_5', 'SHA-256'),
  ),
  attack('A09', 'header', 'PS384 with the right RSA key', (world) =>
    otherScheme(world, 'PS384', 'RSA-PSS', 'SHA-384'),
  ),
  attack('A10', 'header', 'ES256 with a P-256 key under the registered kid', async ({ sign }) => {
    const { privateKey } = await generateKeyPair('ES256');
    return sign({ header: { alg: 'ES256' }, key: privateKey });
  }),
  attack('A11', 'unknown-key', 'RS384 under the kid of the EC key', ({ keys, sign }) =>
    sign({ header: { alg: 'RS384', kid: 'es' }, key: keys.rs.privateKey }),
  ),
  attack('A12', 'unknown-key', 'ES384 under the kid of the RSA key', ({ sign }) =>
    sign({ header: { kid: 'rs' } }),
  ),
  attack('A13', 'header', 'an alg that is a list', async ({ sign }) => {
    const [, , signature] = (await sign()).split('.');
    return `${unsigned({ header: { alg: ['ES384', 'none'] } })}.${signature}`;
  }),
];
