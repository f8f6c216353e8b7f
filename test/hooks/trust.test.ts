import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import {
  exportJWK,
  exportSPKI,
  type GenerateKeyPairResult,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { Fault, toOperationOutcome } from '../../src/errors.ts';
import type { FetchKeys } from '../../src/hooks/key-set.ts';
import { parseRegistrations, type Registration } from '../../src/hooks/registration.ts';
import { createAuthenticate, mayAskFhirServer, type Refusal } from '../../src/hooks/trust.ts';

const issuer = 'https://ehr.example';
const audience = 'https://auscult.example/cds-services/cardiovascular-risk';
const clock = () => new Date('2026-11-20T12:00:00Z');
const now = clock().getTime() / 1000;

let es: GenerateKeyPairResult;
let rs: GenerateKeyPairResult;
let other: GenerateKeyPairResult;
let keys: object[];

/** Claims and header changes; `undefined` leaves a member out. */
interface Change {
  readonly claims?: JWTPayload & Record<string, unknown>;
  readonly header?: Partial<JWTHeaderParameters> & Record<string, unknown>;
  readonly key?: CryptoKey;
}

function sign({ claims, header, key }: Change = {}): Promise<string> {
  const whole = { iss: issuer, aud: audience, exp: now + 240, iat: now, jti: randomUUID(), ...claims };
  const jwt = new SignJWT(JSON.parse(JSON.stringify(whole)) as JWTPayload);
  const head = { alg: 'ES384', kid: 'es', typ: 'JWT', ...header };
  return jwt
    .setProtectedHeader(JSON.parse(JSON.stringify(head)) as JWTHeaderParameters)
    .sign(key ?? es.privateKey);
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const hmac = (secret: string, alg: string): string => {
  const claims = { iss: issuer, aud: audience, exp: now + 240, iat: now, jti: randomUUID() };
  const body = `${part({ alg, kid: 'es', typ: 'JWT' })}.${part(claims)}`;
  return `${body}.${createHmac(`sha${alg.slice(2)}`, secret)
    .update(body)
    .digest('base64url')}`;
};

function trusting(more: object = {}, fetchKeys?: FetchKeys) {
  const refusals: Refusal[] = [];
  const registrations = parseRegistrations(
    JSON.stringify([
      { id: issuer, name: 'EHR', fhirServers: ['https://ehr.example/fhir'], jwks: { keys }, ...more },
      {
        id: 'https://b.example',
        name: 'B',
        fhirServers: ['https://b.example/fhir'],
        jwks: { keys: [{ ...keys[0], kid: 'b' }] },
      },
    ]),
  );
  const authenticate = createAuthenticate({
    registrations,
    clock,
    onRefusal: (refusal) => refusals.push(refusal),
    ...(fetchKeys === undefined ? {} : { fetchKeys }),
  });
  return { authenticate, refusals, registrations };
}

type Trust = ReturnType<typeof trusting>;
const bearing = async ({ authenticate }: Trust, token: string): Promise<Registration> =>
  authenticate(`Bearer ${token}`, audience);
const refuses = (promise: Promise<unknown>): Promise<void> =>
  assert.rejects(promise, (thrown) => {
    assert.ok(thrown instanceof Fault);
    assert.deepEqual([thrown.code, thrown.details, thrown.cause], ['unauthorized', [], undefined]);
    return true;
  });

describe('trust', () => {
  before(async () => {
    [es, rs, other] = await Promise.all([
      generateKeyPair('ES384', { extractable: true }),
      generateKeyPair('RS384', { extractable: true }),
      generateKeyPair('ES384', { extractable: true }),
    ]);
    keys = [
      { ...(await exportJWK(es.publicKey)), kid: 'es', alg: 'ES384' },
      { ...(await exportJWK(rs.publicKey)), kid: 'rs', alg: 'RS384' },
    ];
  });

  const good: Record<string, () => Promise<string>> = {
    ES384: () => sign(),
    RS384: () => sign({ header: { alg: 'RS384', kid: 'rs' }, key: rs.privateKey }),
    'an audience list of this one URL': () => sign({ claims: { aud: [audience] } }),
    'a clock that is a minute off': () => sign({ claims: { iat: now + 50, exp: now + 200 } }),
    'one that ended within the skew': () => sign({ claims: { iat: now - 280, exp: now - 30 } }),
    'tenant, nbf and sub beside the required claims (Epic)': () =>
      sign({ claims: { tenant: 't', nbf: now, sub: 's' } }),
    'a jku where the keys were agreed out of band': () =>
      sign({ header: { jku: 'https://sandbox.cds-hooks.org/jwks' } }),
  };
  for (const [what, make] of Object.entries(good)) {
    it(`K3-K5: takes ${what}`, async () =>
      assert.equal((await bearing(trusting(), await make())).id, issuer));
  }

  const hostile: Record<string, () => Promise<string> | string> = {
    'no signature (alg none)': () =>
      `${part({ alg: 'none', kid: 'es', typ: 'JWT' })}.${part({ iss: issuer, aud: audience, exp: now + 240, iat: now, jti: 'j' })}.`,
    'alg none with a signature': () =>
      `${part({ alg: 'none', kid: 'es', typ: 'JWT' })}.${part({ iss: issuer, aud: audience, exp: now + 240, iat: now, jti: 'j' })}.AAAA`,
    'HS256 with the public key as secret': async () => hmac(await exportSPKI(es.publicKey), 'HS256'),
    'HS384 with the public key as secret': async () => hmac(await exportSPKI(es.publicKey), 'HS384'),
    'HS512 with an empty secret': () => hmac('', 'HS512'),
    'RS256 with the right key': async () =>
      sign({ header: { alg: 'RS256', kid: 'rs' }, key: await importRs('RSASSA-PKCS1-v1_5', 'SHA-256') }),
    'PS384 with the right key': async () =>
      sign({ header: { alg: 'PS384', kid: 'rs' }, key: await importRs('RSA-PSS', 'SHA-384') }),
    'another key': () => sign({ key: other.privateKey }),
    'another key, embedded as jwk': async () =>
      sign({ key: other.privateKey, header: { jwk: await exportJWK(other.publicKey) } }),
    'the kid of another key': () => sign({ header: { kid: 'rs' } }),
    'an unknown kid': () => sign({ header: { kid: 'x' } }),
    'a kid registered for another EHR': () => sign({ header: { kid: 'b' } }),
    'no kid': () => sign({ header: { kid: undefined } }),
    'an empty kid': () => sign({ header: { kid: '' } }),
    'no typ': () => sign({ header: { typ: undefined } }),
    'another typ': () => sign({ header: { typ: 'at+jwt' } }),
    'a critical header it does not know': async () => critical(),
    'an unknown issuer': () => sign({ claims: { iss: 'https://evil.example' } }),
    'the issuer with a slash': () => sign({ claims: { iss: `${issuer}/` } }),
    'no issuer': () => sign({ claims: { iss: undefined } }),
    'an issuer from the prototype': () => sign({ claims: { iss: '__proto__' } }),
    'another audience': () => sign({ claims: { aud: 'https://auscult.example/cds-services' } }),
    'the audience with /feedback': () => sign({ claims: { aud: `${audience}/feedback` } }),
    'an audience list with others': () => sign({ claims: { aud: [audience, 'https://other.example'] } }),
    'no audience': () => sign({ claims: { aud: undefined } }),
    'no exp': () => sign({ claims: { exp: undefined } }),
    'no iat': () => sign({ claims: { iat: undefined } }),
    'no jti': () => sign({ claims: { jti: undefined } }),
    'an empty jti': () => sign({ claims: { jti: '' } }),
    'a jti of 257 characters': () => sign({ claims: { jti: 'x'.repeat(257) } }),
    'a jti that is a number': () => sign({ claims: { jti: 7 as unknown as string } }),
    'an exp that has passed': () => sign({ claims: { iat: now - 300, exp: now - 61 } }),
    'an iat to come': () => sign({ claims: { iat: now + 61, exp: now + 120 } }),
    'an nbf to come': () => sign({ claims: { nbf: now + 61 } }),
    'more than five minutes': () => sign({ claims: { iat: now - 1, exp: now + 300 } }),
    'a year': () => sign({ claims: { exp: now + 31_536_000 } }),
    'an exp before its iat': () => sign({ claims: { iat: now + 30, exp: now + 20 } }),
    'an exp that is a string': () => sign({ claims: { exp: String(now + 100) as unknown as number } }),
    'a changed payload': async () => {
      const [head, , signature] = (await sign()).split('.');
      return `${head}.${part({ iss: issuer, aud: audience, exp: now + 240, iat: now, jti: 'j' })}.${signature}`;
    },
    'nothing but dots': () => '..',
    rubbish: () => 'abc.def.ghi',
    'five parts': async () => `${await sign()}.a.b`,
    'more than 8 KiB': () => sign({ claims: { x: 'x'.repeat(9_000) } }),
  };

  async function importRs(name: string, hash: string): Promise<CryptoKey> {
    const jwk = await exportJWK(rs.privateKey);
    return crypto.subtle.importKey('jwk', { ...jwk, alg: undefined } as JsonWebKey, { name, hash }, false, [
      'sign',
    ]);
  }
  async function critical(): Promise<string> {
    const header = { alg: 'ES384', kid: 'es', typ: 'JWT', crit: ['x'], x: 1 };
    return new SignJWT({ iss: issuer, aud: audience, exp: now + 240, iat: now, jti: 'j' })
      .setProtectedHeader(header)
      .sign(es.privateKey, { crit: { x: true } });
  }

  for (const [what, make] of Object.entries(hostile)) {
    it(`K3-K5: refuses ${what}`, async () => {
      const trust = trusting();
      await refuses(bearing(trust, await make()));
      assert.equal(trust.refusals.length, 1);
    });
  }

  for (const header of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'bearer a b',
    'Bearer a.b.c, Bearer a.b.c',
  ]) {
    it(`K1: refuses ${JSON.stringify(header)} as authorization`, () =>
      refuses(trusting().authenticate(header, audience)));
  }

  it('K7: answers every refusal alike, and bare', async () => {
    const bodies = new Set<string>();
    for (const make of Object.values(hostile)) {
      const fault: unknown = await bearing(trusting(), await make()).catch((thrown: unknown) => thrown);
      assert.ok(fault instanceof Fault);
      bodies.add(JSON.stringify(toOperationOutcome(fault)));
    }
    assert.equal(bodies.size, 1);
  });

  it('K7: takes a token once', async () => {
    const trust = trusting();
    const token = await sign();
    await bearing(trust, token);
    await refuses(bearing(trust, token));
    assert.deepEqual(trust.refusals, ['replay']);
  });

  it('K7: a refused token uses up no jti', async () => {
    const trust = trusting();
    await refuses(bearing(trust, await sign({ claims: { jti: 'j' }, key: other.privateKey })));
    await bearing(trust, await sign({ claims: { jti: 'j' } }));
  });

  it('takes a registered longer life and a fixed audience', async () => {
    const long = trusting({ maxTokenSeconds: 900 });
    await bearing(long, await sign({ claims: { exp: now + 900 } }));
    await refuses(bearing(long, await sign({ claims: { exp: now + 901 } })));
    const fixed = trusting({ audience: 'auscult' });
    await bearing(fixed, await sign({ claims: { aud: 'auscult' } }));
    await refuses(bearing(fixed, await sign()));
  });

  describe('keys at an address', () => {
    const jwksUrl = 'https://ehr.example/jwks.json';
    const remote = (answer: () => Response | Promise<Response>) => {
      const fetched: string[] = [];
      const trust = trusting({ jwks: undefined, jwksUrl }, async (url) => {
        fetched.push(url);
        return answer();
      });
      return { ...trust, fetched };
    };

    it('K4: fetches the registered address once and keeps the keys', async () => {
      const trust = remote(() => Response.json({ keys }));
      for (let call = 0; call < 3; call++) await bearing(trust, await sign({ header: { jku: jwksUrl } }));
      assert.deepEqual(trust.fetched, [jwksUrl]);
    });

    it('K6: never fetches what a token names', async () => {
      const trust = remote(() => Response.json({ keys }));
      for (const jku of ['https://evil.example/jwks', `${jwksUrl}?`, 'http://169.254.169.254/', '']) {
        await refuses(bearing(trust, await sign({ header: { jku } })));
      }
      assert.deepEqual(trust.fetched, []);
    });

    it('K4: fifty unknown kids bring one fetch', async () => {
      const trust = remote(() => Response.json({ keys }));
      for (let call = 0; call < 50; call++)
        await refuses(bearing(trust, await sign({ header: { kid: `x${call}` } })));
      assert.equal(trust.fetched.length, 1);
    });

    const failures: Record<string, () => Response | Promise<Response>> = {
      'is down': () => Promise.reject(new Error('down')),
      'answers 500': () => new Response('{}', { status: 500 }),
      redirects: () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
      'answers more than 64 KiB': () => Response.json({ keys, x: 'x'.repeat(70_000) }),
      'answers in gzip': () => Response.json({ keys }, { headers: { 'content-encoding': 'gzip' } }),
      'answers no key set': () => Response.json([]),
      'answers no JSON': () => new Response('<html>'),
    };
    for (const [what, answer] of Object.entries(failures)) {
      it(`K4: where it ${what}, every token is refused, and it is asked once`, async () => {
        const trust = remote(answer);
        for (let call = 0; call < 20; call++) await refuses(bearing(trust, await sign()));
        assert.equal(trust.fetched.length, 1);
      });
    }
  });

  it('lets only registered FHIR servers be asked', () => {
    const [registration] = trusting().registrations;
    assert.ok(registration);
    for (const same of [
      'https://ehr.example/fhir',
      'https://EHR.example:443/fhir/',
      'https://ehr.example/x/../fhir',
    ]) {
      assert.equal(mayAskFhirServer(registration, same), 'https://ehr.example/fhir');
    }
    for (const foreign of [
      'https://b.example/fhir',
      'http://ehr.example/fhir',
      'https://ehr.example/fhir2',
      'https://ehr.example/fhir/tenant',
      'https://ehr.example',
      'https://ehr.example@evil.example/fhir',
      'https://ehr.example.evil.example/fhir',
      'https://evil.example/https://ehr.example/fhir',
      'http://169.254.169.254/latest/meta-data',
      'http://127.1/fhir',
      'http://2130706433/fhir',
      'file:///fhir',
      'ehr',
    ]) {
      assert.throws(
        () => mayAskFhirServer(registration, foreign),
        (thrown) =>
          thrown instanceof Fault && thrown.code === 'fhir-server-not-allowed' && thrown.details.length === 0,
        foreign,
      );
    }
  });
});
