/** The service's mouth: what an EHR meets on the wire. Rule ids: ../shared/reference/cds-hooks.md, reliability.md. */
import assert from 'node:assert/strict';
import { get as httpGet } from 'node:http';
import type { Discovery } from 'cds-hooks-types';
import { cardViolations } from '../src/card/invariants.ts';
import {
  cardsOf,
  hookPath,
  json,
  openHouse,
  refused,
  type Site,
  service,
  type TestHouse,
} from './harness.ts';

describe('app', () => {
  let house: TestHouse;
  let site: Site;
  before(async () => {
    house = await openHouse();
    site = await house.listen();
  });
  after(async () => {
    await site.close();
    await house.close();
  });

  describe('discovery', () => {
    const discovered = async () => (json(await site.get('/cds-services')) as Discovery).services;

    it('D1: answers 200 with a services array, JSON, not cached', async () => {
      const answer = await site.get('/cds-services');
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json\b/);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.ok(Array.isArray((json(answer) as Discovery).services));
    });

    it('D1: no services are an empty array, not an error', async () => {
      const empty = await house.listen({ offers: new Map() });
      assert.deepEqual(json(await empty.get('/cds-services')), { services: [] });
      await empty.close();
    });

    it('D2, D3: every service says hook, title, description and id, and answers under that id', async () => {
      for (const entry of await discovered()) {
        for (const word of [entry.hook, entry.title, entry.description, entry.id]) {
          assert.ok(typeof word === 'string' && word.trim().length > 0);
        }
        const answer = await site.post(`/cds-services/${entry.id}`, { ...house.request(), hook: entry.hook });
        assert.notEqual(answer.status, 404);
      }
    });

    it('P1: prefetch is string to string, has `patient`, and every token is a 2.0 token', async () => {
      for (const { prefetch = {} } of await discovered()) {
        assert.equal(prefetch.patient, 'Patient/{{context.patientId}}');
        for (const query of Object.values(prefetch)) {
          const tokens = [...query.matchAll(/\{\{(.*?)\}\}/g)].map(([, token = '']) => token);
          assert.ok(tokens.length > 0, query);
          assert.deepEqual(
            tokens.filter((token) => token !== 'context.patientId'),
            [],
          );
        }
      }
    });
  });

  describe('hook call', () => {
    it('A2–A12: the untreated high-risk persona with full prefetch gets one valid card', async () => {
      const answer = await site.post(hookPath, house.request());
      const cards = cardsOf(answer);
      assert.equal(cards.length, 1);
      assert.deepEqual(
        cards.flatMap((card) => cardViolations(card)),
        [],
      );
      assert.match(cards[0]?.summary ?? '', /\d %|\d%/);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json\b/);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.equal(answer.headers.get('x-powered-by'), null);
    });

    it('nothing to say is 200 with no cards', async () => {
      for (const persona of ['treated', 'low-risk', 'known-ascvd', 'missing-cholesterol', 'pregnant']) {
        assert.deepEqual(json(await site.post(hookPath, house.request(persona))), { cards: [] }, persona);
      }
    });

    it('J4: unknown members and extensions are tolerated', async () => {
      const request = {
        ...house.request(),
        extension: { 'com.example': { a: [1] } },
        somethingNew: { x: 1 },
      };
      const context = { ...request.context, 'com.example.more': 'yes' };
      assert.equal(cardsOf(await site.post(hookPath, { ...request, context })).length, 1);
    });

    it('is logged and counted by service and outcome, with nothing of the patient', async () => {
      const own = await house.listen();
      await own.post(hookPath, house.request());
      const [event] = own.logged;
      assert.deepEqual({ ...event, ms: 0 }, { event: 'hook-answered', service, outcome: 'show', ms: 0 });
      assert.match(
        (await own.get('/metrics')).text,
        /auscult_hook_answers_total\{service="cardiovascular-risk",outcome="show"\} 1/,
      );
      await own.close();
    });
  });

  describe('addresses', () => {
    it('an unknown service is 404, for hook and feedback', async () => {
      refused(await site.post('/cds-services/nobody', house.request()), 404, 'unknown-service');
      refused(await site.post('/cds-services/nobody/feedback', {}), 404, 'unknown-service');
      refused(await site.post('/cds-services/__proto__', house.request()), 404, 'unknown-service');
    });

    it('an unknown or unreadable path is 404', async () => {
      for (const path of ['/nothing', `${hookPath}/more/still`, '/cds-services/%E0%A4%A']) {
        refused(await site.post(path, house.request()), 404, 'unknown-path');
      }
    });

    it('a wrong method is 405 and says which is right', async () => {
      const wrong = [
        ['GET', hookPath, 'POST'],
        ['DELETE', hookPath, 'POST'],
        ['PUT', `${hookPath}/feedback`, 'POST'],
        ['POST', '/cds-services', 'GET, HEAD'],
        ['POST', '/health/live', 'GET, HEAD'],
        ['DELETE', '/metrics', 'GET, HEAD'],
      ] as const;
      for (const [method, path, allow] of wrong) {
        const answer = await site.get(path, { method });
        refused(answer, 405, 'method-not-allowed');
        assert.equal(answer.headers.get('allow'), allow, `${method} ${path}`);
      }
    });

    it('the sandbox gets its page and what is under /sandbox, whole, and no other address', async () => {
      const passed: string[] = [];
      const own = await house.listen({
        sandbox: (req, res) => {
          passed.push(`${req.method} ${req.url}`);
          res.end();
        },
      });
      const paths = ['/?patient=a', '/sandbox', '/sandbox/fhir/Patient/1?_x=%2F', '/sandbox/assets/chart.js'];
      for (const path of paths) assert.equal((await own.get(path)).status, 200, path);
      assert.equal((await own.post('/sandbox/token', {})).status, 200);
      for (const path of ['/sandboxes', '/v2', '/favicon.ico', hookPath.replace('cds', 'CanaryRoute')]) {
        refused(await own.get(path), 404, 'unknown-path');
      }
      assert.deepEqual(passed, [...paths.map((path) => `GET ${path}`), 'POST /sandbox/token']);
      await own.close();
    });

    it('HEAD is answered like GET', async () => {
      assert.equal((await site.get('/cds-services', { method: 'HEAD' })).status, 200);
    });

    it('on loopback a foreign Host is refused: a page may rebind its name to this machine', async () => {
      const own = await house.listen({ hosts: ['localhost', '127.0.0.1', '[::1]'] });
      const statusFor = (host: string) =>
        new Promise((resolve, reject) => {
          const call = httpGet(`${own.url}/cds-services`, { headers: { host } }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          });
          call.on('error', reject);
        });
      for (const host of ['localhost:3000', '127.0.0.1', '[::1]:3000'])
        assert.equal(await statusFor(host), 200);
      for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', '169.254.169.254']) {
        assert.equal(await statusFor(host), 404, host);
      }
      await own.close();
    });

    it('without a sandbox no foreign page gets leave to read', async () => {
      const answer = await site.get('/cds-services', { headers: { origin: 'https://evil.example' } });
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
      refused(await site.get(hookPath, { method: 'OPTIONS' }), 405, 'method-not-allowed');
    });

    it('K9: a browser client may ask before it calls, and is never asked for cookies', async () => {
      const open = await house.listen({ origins: '*' });
      const preflight = await open.get(hookPath, {
        method: 'OPTIONS',
        headers: { origin: 'https://ehr.example', 'access-control-request-method': 'POST' },
      });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
      assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization/);
      assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/);
      assert.equal(preflight.headers.get('access-control-allow-credentials'), null);
      const refusal = await open.post(hookPath, 'null');
      assert.equal(refusal.headers.get('access-control-allow-origin'), '*');
      await open.close();
    });

    it('health: live always, ready only while the house is', async () => {
      let ready = true;
      const own = await house.listen({ ready: () => ready });
      assert.equal((await own.get('/health/ready')).status, 200);
      ready = false;
      assert.equal((await own.get('/health/ready')).status, 503);
      assert.equal((await own.get('/health/live')).status, 200);
      await own.close();
    });
  });
});
