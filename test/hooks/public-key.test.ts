import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { publicKey } from '../../src/hooks/public-key.ts';

const ec = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).publicKey;
const rsa = (modulusLength: number, publicExponent = 65_537): KeyObject =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey;
const jwk = (key: KeyObject, more: object = {}): Record<string, unknown> => ({
  ...key.export({ format: 'jwk' }),
  kid: 'k',
  ...more,
});
/** https://github.com/cds-hooks/sandbox: .well-known/jwks.json */
const published = {
  kty: 'EC',
  crv: 'P-384',
  kid: 'any',
  x: 'dw_JGR8nB2I6XveNxUOl2qk699ZPLM2nYI5STSdiEl9avAkrm3CkfYMbrrjr8laB',
  y: 'Sm3mLE-n1zYNla_aiE3cb3nZsL51RbC7ysw3q8aJLxGm-hx79RPMYpITDjp7kgzy',
};

describe('public key', () => {
  const p384 = ec('P-384');
  const rsa2048 = rsa(2048);

  it('K3: P-384 verifies ES384 and RSA verifies RS384, whether they say so or not', () => {
    for (const [key, alg] of [
      [p384, 'ES384'],
      [rsa2048, 'RS384'],
    ] as const) {
      for (const more of [{}, { alg }, { use: 'sig' }, { key_ops: ['verify'] }, { x5t: 'x' }]) {
        assert.equal(publicKey.parse(jwk(key, more)).alg, alg);
      }
    }
  });

  const offCurve = { ...jwk(p384), y: jwk(ec('P-384')).y };
  const wrong: Record<string, readonly [unknown, RegExp]> = {
    'a symmetric key': [{ kty: 'oct', k: 'AA', kid: 'k' }, /is neither EC nor RSA/],
    'an EC private key': [jwk(p384, { d: 'AA' }), /is a private key/],
    'an RSA private key by its primes': [jwk(rsa2048, { p: 'AA', q: 'AA' }), /is a private key/],
    'a key with a secret beside it': [jwk(p384, { k: 'AA' }), /is a private key/],
    'P-256': [jwk(ec('P-256')), /is not on P-384/],
    'P-521': [jwk(ec('P-521')), /is not on P-384/],
    'a point off the curve': [offCurve, /is not a valid public key/],
    'no coordinates': [{ kty: 'EC', crv: 'P-384', kid: 'k' }, /is not a valid public key/],
    'an RSA key of 2040 bits': [jwk(rsa(2040)), /is shorter than 2048 bits/],
    'an RSA key of 16 kbit': [
      jwk(rsa2048, { n: Buffer.alloc(2048, 0xff).toString('base64url') }),
      /is longer than 8192 bits/,
    ],
    'an RSA key with exponent 3': [jwk(rsa(2048, 3)), /has an exponent below 65537/],
    RS256: [jwk(rsa2048, { alg: 'RS256' }), /is not for RS384/],
    PS384: [jwk(rsa2048, { alg: 'PS384' }), /is not for RS384/],
    'an EC key for RS384': [jwk(p384, { alg: 'RS384' }), /is not for ES384/],
    'an encryption key': [jwk(p384, { use: 'enc' }), /is not for signatures/],
    'a key that only signs': [jwk(p384, { key_ops: ['sign'] }), /is not for signatures/],
    'a key without kid': [jwk(p384, { kid: undefined }), /is missing/],
    'an empty kid': [jwk(p384, { kid: '' }), /is empty/],
    'the published key of the public sandbox': [published, /its private key is published/],
    'the same key spelled with padding': [
      { ...published, x: `${published.x}==` },
      /its private key is published/,
    ],
  };
  for (const [what, [given, rule]] of Object.entries(wrong)) {
    it(`K3, K6: refuses ${what}`, () => {
      const read = publicKey.safeParse(given);
      assert.match(read.error?.issues[0]?.message ?? 'taken', rule);
    });
  }
});
