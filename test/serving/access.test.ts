/** Who may use the inference API: keys, signed tokens, scopes and pace, over real HTTP. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { clientAccess } from '../../src/serving/access.ts';
import { parseClients } from '../../src/serving/clients.ts';
import { patient } from '../inference/prevent.ts';
import { inputsOf, openServed, type Served, type Site } from './served.ts';

const baseUrl = 'https://auscult.example';
const keys = { any: 'k'.repeat(43), pce: 'p'.repeat(43), slow: 's'.repeat(43), ops: 'o'.repeat(43) };
const hash = (key: string): string => `sha256:${createHash('sha256').update(key).digest('hex')}`;

describe('access to the inference API', () => {
  let served: Served;
  let site: Site;
  let privateKey: CryptoKey;
  const refusals: string[] = [];
  before(async () => {
    served = await openServed();
    const pair = await generateKeyPair('ES384');
    privateKey = pair.privateKey;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES384' };
    const list = [
      { id: 'analytics', scopes: ['infer:*'], keys: [hash(keys.any)] },
      { id: 'pce-only', scopes: ['infer:pce'], keys: [hash('old'.repeat(10)), hash(keys.pce)] },
      { id: 'slow', scopes: ['infer:*'], perMinute: 3, keys: [hash(keys.slow)] },
      { id: 'ops', scopes: ['admin'], keys: [hash(keys.ops)] },
      { id: 'https://signer.example', scopes: ['infer:prevent'], jwks: { keys: [jwk] } },
    ];
    const clients = parseClients(JSON.stringify(list), served.models.ids());
    const clock = () => new Date();
    const onRefusal = (reason: string) => void refusals.push(reason);
    site = await served.listen({ access: clientAccess({ clients, baseUrl, clock, onRefusal }) });
  });
  after(async () => {
    await site.close();
    await served.close();
  });

  const request = () => ({ inputs: inputsOf(served.models.get('prevent').manifest, [patient]) });
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const infer = '/v2/models/prevent/infer';
  const token = (claims: Record<string, unknown> = {}) =>
    new SignJWT({ jti: crypto.randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES384', typ: 'JWT', kid: 'one' })
      .setIssuer('https://signer.example')
      .setAudience(String(claims.aud ?? `${baseUrl}${infer}`))
      .setIssuedAt()
      .setExpirationTime('2m')
      .sign(privateKey);

  it('whoever is unknown gets the same bare 401, wherever they ask, before anything is read', async () => {
    const strangers = [
      {},
      bearer('x'.repeat(43)),
      bearer(hash(keys.any)),
      bearer(''),
      { authorization: `Basic ${keys.any}` },
      { authorization: keys.any },
      bearer('a.b.c'),
      bearer(await token({ aud: `${baseUrl}/elsewhere` })),
    ];
    const said = new Set<string>();
    for (const headers of strangers) {
      for (const path of [
        '/v2',
        '/openapi.json',
        '/openapi.json/x',
        '/v2/models/prevent',
        '/v2/nothing',
        '/v2/health/live',
        '/v2/models/nobody/ready',
      ]) {
        const answer = await site.get(path, headers);
        assert.equal(answer.status, 401, `${path} ${JSON.stringify(headers)}`);
        said.add(answer.bytes.toString());
      }
      const posted = await site.post(infer, 'x'.repeat(100), {
        ...headers,
        'content-type': 'application/fhir+json',
      });
      assert.equal(posted.status, 401);
      said.add(posted.bytes.toString());
    }
    assert.deepEqual([...said], ['{"error":"Not authorized."}']);
    assert.ok(refusals.includes('unknown-key') && refusals.includes('audience'));
  });

  it('a key opens what its scopes say; another model is to its holder as none', async () => {
    assert.equal((await site.post(infer, request(), bearer(keys.any))).status, 200);
    assert.equal((await site.post(infer, request(), bearer(keys.pce))).status, 404);
    assert.equal((await site.get('/v2/models/pce', bearer(keys.pce))).status, 200);
    const index = await site.post('/v2/repository/index', {}, bearer(keys.pce));
    assert.deepEqual(
      index.json<{ name: string }[]>().map(({ name }) => name),
      ['pce'],
    );
  });

  it('an admin loads and unloads and sees all, but infers only with that scope', async () => {
    assert.equal((await site.post('/v2/repository/models/pce/unload', {}, bearer(keys.ops))).status, 200);
    assert.equal((await site.post('/v2/repository/models/pce/load', {}, bearer(keys.ops))).status, 200);
    assert.equal((await site.post('/v2/repository/models/pce/load', {}, bearer(keys.any))).status, 403);
    assert.equal((await site.get('/v2/models/prevent', bearer(keys.ops))).status, 200);
    assert.equal((await site.post(infer, request(), bearer(keys.ops))).status, 403);
  });

  it('a token signed for this address is taken once', async () => {
    const signed = await token();
    assert.equal((await site.post(infer, request(), bearer(signed))).status, 200);
    assert.equal((await site.post(infer, request(), bearer(signed))).status, 401);
    assert.equal(refusals.at(-1), 'replay');
    assert.equal((await site.post(infer, request(), bearer(await token()))).status, 200);
  });

  it('who is too fast is told when to come back; others are not kept waiting', async () => {
    const status = async (key: string) => (await site.get('/v2', bearer(key))).status;
    assert.deepEqual(
      [await status(keys.slow), await status(keys.slow), await status(keys.slow)],
      [200, 200, 200],
    );
    const refused = await site.get('/v2', bearer(keys.slow));
    assert.equal(refused.status, 429);
    const seconds = Number(refused.header('retry-after'));
    assert.ok(seconds >= 1 && seconds <= 20, `${seconds}`);
    assert.equal(await status(keys.any), 200);
  });

  it('the API is described to its clients only, and to each as far as its scopes go', async () => {
    const modelsFor = async (key: string) => {
      const answer = await site.get('/openapi.json', bearer(key));
      assert.deepEqual([answer.status, answer.header('cache-control')], [200, 'no-store']);
      const { paths } = answer.json<{ paths: Record<string, { parameters?: unknown }> }>();
      const own = Object.keys(paths).flatMap(
        (path) => /^\/v2\/models\/([\w-]+)\/infer$/.exec(path)?.[1] ?? [],
      );
      assert.deepEqual(paths['/v2/models/{model}']?.parameters, [
        { name: 'model', in: 'path', required: true, schema: { enum: own } },
      ]);
      return { own, text: answer.bytes.toString() };
    };
    assert.deepEqual((await modelsFor(keys.any)).own, served.models.ids());
    assert.deepEqual((await modelsFor(keys.ops)).own, served.models.ids());
    const narrow = await modelsFor(keys.pce);
    assert.deepEqual(narrow.own, ['pce']);
    assert.doesNotMatch(narrow.text, /models\/prevent|kfre/i);
    const signed = await token({ aud: `${baseUrl}/openapi.json` });
    assert.equal((await site.get('/openapi.json', bearer(signed))).status, 200);
    assert.equal((await site.get('/openapi.json', bearer(signed))).status, 401);
  });
});
