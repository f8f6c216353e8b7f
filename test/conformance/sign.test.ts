/** Tokens as they should be, and as wrong as a check wants them. */
import assert from 'node:assert/strict';
import { createHmac, createPublicKey } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify } from 'jose';
import { createSigner } from '../../src/conformance/sign.ts';

const audience = (path: string): string => `https://cds.example${path}`;
const path = '/cds-services/x';

async function pairOf(alg: string): Promise<JWK> {
  return exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey);
}

describe('conformance: signing', () => {
  for (const alg of ['ES256', 'ES384', 'RS384', 'EdDSA']) {
    it(`K5: a ${alg} key signs what its public half verifies, with every claim, each time anew`, async () => {
      const { sign, publicKey } = await createSigner({
        key: await pairOf(alg),
        issuer: 'me',
        tenant: 't',
        audience,
      });
      const verify = async (token: string) =>
        jwtVerify(token, await importJWK(publicKey, alg), {
          issuer: 'me',
          audience: audience(path),
          typ: 'JWT',
        });
      const [first, second] = [await verify(await sign(path)), await verify(await sign(path))];
      assert.deepEqual([first.protectedHeader.alg, first.payload.tenant], [alg, 't']);
      assert.ok(first.protectedHeader.kid);
      assert.notEqual(first.payload.jti, second.payload.jti);
      assert.equal(Number(first.payload.exp) - Number(first.payload.iat), 120);
      assert.equal('d' in publicKey, false);
    });
  }

  it('changes lie over what is right; undefined leaves a member out', async () => {
    const { sign } = await createSigner({
      key: { ...(await pairOf('ES384')), kid: 'k' },
      issuer: 'me',
      audience,
    });
    const token = await sign(path, { claims: { jti: undefined, iss: 'other' }, header: { kid: undefined } });
    const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    assert.match(claims ?? '', /"iss":"other"/);
    assert.doesNotMatch(claims ?? '', /jti/);
    assert.doesNotMatch(header ?? '', /kid/);
  });

  it('K3: none has no signature; HS384 takes the public key for the secret', async () => {
    const { sign, publicKey } = await createSigner({ key: await pairOf('ES384'), issuer: 'me', audience });
    assert.match(await sign(path, { header: { alg: 'none' } }), /^[\w-]+\.[\w-]+\.$/);
    const [header, claims, signature] = (await sign(path, { header: { alg: 'HS384' } })).split('.');
    const pem = createPublicKey({ key: { ...publicKey }, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    assert.equal(createHmac('sha384', pem).update(`${header}.${claims}`).digest('base64url'), signature);
  });

  it('a key that is not private is refused before anything is asked', async () => {
    const { d: _, ...key } = await pairOf('ES384');
    await assert.rejects(createSigner({ key, issuer: 'me', audience }), /not a private JWK/);
  });
});
