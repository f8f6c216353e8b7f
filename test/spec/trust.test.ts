/** K1–K9 as the outside sees them: a real `auscult serve` that knows one EHR. */
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { patientView } from '../../fixtures/requests.ts';
import {
  type Answer,
  client,
  feedbackPath,
  hookPath,
  openHouse,
  refused,
  type TestHouse,
} from '../harness.ts';
import { issuer, publicUrl, type RegisteredEhr, registeredEhr } from '../registered-ehr.ts';
import { type Running, startAuscult } from '../running.ts';

type Headers = Readonly<Record<string, string>>;
const discoveryPath = '/cds-services';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claimsFor = (path: string) => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: issuer, aud: `${publicUrl}${path}`, iat: now, exp: now + 120, jti: randomUUID() };
};

describe('trust (CDS Hooks 2.0, "Trusting CDS Clients")', function () {
  this.timeout(60_000);
  let house: TestHouse;
  let ehr: RegisteredEhr;
  let server: Running;
  before(async () => {
    [house, ehr] = await Promise.all([openHouse(), registeredEhr()]);
    server = await startAuscult(ehr.env, 'serve');
  });
  after(async () => {
    await server?.stop();
    ehr?.remove();
    await house.close();
  });

  const feedback = {
    feedback: [{ card: 'x', outcome: 'overridden', outcomeTimestamp: new Date().toISOString() }],
  };
  /** The three addresses that a CDS client calls. */
  const calls: readonly (readonly [string, (headers: Headers) => Promise<Answer>])[] = [
    [discoveryPath, (headers) => client(server.url).get(discoveryPath, { headers })],
    [
      hookPath,
      (headers) =>
        client(server.url).post(
          hookPath,
          patientView('high-risk-untreated', new Date(), house.templates),
          headers,
        ),
    ],
    [feedbackPath, (headers) => client(server.url).post(feedbackPath, feedback, headers)],
  ];
  const everywhere = async (headersFor: (path: string) => Headers | Promise<Headers>, status: number) => {
    for (const [path, call] of calls) {
      const answer = await call(await headersFor(path));
      if (status === 401) refused(answer, 401, 'unauthorized');
      else assert.equal(answer.status, status, `${path}: ${answer.text}`);
    }
  };

  it('K2: a good token opens discovery, a call and feedback', () =>
    everywhere((path) => ehr.authorize(path), 200));

  it('K1, K2: none, or something that is none, opens nothing', async () => {
    await everywhere(() => ({}), 401);
    for (const authorization of ['Bearer', 'Bearer x', 'Bearer a.b.c', 'Basic dTpw', 'undefined']) {
      await everywhere(() => ({ authorization }), 401);
    }
  });

  it('K3: alg none opens nothing, however it is spelled', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      const forged = (path: string) => `${part({ alg, typ: 'JWT', kid: 'k1' })}.${part(claimsFor(path))}.`;
      await everywhere((path) => ({ authorization: `Bearer ${forged(path)}` }), 401);
    }
  });

  it('K3: nor does the public key as a shared secret', async () => {
    const [registration] = JSON.parse(readFileSync(ehr.env.REGISTRATIONS ?? '', 'utf8'));
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const forged = (path: string): string => {
        const signing = `${part({ alg, typ: 'JWT', kid: 'k1' })}.${part(claimsFor(path))}`;
        const secret = JSON.stringify(registration.jwks.keys[0]);
        const hash = alg.replace('HS', 'sha');
        return `${signing}.${createHmac(hash, secret).update(signing).digest('base64url')}`;
      };
      await everywhere((path) => ({ authorization: `Bearer ${forged(path)}` }), 401);
    }
  });

  it('K5: a token for one address opens no other', async () => {
    for (const [path] of calls) {
      const other = path === hookPath ? discoveryPath : hookPath;
      const claims = { aud: `${publicUrl}${other}` };
      const [, call] = calls.find(([at]) => at === path) ?? [];
      refused((await call?.(await ehr.authorize(path, claims))) as Answer, 401, 'unauthorized');
    }
  });

  it('K5: each claim is needed', async () => {
    for (const name of ['iss', 'aud', 'exp', 'iat', 'jti']) {
      await everywhere((path) => ehr.authorize(path, { [name]: undefined }), 401);
    }
  });

  it('K5: the address may stand in a list', () =>
    everywhere((path) => ehr.authorize(path, { aud: [`${publicUrl}${path}`] }), 200));

  it('K6: an issuer that nobody registered opens nothing', () =>
    everywhere((path) => ehr.authorize(path, { iss: 'https://other.example' }), 401));

  it('K7: a token serves once, wherever it is sent again', async () => {
    for (const [path, call] of calls) {
      const headers = await ehr.authorize(path);
      assert.equal((await call(headers)).status, 200, path);
      refused(await call(headers), 401, 'unauthorized');
    }
  });

  it('K7: no token is in what the server writes', async () => {
    const good = await ehr.authorize(discoveryPath);
    const bad = { authorization: `Bearer ${part({ alg: 'ES384' })}.${part({ jti: 'canary' })}.x` };
    for (const headers of [good, bad]) await client(server.url).get(discoveryPath, { headers });
    for (const { authorization } of [good, bad]) {
      for (const piece of authorization
        .replace('Bearer ', '')
        .split('.')
        .filter((text) => text.length > 8)) {
        assert.ok(!server.output().includes(piece));
      }
    }
  });

  it('K9: no page of another origin may read an answer that nobody registered it for', async () => {
    for (const [path, call] of calls) {
      const answer = await call({ ...(await ehr.authorize(path)), origin: 'https://elsewhere.example' });
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
  });
});
