import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { Fault } from '../errors.ts';

const algorithms = ['ES384', 'RS384'] as const;

/** The app's own key, with which it proves to an EHR who it is (SMART asymmetric client authentication). */
export interface ClientKey {
  readonly kid: string;
  readonly alg: 'ES384' | 'RS384';
  /** Signs client assertions; never leaves this process, never enters a session. */
  readonly privateKey: CryptoKey;
  /** What `/app/jwks.json` publishes: public members only. */
  readonly publicJwk: JWK;
}

/** A new ES384 key for the life of this process (sandbox, tests). */
export async function generateClientKey(): Promise<ClientKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
  return keyOf(privateKey, await exportJWK(publicKey), 'ES384', crypto.randomUUID());
}

/**
 * The key from settings: a private JWK with `kid` and `alg` ES384 or RS384.
 * @throws Fault launch-refused naming the member that is wrong
 */
export async function readClientKey(jwk: JWK): Promise<ClientKey> {
  const { kid } = jwk;
  const alg = algorithms.find((each) => each === jwk.alg);
  if (alg === undefined) throw new Fault('launch-refused', ['SMART_KEY: alg is not ES384 or RS384']);
  if (kid === undefined || jwk.d === undefined)
    throw new Fault('launch-refused', ['SMART_KEY: kid or d is missing']);
  const privateKey = await importJWK(jwk, alg);
  if (!(privateKey instanceof CryptoKey))
    throw new Fault('launch-refused', ['SMART_KEY: not an asymmetric key']);
  return keyOf(privateKey, jwk, alg, kid);
}

function keyOf(
  privateKey: CryptoKey,
  { kty, crv, x, y, n, e }: JWK,
  alg: ClientKey['alg'],
  kid: string,
): ClientKey {
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined);
  return {
    kid,
    alg,
    privateKey,
    publicJwk: { ...Object.fromEntries(members), kid, alg, use: 'sig', key_ops: ['verify'] },
  };
}
