import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import express from 'express';
import type { JWK } from 'jose';
import { newDecisionId } from '../../src/ledger/id.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import { type ClientKey, generateClientKey } from '../../src/smart/client-key.ts';
import { smartRoutes } from '../../src/smart/routes.ts';
import type { AppShell, PageView } from '../../src/smart/shell.ts';
import { decision } from '../smart-app/decision-fixture.ts';
import { openTab, type Tab } from './browser-like.ts';
import { type Ehr, listen, startEhr } from './ehr.ts';

/** Pages in words that a test can read. */
const shell: AppShell = {
  assets: new Map([['app-1.css', { type: 'text/css; charset=utf-8', body: Buffer.from('a{}') }]]),
  page: (view: PageView) =>
    JSON.stringify({
      patient: view.patientId,
      decision: view.decision?.id,
      absence: view.absence,
      name: view.banner?.name,
    }),
  notice: (notice, details = []) => `notice:${notice} ${details.join('; ')}`,
};
const patient = (id: string) => ({ resourceType: 'Patient', id, name: [{ text: `Name of ${id}` }] });

describe('smart/routes', () => {
  let ehr: Ehr;
  let foreign: Ehr;
  let server: Server;
  let base: string;
  let ledger: Ledger;
  let key: ClientKey;
  let time: number;

  beforeEach(async () => {
    [ehr, foreign, key] = await Promise.all([startEhr(), startEhr(), generateClientKey()]);
    ledger = createMemoryLedger();
    time = 0;
    const app = express();
    server = createServer(app);
    base = await listen(server);
    const registrations = [
      {
        id: 'ehr-1',
        fhirServers: [`${ehr.fhir}/`],
        allowPrivateNetwork: true,
        app: { clientId: 'auscult-app', origin: 'https://ehr.example.org' },
      },
      { id: 'no-app', fhirServers: ['https://no-app.example.org/fhir'] },
    ];
    app.use(smartRoutes({ registrations, ledger, baseUrl: base, clientKey: key, shell, now: () => time }));
  });
  afterEach(() => {
    ehr.close();
    foreign.close();
    server.close();
    server.closeAllConnections();
  });

  const launchUrl = (iss = ehr.fhir, more = '') =>
    `${base}/app/launch?iss=${encodeURIComponent(iss)}&launch=xyz${more}`;
  const location = (response: Response): string => response.headers.get('location') ?? '';

  /** A whole launch for one patient; returns the page's address. */
  async function launch(tab: Tab, patientId = decision.patientId, appContext?: string): Promise<string> {
    Object.assign(ehr.behaviour.token, {
      patient: patientId,
      ...(appContext === undefined ? {} : { appContext }),
    });
    ehr.behaviour.patient = patient(patientId);
    const begun = await tab.get(launchUrl());
    const ended = await tab.get(ehr.authorize(location(begun)));
    assert.equal(ended.status, 303, await ended.text());
    return location(ended);
  }
  async function record(patientId = decision.patientId) {
    const made = { ...decision, id: newDecisionId(), issuer: 'ehr-1', patientId, cards: [] };
    await ledger.record(made);
    return made;
  }

  describe('launch', () => {
    it('SMART 3, 5: asks for a code with PKCE S256, state, aud and launch', async () => {
      const response = await openTab().get(launchUrl());
      const url = new URL(location(response));
      const query = Object.fromEntries(url.searchParams);
      assert.equal(response.status, 302);
      assert.equal(query.response_type, 'code');
      assert.equal(query.client_id, 'auscult-app');
      assert.equal(query.aud, ehr.fhir);
      assert.equal(query.launch, 'xyz');
      assert.equal(query.redirect_uri, `${base}/app/callback`);
      assert.equal(query.code_challenge_method, 'S256');
      assert.equal(query.code_challenge?.length, 43);
      assert.ok(Buffer.from(query.state ?? '', 'base64url').length * 8 >= 122, 'SMART 4: 122 bits of state');
    });

    it('SMART 1: refuses an unregistered iss, or one without the app, and asks nobody anything', async () => {
      const hostile = [
        foreign.fhir,
        'https://no-app.example.org/fhir',
        `${ehr.fhir}/../other`,
        `${ehr.fhir}?x=1`,
        `http://user@${new URL(ehr.fhir).host}/fhir`,
        'file:///etc/passwd',
        'nonsense',
      ];
      for (const iss of hostile) {
        const response = await openTab().get(launchUrl(iss));
        assert.equal(response.status, 403, iss);
        assert.equal(response.headers.getSetCookie().length, 0);
      }
      assert.equal(foreign.seen.length + ehr.seen.length, 0);
    });

    it('refuses iss or launch given twice or not at all', async () => {
      for (const query of ['', '?iss=a', '?launch=b', `?iss=${ehr.fhir}&iss=${foreign.fhir}&launch=x`]) {
        assert.equal((await openTab().get(`${base}/app/launch${query}`)).status, 403, query);
      }
      assert.equal(foreign.seen.length + ehr.seen.length, 0);
    });

    it('SMART 14: URL parameters override nothing', async () => {
      const more = `&fhirServiceUrl=${foreign.fhir}&patientId=thief&clientId=thief&scope=all&redirect_uri=${foreign.fhir}`;
      const url = new URL(location(await openTab().get(launchUrl(ehr.fhir, more))));
      assert.equal(url.searchParams.get('client_id'), 'auscult-app');
      assert.equal(url.searchParams.get('redirect_uri'), `${base}/app/callback`);
      assert.doesNotMatch(url.href, /thief|scope=all/);
      assert.equal(foreign.seen.length, 0);
    });

    it('SMART 14: forwarded headers move neither the redirect nor the host', async () => {
      const headers = { 'x-forwarded-host': 'thief.example', 'x-original-uri': `/?iss=${foreign.fhir}` };
      const url = new URL(location(await openTab().get(launchUrl(), headers)));
      assert.equal(url.searchParams.get('redirect_uri'), `${base}/app/callback`);
      assert.equal(foreign.seen.length, 0);
    });

    it('SMART 5: refuses an authorization server without S256', async () => {
      ehr.behaviour.configuration = (at) => ({
        authorization_endpoint: `${at}/a`,
        token_endpoint: `${at}/t`,
      });
      const response = await openTab().get(launchUrl());
      assert.equal(response.status, 403);
      assert.match(await response.text(), /PKCE/);
    });

    it('SMART 2: a failed discovery is not remembered, a good one is', async () => {
      ehr.behaviour.configurationStatus = 503;
      assert.equal((await openTab().get(launchUrl())).status, 403);
      ehr.behaviour.configurationStatus = 200;
      assert.equal((await openTab().get(launchUrl())).status, 302);
      assert.equal((await openTab().get(launchUrl())).status, 302);
      assert.equal(ehr.seen.length, 2);
    });

    it('SMART 2: resolves relative endpoints', async () => {
      ehr.behaviour.configuration = () => ({
        authorization_endpoint: '/authorize',
        token_endpoint: '../../token',
        code_challenge_methods_supported: ['S256'],
      });
      const url = location(await openTab().get(launchUrl()));
      assert.ok(url.startsWith(`${new URL(ehr.fhir).origin}/authorize?`), url);
    });

    it('sends another name of this host to the configured one before anything else', async () => {
      const other = launchUrl().replace('127.0.0.1', 'localhost');
      const response = await openTab().get(other);
      assert.ok(location(response).startsWith(`${base}/app/launch?`), location(response));
      assert.equal(ehr.seen.length, 0);
    });
  });

  describe('callback', () => {
    it('SMART 7: authenticates with a signed assertion that its JWKS verifies', async () => {
      const tab = openTab();
      await launch(tab);
      const response = await tab.get(`${base}/app/jwks.json`);
      const keys = (await response.json()) as { keys: JWK[] };
      assert.equal(
        keys.keys.some((jwk) => 'd' in jwk),
        false,
      );
      const claims = await ehr.verifyTokenRequest(keys);
      assert.equal(claims.iss, 'auscult-app');
      assert.equal(claims.sub, 'auscult-app');
      assert.ok((claims.exp ?? 0) - Date.now() / 1000 <= 300);
      assert.ok((claims.jti?.length ?? 0) > 20);
    });

    it('SMART 7: a code with + & = and a space arrives as it was', async () => {
      ehr.behaviour.code = 'a+b&c=d e%2F/"é&client_id=thief';
      await launch(openTab());
      const sent = ehr.seen.find(({ url }) => url === '/token')?.body;
      assert.equal(sent?.get('code'), ehr.behaviour.code);
      assert.equal(sent?.get('client_id'), null);
    });

    it('SMART 4: refuses a missing, a wrong and a replayed state', async () => {
      const tab = openTab();
      const callback = ehr.authorize(location(await tab.get(launchUrl())));
      for (const bad of [
        callback.replace(/state=[^&]+/, 'state='),
        callback.replace(/state=../, 'state=zz'),
      ]) {
        assert.equal((await tab.get(bad)).status, 403);
      }
      Object.assign(ehr.behaviour.token, { patient: 'p' });
      assert.equal((await tab.get(callback)).status, 303);
      assert.equal((await tab.get(callback)).status, 403, 'replayed');
      assert.equal(ehr.seen.filter(({ url }) => url === '/token').length, 1);
    });

    it("SMART 4: refuses a state of another browser's session, and of no session", async () => {
      const [victim, thief] = [openTab(), openTab()];
      await victim.get(launchUrl());
      const callback = ehr.authorize(location(await thief.get(launchUrl())));
      assert.match(await (await victim.get(callback)).text(), /other-browser/);
      assert.match(await (await openTab().get(callback)).text(), /cookie-refused/);
      assert.equal(ehr.seen.filter(({ url }) => url === '/token').length, 0);
    });

    it('refuses a launch that took longer than ten minutes', async () => {
      const tab = openTab();
      const callback = ehr.authorize(location(await tab.get(launchUrl())));
      time += 10 * 60_000 + 1;
      assert.equal((await tab.get(callback)).status, 403);
    });

    it('SMART 15: an error of the EHR is a plain page that repeats nothing of the URL', async () => {
      const tab = openTab();
      const state = new URL(ehr.authorize(location(await tab.get(launchUrl())))).searchParams.get('state');
      const error = encodeURIComponent('<script>alert(1)</script>');
      const response = await tab.get(
        `${base}/app/callback?state=${state}&error=access_denied&error_description=${error}`,
      );
      const text = await response.text();
      assert.equal(response.status, 403);
      assert.match(text, /notice:denied/);
      assert.doesNotMatch(text, /script/);
    });

    it('RFC 9207: refuses an answer that names another authorization server', async () => {
      const tab = openTab();
      const callback = ehr.authorize(location(await tab.get(launchUrl())));
      assert.equal((await tab.get(`${callback}&iss=${encodeURIComponent(foreign.fhir)}`)).status, 403);
      assert.equal(ehr.seen.filter(({ url }) => url === '/token').length, 0);
    });

    it('refuses a token response without a patient, and one that is none', async () => {
      for (const token of [
        { access_token: 'x', token_type: 'bearer' },
        { token_type: 'bearer' },
        { error: 'invalid_grant' },
      ]) {
        const tab = openTab();
        ehr.behaviour.token = token;
        const callback = ehr.authorize(location(await tab.get(launchUrl())));
        assert.equal((await tab.get(callback)).status, 403);
      }
    });

    it('SMART 13: neither code nor bearer follows a redirect to a foreign host', async () => {
      const tab = openTab();
      ehr.behaviour.tokenRedirect = `${foreign.fhir}/token`;
      const callback = ehr.authorize(location(await tab.get(launchUrl())));
      assert.equal((await tab.get(callback)).status, 403);
      ehr.behaviour.tokenRedirect = undefined;
      ehr.behaviour.patientRedirect = `${foreign.fhir}/Patient/x`;
      const page = await (await tab.get(await launch(tab))).json();
      assert.equal((page as { name?: string }).name, undefined);
      assert.equal(foreign.seen.length, 0);
      const bearers = ehr.seen.filter(({ authorization }) => authorization === 'Bearer TOKEN-CANARY');
      assert.deepEqual(
        bearers.map(({ url }) => url),
        [`/fhir/Patient/${decision.patientId}`],
      );
    });
  });

  describe('session', () => {
    it('gives a __Host- cookie: HttpOnly, Secure, SameSite=None, Partitioned, Path=/', async () => {
      const response = await fetch(launchUrl(), { redirect: 'manual' });
      const [pair = '', ...attributes] = (response.headers.getSetCookie()[0] ?? '').split('; ');
      assert.match(pair, /^__Host-auscult=[\w-]{43}$/);
      assert.deepEqual(attributes.toSorted(), [
        'HttpOnly',
        'Partitioned',
        'Path=/',
        'SameSite=None',
        'Secure',
      ]);
    });

    it('has a new id after login; the old one is worth nothing', async () => {
      const tab = openTab();
      await tab.get(launchUrl());
      const before = tab.cookie;
      const page = await launch(tab);
      assert.notEqual(tab.cookie, before);
      assert.equal((await openTab(before).get(page)).status, 401);
      assert.equal((await tab.get(page)).status, 200);
    });

    it('SMART 12: opens the decision named in appContext', async () => {
      const made = await record();
      const tab = openTab();
      const page = (await (await tab.get(await launch(tab, made.patientId, made.id))).json()) as Record<
        string,
        string
      >;
      assert.deepEqual(page, {
        patient: made.patientId,
        decision: made.id,
        name: `Name of ${made.patientId}`,
      });
    });

    it('SMART 12: says so when the decision is absent, unknown or of another patient', async () => {
      const other = await record('another-patient');
      for (const [appContext, absence] of [
        [undefined, 'no-context'],
        ['<b>tampered', 'no-context'],
        [newDecisionId(), 'not-found'],
        [other.id, 'not-found'],
      ] as const) {
        const tab = openTab();
        const page = (await (
          await tab.get(await launch(tab, decision.patientId, appContext))
        ).json()) as Record<string, string>;
        assert.equal(page.absence, absence);
        assert.equal(page.decision, undefined);
        delete ehr.behaviour.token.appContext;
      }
    });

    it('two charts in one browser each show their own patient, in any order', async () => {
      const [a, b] = [await record('patient-a'), await record('patient-b')];
      const browser = openTab();
      const pageA = await launch(browser, a.patientId, a.id);
      const pageB = await launch(browser, b.patientId, b.id);
      for (const [page, made] of [
        [pageA, a],
        [pageB, b],
        [pageA, a],
      ] as const) {
        const shown = (await (await browser.get(page)).json()) as Record<string, string>;
        assert.equal(shown.patient, made.patientId);
        assert.equal(shown.decision, made.id);
      }
      assert.equal((await browser.get(`${base}/app/`)).status, 409, 'which one is not guessed');
      const view = { 'x-auscult-view': new URL(pageA).searchParams.get('view') ?? '' };
      assert.equal((await browser.get(`${base}/api/decisions/${a.id}`, view)).status, 200);
      assert.equal((await browser.get(`${base}/api/decisions/${b.id}`, view)).status, 404);
    });

    it('interleaved launches of one browser both arrive', async () => {
      const browser = openTab();
      const first = ehr.authorize(location(await browser.get(launchUrl())));
      const second = ehr.authorize(location(await browser.get(launchUrl())));
      Object.assign(ehr.behaviour.token, { patient: 'p' });
      assert.equal((await browser.get(second)).status, 303);
      assert.equal((await browser.get(first)).status, 303);
    });

    it('ends after an hour without use', async () => {
      const tab = openTab();
      const page = await launch(tab);
      time += 59 * 60_000;
      assert.equal((await tab.get(page)).status, 200);
      time += 61 * 60_000;
      assert.equal((await tab.get(page)).status, 401);
    });

    it("a view is nothing without its session's cookie", async () => {
      const page = await launch(openTab());
      assert.equal((await openTab().get(page)).status, 401);
    });
  });

  describe('api', () => {
    it('answers the decision to its issuer and patient, never to be stored', async () => {
      const made = await record();
      const tab = openTab();
      await launch(tab, made.patientId, made.id);
      const response = await tab.get(`${base}/api/decisions/${made.id}`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.deepEqual(await response.json(), JSON.parse(JSON.stringify(made)));
    });

    it('without a session: 401 and an OperationOutcome', async () => {
      const made = await record();
      const response = await openTab('__Host-auscult=guess').get(`${base}/api/decisions/${made.id}`);
      assert.equal(response.status, 401);
      assert.match(await response.text(), /OperationOutcome.*session-required/);
    });

    it('for another patient, another issuer or no such id: the same 404', async () => {
      const other = await record('another-patient');
      const elsewhere = { ...decision, id: newDecisionId(), issuer: 'ehr-2', cards: [] };
      await ledger.record(elsewhere);
      const tab = openTab();
      await launch(tab);
      const answers = await Promise.all(
        [other.id, elsewhere.id, newDecisionId(), 'x', '%E0%A4%A'].map((id) =>
          tab.get(`${base}/api/decisions/${id}`),
        ),
      );
      assert.ok(answers.every(({ status }) => status === 404));
      const texts = await Promise.all(answers.slice(0, 4).map((answer) => answer.text()));
      assert.equal(new Set(texts).size, 1);
      assert.match(texts[0] ?? '', /decision-not-found/);
    });

    it('takes no other method', async () => {
      const response = await fetch(`${base}/api/decisions/x`, { method: 'POST' });
      assert.equal(response.status, 405);
    });
  });

  describe('headers', () => {
    it("has the exact policy, framed only by the EHR's registered origin", async () => {
      const tab = openTab();
      const response = await tab.get(await launch(tab));
      assert.equal(
        response.headers.get('content-security-policy'),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors https://ehr.example.org",
      );
      assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(response.headers.get('cache-control'), 'no-store');
    });

    it('has them on refusals too', async () => {
      for (const path of ['/app/launch', '/app/callback', '/app/', '/app/nothing', '/api/decisions/x']) {
        const response = await openTab().get(`${base}${path}`);
        assert.ok(response.status >= 400, path);
        assert.match(response.headers.get('content-security-policy') ?? '', /^default-src 'none'/);
        assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
        assert.equal(response.headers.get('cache-control'), 'no-store');
      }
    });

    it('refuses a registration whose origin could add to the policy', () => {
      const app = { clientId: 'x', origin: "'self'; script-src *" };
      const options = { ledger, baseUrl: base, clientKey: key, shell };
      assert.throws(() => smartRoutes({ ...options, registrations: [{ id: 'x', fhirServers: [], app }] }));
    });

    it('keeps assets for good, and knows no others', async () => {
      const response = await openTab().get(`${base}/app/assets/app-1.css`);
      assert.match(response.headers.get('cache-control') ?? '', /immutable/);
      assert.match(response.headers.get('content-type') ?? '', /^text\/css/);
      assert.equal((await openTab().get(`${base}/app/assets/..%2f..%2fpackage.json`)).status, 404);
    });
  });
});
