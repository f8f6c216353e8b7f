/** `auscult serve` for clients of the inference API alone: no EHR is registered, and nothing of one is there. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Discovery } from 'cds-hooks-types';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { patientView, templatesOf } from '../fixtures/requests.ts';
import { endAll, run } from './command.ts';
import { client, hookPath, json, refused, service } from './harness.ts';
import { publicUrl, registeredEhr } from './registered-ehr.ts';
import { type Running, startAuscult } from './running.ts';

const key = 'k'.repeat(43);
const sha256 = `sha256:${createHash('sha256').update(key).digest('hex')}`;
const signer = 'https://backend.example';

describe('serve without an EHR', function () {
  this.timeout(60_000);
  let folder: string;
  let env: Readonly<Record<string, string>>;
  let privateKey: CryptoKey;
  let server: Running | undefined;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'auscult-inference-'));
    const pair = await generateKeyPair('ES384', { extractable: true });
    privateKey = pair.privateKey;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES384' };
    const clients = [
      { id: 'analytics', scopes: ['infer:prevent'], keys: [sha256] },
      { id: signer, scopes: ['infer:*'], jwks: { keys: [jwk] } },
    ];
    env = {
      HOST: '127.0.0.1',
      BASE_URL: publicUrl,
      INFERENCE_CLIENTS: file('clients.json', clients),
      LEDGER_FILE: join(folder, 'used', 'tokens.sqlite'),
    };
    server = await startAuscult(env, 'serve');
  });
  afterEach(endAll);
  after(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string, content: unknown): string => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  const get = (path: string, bearer?: string): Promise<Response> =>
    fetch(
      `${server?.url}${path}`,
      bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } },
    );
  const signed = (path: string) =>
    new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: 'ES384', typ: 'JWT', kid: 'one' })
      .setIssuer(signer)
      .setAudience(`${publicUrl}${path}`)
      .setIssuedAt()
      .setExpirationTime('2m')
      .sign(privateKey);

  it('says so in its first line', () => {
    const [first = ''] = server?.output().split('\n') ?? [];
    const { event, reason } = JSON.parse(first) as { event: string; reason: string };
    assert.equal(event, 'no-ehr-registered');
    assert.equal(reason, 'the inference API is served alone, without hooks and app');
  });

  it('answers the clients of the inference API, and nobody else', async () => {
    const described = (await (await get('/v2/models/prevent', key)).json()) as { name: string };
    assert.equal(described.name, 'prevent');
    assert.equal((await get('/v2/models/kfre', key)).status, 404);
    assert.equal((await get('/v2', await signed('/v2'))).status, 200);
    for (const path of ['/v2', '/openapi.json', '/v2/models/prevent'])
      assert.equal((await get(path)).status, 401, path);
    assert.equal((await get('/openapi.json', key)).status, 200);
  });

  it('has no hooks, no app and no sandbox; health and metrics need no token', async () => {
    const { get, post } = client(server?.url ?? '');
    for (const path of ['/cds-services', '/app/launch', '/app/', '/app/jwks.json', '/api/decisions/x', '/'])
      refused(await get(path), 404, 'unknown-path');
    refused(await post('/cds-services/kidney', {}), 404, 'unknown-path');
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      assert.equal((await get(path)).status, 200, path);
  });

  it('a signed token is used once, also across a restart', async () => {
    const token = await signed('/v2');
    assert.equal((await get('/v2', token)).status, 200);
    await server?.stop();
    server = await startAuscult(env, 'serve');
    assert.equal((await get('/v2', token)).status, 401);
    assert.equal((await get('/v2', await signed('/v2'))).status, 200);
  });

  describe('refuses to start', () => {
    async function refuses(change: Readonly<Record<string, string>>, line: RegExp): Promise<void> {
      const { code, stdout, stderr } = await run(['serve'], { env: { ...env, PORT: '0', ...change } });
      assert.equal(code, 1, stderr);
      assert.ok(!stdout.includes('listening'));
      assert.match(stderr, line);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    }

    it('without clients: nobody could call', async () => {
      await refuses({ INFERENCE_CLIENTS: '' }, /^auscult: REGISTRATIONS: is not set\..*INFERENCE_CLIENTS/);
    });

    it('without a public https address, of which audiences are made', async () => {
      await refuses({ BASE_URL: '' }, /^auscult: BASE_URL: is not set/);
      await refuses({ BASE_URL: 'http://auscult.example' }, /^auscult: BASE_URL: serve needs an https URL/);
    });

    it('with a setting that is for EHRs: they were forgotten', async () => {
      const LEDGER_KEY = randomBytes(32).toString('base64');
      await refuses({ LEDGER_KEY }, /^auscult: REGISTRATIONS: is not set, and LEDGER_KEY is/);
    });

    it('with a wrong client: one line, the setting named once', async () => {
      const clients = [{ id: 'x', scopes: ['infer:nobody'], keys: [sha256] }];
      await refuses(
        { INFERENCE_CLIENTS: file('wrong.json', clients) },
        /^auscult: INFERENCE_CLIENTS: entry 1, scopes: there is no such model\n$/,
      );
    });

    it('on the ledger of a service for EHRs, whose key it does not have', async () => {
      const ehr = await registeredEhr();
      const kept = await startAuscult(ehr.env, 'serve');
      const { get, post } = client(kept.url);
      const services = json(await get('/cds-services', { headers: await ehr.authorize('/cds-services') }));
      const { prefetch = {} } = (services as Discovery).services.find(({ id }) => id === service) ?? {};
      const decided = patientView('high-risk-untreated', new Date(), templatesOf(prefetch));
      assert.equal((await post(hookPath, decided, await ehr.authorize(hookPath))).status, 200);
      await kept.stop();
      await refuses(
        { LEDGER_FILE: ehr.env.LEDGER_FILE ?? '' },
        /^auscult: the ledger does not open: LEDGER_KEY/,
      );
      ehr.remove();
    });
  });
});
