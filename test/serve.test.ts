/** Production: `auscult serve` as a site runs it, and what it refuses to do without. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { patientView } from '../fixtures/requests.ts';
import type { DecisionId } from '../src/ledger/decision.ts';
import { createKeyring } from '../src/ledger/seal.ts';
import { openStorage } from '../src/ledger/storage.ts';
import { command, endAll, run } from './command.ts';
import {
  type Answer,
  cardsOf,
  client,
  feedbackPath,
  fhirStub,
  hookPath,
  openHouse,
  refused,
  type TestHouse,
} from './harness.ts';
import { familyOf, residentBytes } from './processes.ts';
import { issuer, type RegisteredEhr, registeredEhr } from './registered-ehr.ts';
import { type Running, startAuscult } from './running.ts';

const needed = { REGISTRATIONS: '', BASE_URL: '', LEDGER_KEY: '' };

describe('serve', function () {
  this.timeout(60_000);
  let house: TestHouse;
  let ehr: RegisteredEhr;
  before(async () => {
    house = await openHouse();
    ehr = await registeredEhr();
  });
  afterEach(endAll);
  after(async () => {
    await Promise.all(serving.map(({ stop }) => stop()));
    await house.close();
    ehr.remove();
  });

  const serving: Running[] = [];
  const serve = async (env: Readonly<Record<string, string>>): Promise<Running> => {
    const server = await startAuscult(env, 'serve');
    serving.push(server);
    return server;
  };
  /** `serve` runs on the real time only, so its charts do too. */
  const request = () => patientView('high-risk-untreated', new Date(), house.templates);
  const call = async (server: Running, body: unknown, path = hookPath, claims = {}): Promise<Answer> =>
    client(server.url).post(path, body, await ehr.authorize(path, claims));

  describe('refuses to start', () => {
    async function refuses(env: Readonly<Record<string, string>>, line: RegExp): Promise<void> {
      const { code, stdout, stderr } = await run(['serve'], { env: { PORT: '0', ...needed, ...env } });
      assert.equal(code, 1, stderr);
      assert.ok(!stdout.includes('listening'));
      assert.match(stderr, line);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    }

    for (const name of ['REGISTRATIONS', 'BASE_URL', 'LEDGER_KEY']) {
      it(`without ${name}: one line that names it, exit 1`, async () => {
        await refuses({ ...ehr.env, [name]: '' }, new RegExp(`^auscult: ${name}: `));
      });
    }

    it('over plain http, with a fixed clock, with a short key: one line each', async () => {
      await refuses({ ...ehr.env, BASE_URL: 'http://auscult.example' }, /^auscult: BASE_URL: /);
      await refuses({ ...ehr.env, CLOCK: '2026-03-15T10:00:00Z' }, /^auscult: CLOCK: /);
      const key = Buffer.alloc(16, 7).toString('base64');
      await refuses({ ...ehr.env, LEDGER_KEY: key }, /^auscult: LEDGER_KEY: (?!.*Bwc)/);
    });

    it('with registrations that cannot be read, and does not linger on the port it took', async () => {
      const broken = join(ehr.folder, 'broken.json');
      writeFileSync(broken, '[{"id":"x"}');
      await refuses({ ...ehr.env, REGISTRATIONS: broken }, /^auscult: REGISTRATIONS: /);
      await refuses({ ...ehr.env, REGISTRATIONS: join(ehr.folder, 'absent.json') }, /^auscult: /);
    });

    it('P: with a key of the app that is not JSON, and quotes none of it', async () => {
      const SMART_KEY = join(ehr.folder, 'smart.json');
      writeFileSync(SMART_KEY, '{"kty":"EC","d":SECRET}');
      await refuses({ ...ehr.env, SMART_KEY }, /^auscult: SMART_KEY: the file is not JSON$/m);
    });

    it('with files that do not fit: one line that names the setting, and quotes none of them', async () => {
      const absent = join(ehr.folder, 'absent.json');
      await refuses(
        { ...ehr.env, SIGN_ON: absent },
        /^auscult: SIGN_ON: the file cannot be read \(ENOENT\)\n$/,
      );
      await refuses({ ...ehr.env, SMART_KEY: absent }, /^auscult: SMART_KEY: the file cannot be read/);
      await refuses({ ...ehr.env, TLS_CERT: absent, TLS_KEY: absent }, /^auscult: TLS_CERT: the file cannot/);
      const other = join(ehr.folder, 'other.json');
      writeFileSync(other, JSON.stringify({ cardio: { name: 'Site clinical lead', date: '2026-03-01' } }));
      await refuses({ ...ehr.env, SIGN_ON: other }, /^auscult: SIGN_ON: there is no service "cardio"\n$/);
      await refuses({ ...ehr.env, FHIR_DEADLINE_MS: '6000' }, /^auscult: FHIR_DEADLINE_MS: is above/);
      const nowhere = 'postgres://auscult:secret@127.0.0.1:1/none';
      await refuses(
        { ...ehr.env, DATABASE_URL: nowhere },
        /^auscult: the ledger does not open: DATABASE_URL\n$/,
      );
    });

    it('K8: with a registered client certificate that nothing could see', async () => {
      const gateway = await registeredEhr(undefined, { certificates: ['ab'.repeat(32)] });
      await refuses(
        gateway.env,
        /^auscult: TLS_CERT: .* shows a client certificate; only our own TLS can see it/,
      );
      gateway.remove();
    });
  });

  describe('to registered EHRs', () => {
    let server: Running;
    before(async () => {
      server = await serve(ehr.env);
    });

    it('K2: discovery, hook and feedback answer a signed call', async () => {
      const { get } = client(server.url);
      const discovered = await get('/cds-services', { headers: await ehr.authorize('/cds-services') });
      assert.equal(discovered.status, 200);
      assert.equal((await call(server, request())).status, 200);
      const feedback = {
        feedback: [{ card: 'x', outcome: 'overridden', outcomeTimestamp: new Date().toISOString() }],
      };
      assert.equal((await call(server, feedback, feedbackPath)).status, 200);
    });

    it('K2, K5, K7: everybody else gets one identical bare 401', async () => {
      const { get, post } = client(server.url);
      const used = await ehr.authorize(hookPath);
      assert.equal((await post(hookPath, request(), used)).status, 200);
      const stranger = await registeredEhr();
      const past = Math.floor(Date.now() / 1000) - 3600;
      const answers = [
        await get('/cds-services'),
        await post(hookPath, request()),
        await post(feedbackPath, {}),
        await post('/cds-services/nobody', {}),
        await post(hookPath, request(), { authorization: 'Bearer garbage' }),
        await post(hookPath, request(), { authorization: 'Basic YTpi' }),
        await post(hookPath, request(), used),
        await post(hookPath, request(), await stranger.authorize(hookPath)),
        await post(hookPath, request(), await ehr.authorize('/cds-services')),
        await post(feedbackPath, {}, await ehr.authorize(hookPath)),
        await post(hookPath, request(), await ehr.authorize(hookPath, { iss: 'https://other.example' })),
        await post(hookPath, request(), await ehr.authorize(hookPath, { iat: past, exp: past + 120 })),
        await post(hookPath, request(), await ehr.authorize(hookPath, { exp: past + 3600 + 86_400 })),
        await post(hookPath, request(), await ehr.authorize(hookPath, { jti: undefined })),
        await post(hookPath, request(), await ehr.authorize(hookPath, { aud: `${server.url}${hookPath}` })),
      ];
      stranger.remove();
      for (const answer of answers) refused(answer, 401, 'unauthorized');
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    });

    it('operations need no token: health and metrics', async () => {
      for (const path of ['/health/live', '/health/ready', '/metrics']) {
        assert.equal((await client(server.url).get(path)).status, 200, path);
      }
    });

    it('there is no sandbox here: no page, no FHIR server, no open door for other origins', async () => {
      const { get } = client(server.url);
      for (const path of ['/', '/sandbox/fhir/metadata', '/sandbox/authorize']) {
        refused(await get(path), 404, 'unknown-path');
      }
      const answer = await get('/cds-services', { headers: { origin: 'https://page.example' } });
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    });

    it('connections whose headers only drip in are cut off', async () => {
      const { port } = new URL(server.url);
      const sockets = Array.from({ length: 20 }, () => connect(Number(port), '127.0.0.1'));
      const closed = sockets.map((socket) => {
        socket.on('error', () => {}).resume();
        socket.write('POST /cds-services/x HTTP/1.1\r\nhost: x\r\n');
        const drip = setInterval(() => socket.write('x'), 200);
        return new Promise((resolve) => socket.once('close', resolve)).finally(() => clearInterval(drip));
      });
      const began = performance.now();
      await Promise.all(closed);
      console.log(`      cut off after ${Math.round(performance.now() - began)} ms`);
      assert.equal((await client(server.url).get('/health/ready')).status, 200);
    });

    it('is ready soon and small: both printed, memory held under 400 MB with its children', function () {
      const family = familyOf(server.pid);
      const megabytes = family.reduce((sum, pid) => sum + residentBytes(pid), 0) / 1e6;
      console.log(
        `      ready after ${Math.round(server.readyMs)} ms; ${family.length} processes, ${Math.round(megabytes)} MB`,
      );
      if (process.platform !== 'linux') this.skip();
      assert.ok(family.length >= 2, 'the runner is counted');
      assert.ok(megabytes > 0 && megabytes < 400);
    });
  });

  it('content pending review says nothing; the site signs it on and it speaks', async () => {
    const pending = await serve(ehr.env);
    assert.deepEqual(cardsOf(await call(pending, request())), []);
    await pending.stop();
    const signed = await serve(ehr.signedOn());
    const cards = cardsOf(await call(signed, request()));
    assert.equal(cards.length, 1);
    assert.equal(cards[0]?.links?.[0]?.url, 'https://auscult.example/app/launch');
    await signed.stop();
  });

  it('a sign-on that cannot be read stops the start', async () => {
    const file = join(ehr.folder, 'bad-sign-on.json');
    writeFileSync(file, JSON.stringify({ 'cardiovascular-risk': { name: '', date: 'soon' } }));
    const { code, stderr } = await run(['serve'], { env: { ...ehr.env, PORT: '0', SIGN_ON: file } });
    assert.equal(code, 1);
    assert.match(stderr, /^auscult: SIGN_ON: /);
  });

  it('D1, K7: kill -9 and a restart: what was answered is found, feedback still joins, a used token stays used', async () => {
    const first = command(['serve'], { env: { ...ehr.signedOn(), PORT: '0' } });
    const [, port] = await first.until(/"event":"listening","port":(\d+)/);
    const { post } = client(`http://127.0.0.1:${port}`);
    const sent = request();
    const used = await ehr.authorize(hookPath);
    const [card] = cardsOf(await post(hookPath, sent, used));
    first.child.kill('SIGKILL');
    await first.ended;

    const second = await serve(ehr.signedOn());
    refused(await client(second.url).post(hookPath, sent, used), 401, 'unauthorized');
    const entry = { card: card?.uuid, outcome: 'overridden', outcomeTimestamp: new Date().toISOString() };
    assert.equal((await call(second, { feedback: [entry] }, feedbackPath)).status, 200);
    assert.match((await client(second.url).get('/metrics')).text, /feedback_total\{result="joined"\} 1/);
    await second.stop();

    const keys = createKeyring(Buffer.from(ehr.env.LEDGER_KEY ?? '', 'base64'));
    const { ledger } = await openStorage({ path: ehr.env.LEDGER_FILE ?? '', keys });
    const [link] = card?.links ?? [];
    const id = (link?.type === 'smart' ? link.appContext : undefined) as DecisionId;
    const found = await ledger.find(id, issuer, sent.context.patientId);
    assert.equal(found?.cards[0]?.uuid, card?.uuid);
    assert.equal((await ledger.feedbackOf(id)).length, 1);
    await ledger.close();
  });

  describe('SIGTERM', () => {
    it('lets what is in flight finish and be sent, refuses what comes then, and ends with 0', async () => {
      const arrived = Promise.withResolvers<void>();
      const fhir = await fhirStub((_, send) => {
        arrived.resolve();
        setTimeout(() => send(200, { resourceType: 'Bundle', type: 'searchset' }), 400);
      });
      const own = await registeredEhr(fhir.base, { allowPrivateNetwork: true });
      const started = command(['serve'], { env: { ...own.signedOn(), FHIR_DEADLINE_MS: '3000', PORT: '0' } });
      const [, port] = await started.until(/"event":"listening","port":(\d+)/);
      const { get, post } = client(`http://127.0.0.1:${port}`);
      await get('/health/ready');
      const sent = request();
      const { conditions: _, ...prefetch } = sent.prefetch;
      const inFlight = post(
        hookPath,
        { ...sent, prefetch, fhirServer: fhir.base },
        await own.authorize(hookPath),
      );
      await arrived.promise;
      started.child.kill('SIGTERM');
      await started.until(/"event":"draining"/);
      assert.equal((await get('/health/ready')).status, 503);
      refused(await post(hookPath, sent, await own.authorize(hookPath)), 503, 'overloaded');
      assert.equal(cardsOf(await inFlight).length, 1);
      const { code, stdout, stderr } = await started.ended;
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /"event":"stopped"/);
      await fhir.close();
      own.remove();
    });

    it('does not wait for connections that are only kept alive', async () => {
      const started = command(['serve'], { env: { ...ehr.env, PORT: '0' } });
      const [, port] = await started.until(/"event":"listening","port":(\d+)/);
      await client(`http://127.0.0.1:${port}`).get('/health/live');
      const told = performance.now();
      started.child.kill('SIGTERM');
      assert.equal((await started.ended).code, 0);
      console.log(`      stopped ${Math.round(performance.now() - told)} ms after SIGTERM`);
    });
  });
});
