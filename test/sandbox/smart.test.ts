import assert from 'node:assert/strict';
import { createLocalJWKSet, decodeJwt, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import request from 'supertest';
import {
  assertion,
  authorized,
  exchanged,
  fhirBase,
  launch,
  origin,
  redirectUri,
  sandbox,
  time,
} from './setup.ts';

describe('SMART discovery', () => {
  it('announces the endpoints, PKCE S256 and asymmetric clients', async () => {
    const { body } = await request(await sandbox())
      .get('/sandbox/fhir/.well-known/smart-configuration')
      .expect(200);
    assert.equal(body.authorization_endpoint, `${origin}/sandbox/authorize`);
    assert.equal(body.token_endpoint, `${origin}/sandbox/token`);
    assert.deepEqual(body.code_challenge_methods_supported, ['S256']);
    assert.ok(
      body.capabilities.includes('launch-ehr') &&
        body.capabilities.includes('client-confidential-asymmetric'),
    );
    const openid = await request(await sandbox())
      .get('/sandbox/.well-known/openid-configuration')
      .expect(200);
    assert.equal(openid.body.issuer, body.issuer);
  });
});

describe('EHR launch', () => {
  it('gives the app its patient, appContext and a signed identity', async () => {
    const app = await sandbox();
    const back = await authorized({ launch: await launch('diabetes-ckd', 'decision-7'), nonce: 'n-1' });
    assert.equal(back.origin + back.pathname, redirectUri);
    assert.equal(back.searchParams.get('state'), 'state-1');
    const { status, body, headers } = await exchanged(back.searchParams.get('code'));
    assert.equal(status, 200);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(body.patient, 'diabetes-ckd');
    assert.equal(body.appContext, 'decision-7');
    assert.equal(body.need_patient_banner, false);
    assert.equal(body.scope, 'launch openid fhirUser patient/*.rs');
    const jwks = await request(app).get('/sandbox/jwks').expect(200);
    const { payload } = await jwtVerify(body.id_token, createLocalJWKSet(jwks.body), {
      audience: 'auscult',
      issuer: `${origin}/sandbox`,
      currentDate: new Date(time.ms),
    });
    assert.equal(payload.fhirUser, `${fhirBase}/Practitioner/sandbox-clinician`);
    assert.equal(payload.nonce, 'n-1');
    await request(app)
      .get('/sandbox/fhir/Patient/diabetes-ckd')
      .set('Authorization', `Bearer ${body.access_token}`)
      .expect(200);
  });

  it('takes the authorization request by POST as well', async () => {
    const form = new URLSearchParams({ client_id: 'auscult', redirect_uri: redirectUri, state: 's' });
    const answer = await request(await sandbox())
      .post('/sandbox/authorize')
      .type('form')
      .send(form.toString())
      .expect(303);
    assert.equal(new URL(answer.get('location') ?? '').searchParams.get('error'), 'invalid_request');
  });

  it('mints launch ids for the public CDS Hooks Sandbox', async () => {
    const body = {
      launchUrl: `${origin}/app/launch`,
      parameters: { patient: 'treated', appContext: 'd-1', smart_messaging_origin: 'https://ehr.example' },
    };
    const answer = await request(await sandbox())
      .post('/sandbox/fhir/_services/smart/Launch')
      .send(body)
      .expect(200);
    assert.equal(answer.get('access-control-allow-origin'), '*');
    const back = await authorized({ launch: answer.body.launch_id });
    const { body: token } = await exchanged(back.searchParams.get('code'));
    assert.deepEqual([token.patient, token.appContext], ['treated', 'd-1']);
    await request(await sandbox())
      .post('/sandbox/fhir/_services/smart/Launch')
      .send({ parameters: {} })
      .expect(400);
  });

  it('launches nobody who does not exist', async () => {
    await request(await sandbox())
      .post('/sandbox/launch')
      .send({ patientId: 'nobody' })
      .expect(400);
  });
});

describe('authorize refuses', () => {
  it('an unknown client or redirect_uri, without redirecting', async () => {
    for (const query of [
      `client_id=other&redirect_uri=${redirectUri}`,
      `client_id=auscult&redirect_uri=${redirectUri}/x`,
      `client_id=auscult&redirect_uri=${redirectUri}?a=b`,
      'client_id=auscult',
    ]) {
      const answer = await request(await sandbox())
        .get(`/sandbox/authorize?${query}&state=s`)
        .expect(400);
      assert.equal(answer.get('location'), undefined);
    }
  });

  const wrong: readonly [string, Readonly<Record<string, string | undefined>>, string][] = [
    ['no state', { state: undefined }, 'invalid_request'],
    ['no code_challenge', { code_challenge: undefined }, 'invalid_request'],
    ['PKCE plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['another aud', { aud: 'https://elsewhere.example/fhir' }, 'invalid_request'],
    ['no launch', { launch: undefined }, 'invalid_request'],
    ['an unknown launch', { launch: 'made-up' }, 'invalid_request'],
    ['the implicit flow', { response_type: 'token' }, 'invalid_request'],
    ['no launch scope', { scope: 'openid patient/*.rs' }, 'invalid_scope'],
  ];
  for (const [what, changes, error] of wrong) {
    it(`${what}, telling the app`, async () => {
      const back = await authorized(changes);
      assert.equal(back.searchParams.get('error'), error);
      assert.equal(back.searchParams.get('code'), null);
    });
  }

  it('a launch id used twice or after five minutes', async () => {
    const once = await launch();
    assert.ok((await authorized({ launch: once })).searchParams.get('code'));
    assert.equal((await authorized({ launch: once })).searchParams.get('error'), 'invalid_request');
    const late = await launch();
    time.ms += 5 * 60_000;
    assert.equal((await authorized({ launch: late })).searchParams.get('error'), 'invalid_request');
  });
});

describe('token refuses', () => {
  it('a code used twice, and revokes what it gave', async () => {
    const code = (await authorized()).searchParams.get('code');
    const first = await exchanged(code);
    assert.equal(first.status, 200);
    const second = await exchanged(code);
    assert.deepEqual([second.status, second.body.error], [400, 'invalid_grant']);
    const read = request(await sandbox()).get('/sandbox/fhir/Patient/treated');
    await read.set('Authorization', `Bearer ${first.body.access_token}`).expect(401);
  });

  it('an expired code, a wrong verifier, another redirect_uri, another grant', async () => {
    const code = async () => (await authorized()).searchParams.get('code');
    const late = await code();
    time.ms += 60_000;
    assert.equal((await exchanged(late)).body.error, 'invalid_grant');
    assert.equal(
      (await exchanged(await code(), { code_verifier: 'w'.repeat(64) })).body.error,
      'invalid_grant',
    );
    assert.equal(
      (await exchanged(await code(), { redirect_uri: `${origin}/elsewhere` })).body.error,
      'invalid_grant',
    );
    assert.equal(
      (await exchanged(await code(), { grant_type: 'password' })).body.error,
      'unsupported_grant_type',
    );
    assert.equal((await exchanged(await code(), { code_verifier: 'short' })).body.error, 'invalid_request');
  });

  it('an app that does not prove itself: wrong iss, sub, aud, key, lifetime, no jti, replayed jti', async () => {
    const seconds = Math.floor(time.ms / 1000);
    const stranger = await generateKeyPair('ES384');
    const forged = new SignJWT({ ...decodeJwt(await assertion()) }).setProtectedHeader({
      alg: 'ES384',
      kid: 'k1',
    });
    const symmetric = new SignJWT({ ...decodeJwt(await assertion()) }).setProtectedHeader({
      alg: 'HS256',
      kid: 'k1',
    });
    const replayed = await assertion();
    const code = (await authorized()).searchParams.get('code');
    const refused = [
      await assertion({ iss: 'other' }),
      await assertion({ sub: 'other' }),
      await assertion({ aud: `${origin}/elsewhere` }),
      await assertion({ exp: seconds - 60 }),
      await assertion({ exp: seconds + 3600 }),
      await assertion({ jti: undefined }),
      await forged.sign(stranger.privateKey),
      await symmetric.sign(new Uint8Array(48)),
      'not a jwt',
    ];
    for (const client_assertion of refused) {
      const { status, body } = await exchanged(code, { client_assertion });
      assert.deepEqual([status, body.error], [401, 'invalid_client']);
    }
    assert.equal(
      (await exchanged(code, { client_assertion: replayed })).status,
      200,
      'the code was not consumed',
    );
    const again = (await authorized()).searchParams.get('code');
    assert.equal((await exchanged(again, { client_assertion: replayed })).body.error, 'invalid_client');
  });
});

describe('access tokens', () => {
  it('end after an hour', async () => {
    const { body } = await exchanged((await authorized()).searchParams.get('code'));
    const read = async () =>
      request(await sandbox())
        .get('/sandbox/fhir/Patient/treated')
        .set('Authorization', `Bearer ${body.access_token}`);
    assert.equal((await read()).status, 200);
    time.ms += 3_600_000;
    assert.equal((await read()).status, 401);
  });
});
