/** SMART Backend Services for clients of the inference API, over real HTTP. */
import assert from 'node:assert/strict';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { clientAccess } from '../../src/serving/access.ts';
import { createAccessTokens } from '../../src/serving/access-tokens.ts';
import { parseClients } from '../../src/serving/clients.ts';
import { createPace } from '../../src/serving/pace.ts';
import { tokenEndpoint } from '../../src/serving/token.ts';
import { patient } from '../inference/prevent.ts';
import { type Answer, inputsOf, openServed, type Served, type Site } from './served.ts';

const baseUrl = 'https://auscult.example';
const path = '/v2/auth/token';
const id = 'https://backend.example';

describe('the token endpoint of the inference API', () => {
  let served: Served;
  let site: Site;
  let privateKey: CryptoKey;
  let now = Date.now();
  before(async () => {
    served = await openServed();
    const pair = await generateKeyPair('ES384');
    privateKey = pair.privateKey;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES384' };
    const list = [
      { id, scopes: ['infer:*'], jwks: { keys: [jwk] } },
      { id: 'narrow', scopes: ['infer:pce'], jwks: { keys: [jwk] } },
      { id: 'slow', scopes: ['infer:*'], perMinute: 1, jwks: { keys: [jwk] } },
    ];
    const clients = parseClients(JSON.stringify(list), served.models.ids());
    const clock = () => new Date(now);
    const tokens = createAccessTokens(clock);
    const pace = createPace();
    const options = { clients, baseUrl, clock, tokens };
    site = await served.listen({
      access: clientAccess(options),
      token: tokenEndpoint({ ...options, pace }),
      pace,
    });
  });
  after(async () => {
    await site.close();
    await served.close();
  });

  const assertion = (claims: Record<string, unknown> = {}, header: object = {}) =>
    new SignJWT({
      ...{ iss: id, sub: id, aud: `${baseUrl}${path}`, jti: crypto.randomUUID() },
      ...{ iat: Math.floor(now / 1000), exp: Math.floor(now / 1000) + 120 },
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES384', typ: 'JWT', kid: 'one', ...header })
      .sign(privateKey);
  const ask = async (change: Record<string, string | undefined> = {}): Promise<Answer> => {
    const form = {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: change.client_assertion ?? (await assertion()),
      scope: 'infer:prevent',
      ...change,
    };
    const given = Object.entries(form).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return site.post(path, new URLSearchParams(given as string[][]).toString(), headers);
  };
  const granted = async (scope = 'infer:prevent'): Promise<string> =>
    (await ask({ scope })).json<{ access_token: string }>().access_token;
  const infer = async (token: string, model = 'prevent') =>
    (
      await site.post(
        `/v2/models/${model}/infer`,
        { inputs: inputsOf(served.models.get(model).manifest, [patient]) },
        { authorization: `Bearer ${token}` },
      )
    ).status;

  it('gives a token for a signed assertion, without being known before', async () => {
    const answer = await ask();
    assert.equal(answer.status, 200, answer.bytes.toString());
    const { access_token, ...rest } = answer.json();
    assert.deepEqual(rest, { token_type: 'bearer', expires_in: 300, scope: 'infer:prevent' });
    assert.match(String(access_token), /^[\w-]{43}$/);
    assert.equal(answer.header('cache-control'), 'no-store');
  });

  it('the token opens what was asked for, again and again, and nothing more', async () => {
    const token = await granted();
    assert.deepEqual([await infer(token), await infer(token)], [200, 200]);
    assert.equal((await site.get('/v2/models/pce', { authorization: `Bearer ${token}` })).status, 404);
    assert.equal(
      (await site.get('/v2/models/pce', { authorization: `Bearer ${await granted('infer:*')}` })).status,
      200,
    );
  });

  it('is good for five minutes', async () => {
    const token = await granted();
    now += 299_000;
    assert.equal(await infer(token), 200);
    now += 2_000;
    assert.equal(await infer(token), 401);
  });

  it('an assertion is taken once', async () => {
    const client_assertion = await assertion();
    assert.equal((await ask({ client_assertion })).status, 200);
    const again = await ask({ client_assertion });
    assert.deepEqual([again.status, again.json()], [401, { error: 'invalid_client' }]);
  });

  const wrong: readonly (readonly [
    string,
    () => Promise<Record<string, string | undefined>>,
    number,
    string,
  ])[] = [
    ['no grant', async () => ({ grant_type: undefined }), 400, 'invalid_request'],
    ['another grant', async () => ({ grant_type: 'password' }), 400, 'unsupported_grant_type'],
    ['another kind of assertion', async () => ({ client_assertion_type: 'x' }), 400, 'invalid_request'],
    ['what is no assertion', async () => ({ client_assertion: 'x.y.z' }), 401, 'invalid_client'],
    [
      'an unknown client',
      async () => ({ client_assertion: await assertion({ iss: 'x', sub: 'x' }) }),
      401,
      'invalid_client',
    ],
    [
      'one for another',
      async () => ({ client_assertion: await assertion({ sub: 'narrow' }) }),
      401,
      'invalid_client',
    ],
    [
      'another audience',
      async () => ({ client_assertion: await assertion({ aud: `${baseUrl}/v2` }) }),
      401,
      'invalid_client',
    ],
    [
      'an expired one',
      async () => ({ client_assertion: await assertion({ iat: 1, exp: 200 }) }),
      401,
      'invalid_client',
    ],
    [
      'another key',
      async () => ({ client_assertion: await assertion({}, { kid: 'two' }) }),
      401,
      'invalid_client',
    ],
    ['no scope', async () => ({ scope: undefined }), 400, 'invalid_scope'],
    ['SMART’s scope', async () => ({ scope: 'system/*.rs' }), 400, 'invalid_scope'],
    ['more than its scopes', async () => ({ scope: 'infer:prevent admin' }), 400, 'invalid_scope'],
    [
      'another’s model',
      async () => ({ client_assertion: await assertion({ iss: 'narrow', sub: 'narrow' }) }),
      400,
      'invalid_scope',
    ],
  ];
  for (const [what, change, status, error] of wrong) {
    it(`refuses ${what}: ${error}`, async () => {
      const answer = await ask(await change());
      assert.deepEqual([answer.status, answer.json()], [status, { error }]);
    });
  }

  it('refuses JSON, a parameter given twice, a large form and another method', async () => {
    assert.deepEqual((await site.post(path, {})).json(), { error: 'invalid_request' });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    assert.equal((await site.post(path, 'scope=a&scope=b', headers)).status, 400);
    assert.equal((await site.post(path, 'x'.repeat(20_000), headers)).status, 400);
    assert.equal((await site.get(path)).status, 405);
  });

  it('is paced like every other address', async () => {
    const slow = async () =>
      (await ask({ client_assertion: await assertion({ iss: 'slow', sub: 'slow' }) })).status;
    assert.deepEqual([await slow(), await slow()], [200, 429]);
  });

  it('who asks for too many loses its oldest, and nobody else’s', () => {
    const tokens = createAccessTokens(() => new Date(now), 2);
    const other = tokens.issue('other', []);
    const own = [1, 2, 3].map(() => tokens.issue('own', []));
    assert.deepEqual(
      own.map((token) => tokens.find(token)?.client),
      [undefined, 'own', 'own'],
    );
    assert.equal(tokens.find(other)?.client, 'other');
    assert.equal(tokens.find('nobody'), undefined);
  });
});
