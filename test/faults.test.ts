/**
 * F01–F24 (reliability.md §4): the real app before a real FHIR server, the embedded EHR's, with a proxy between them
 * that spoils the answers. Each fault has its status and reason; no card is ever built on half the data; when the
 * fault is over, the same call is answered as before.
 */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { createLocalJWKSet } from 'jose';
import { createSandbox } from '../sandbox/app.ts';
import { sandboxRegistration } from '../src/hooks/registration.ts';
import type { Decision } from '../src/ledger/decision.ts';
import { createMemoryLedger } from '../src/ledger/memory.ts';
import { type FaultProxy, faultProxy, type Toxic, toxics } from './fault-proxy.ts';
import {
  type Answer,
  cardsOf,
  hookPath,
  listenOn,
  now,
  openHouse,
  refused,
  type Site,
  type TestHouse,
} from './harness.ts';

const budgetMs = 500;

interface FaultCase {
  readonly fault: string;
  readonly toxic: () => Toxic;
  /** `card`, or why the required list is lacking. */
  readonly outcome: string;
  /** How often the server is asked. */
  readonly requests: number;
}

const outcome = (severity: string): string =>
  JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity, code: 'exception' }] });
const status = (code: number, headers?: readonly string[]) => () =>
  toxics.answers(code, outcome('error'), headers);

const faults: Record<string, FaultCase> = {
  F01: { fault: 'latency within the budget', toxic: () => toxics.latency(100), outcome: 'card', requests: 1 },
  F02: {
    fault: 'latency beyond the budget',
    toxic: () => toxics.latency(2_000),
    outcome: 'timeout',
    requests: 2,
  },
  F03: {
    fault: 'one answer that is lost',
    toxic: () => toxics.first(1, toxics.timeout()),
    outcome: 'card',
    requests: 2,
  },
  F05: { fault: 'no answer', toxic: toxics.timeout, outcome: 'timeout', requests: 2 },
  F06: { fault: 'one reset', toxic: () => toxics.first(1, toxics.resetPeer()), outcome: 'card', requests: 2 },
  F07: { fault: 'resets', toxic: toxics.resetPeer, outcome: 'unreachable', requests: 2 },
  F08: {
    fault: 'a connection that is closed late',
    toxic: () => toxics.slowClose(200),
    outcome: 'card',
    requests: 1,
  },
  F09: { fault: 'half an answer', toxic: () => toxics.limitData(600), outcome: 'unreachable', requests: 2 },
  F10: { fault: 'an answer in slices', toxic: () => toxics.slicer(400, 2), outcome: 'card', requests: 1 },
  F11: { fault: 'a narrow band', toxic: () => toxics.slicer(8, 20), outcome: 'timeout', requests: 2 },
  F12: { fault: '401', toxic: status(401), outcome: 'unauthorized', requests: 1 },
  F13: { fault: '403', toxic: status(403), outcome: 'unauthorized', requests: 1 },
  F14: { fault: '404', toxic: status(404), outcome: 'not-found', requests: 1 },
  F15: {
    fault: '429 with a wait that does not fit',
    toxic: status(429, ['retry-after: 5']),
    outcome: 'throttled',
    requests: 1,
  },
  F16: {
    fault: 'one 429 with a wait that fits',
    toxic: () => toxics.first(1, status(429, ['retry-after: 0'])()),
    outcome: 'card',
    requests: 2,
  },
  F17: { fault: '503', toxic: status(503, ['retry-after: 0']), outcome: 'server-error', requests: 1 },
  F18: {
    fault: 'garbage in place of HTTP',
    toxic: () => toxics.says('\0\x01garbage\r\n\r\n'),
    outcome: 'unreachable',
    requests: 1,
  },
  F19: {
    fault: 'a login page',
    toxic: () => toxics.answers(200, '<html>', ['content-type: text/html']),
    outcome: 'invalid-response',
    requests: 1,
  },
  F20: {
    fault: 'an OperationOutcome with 200',
    toxic: () => toxics.answers(200, outcome('error')),
    outcome: 'operation-outcome',
    requests: 1,
  },
};

describe('faults of the FHIR server', function () {
  this.timeout(20_000);
  let house: TestHouse;
  let site: Site;
  /** One whose whole answer is due before its reads. */
  let hasty: Site;
  let proxy: FaultProxy;
  let recorded: Decision[];
  let headline: string;
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    house = await openHouse();
    let port = 0;
    proxy = await faultProxy(() => port);
    const client = { clientId: 'auscult', redirectUris: [], keys: createLocalJWKSet({ keys: [] }) };
    const sandbox = await listenOn(await createSandbox({ origin: proxy.origin, now, client }));
    port = Number(new URL(sandbox.url).port);
    const memory = createMemoryLedger();
    const record = async (decision: Decision): Promise<void> => {
      recorded.push(decision);
      await memory.record(decision);
    };
    const registration = { ...sandboxRegistration(3000), fhirServers: [`${proxy.origin}/sandbox/fhir`] };
    const common = { ledger: { ...memory, record }, authenticate: async () => registration };
    const settings = { MAX_BODY_BYTES: 2 ** 21, DEADLINE_MS: 4_000, FHIR_DEADLINE_MS: budgetMs };
    site = await house.listen({ ...common, settings });
    hasty = await house.listen({
      ...common,
      settings: { ...settings, DEADLINE_MS: 150, FHIR_DEADLINE_MS: 3_000 },
    });
    closing.push(site.close, hasty.close, sandbox.close, proxy.close, house.close);
    recorded = [];
    headline = cardsOf(await site.post(hookPath, house.request()))[0]?.summary ?? '';
  });
  after(async () => {
    for (const close of closing) await close();
  });
  beforeEach(() => {
    recorded = [];
    proxy.use(toxics.none());
  });
  /** The call with these lists left for the server. */
  const call = (to: Site, ...keys: readonly string[]): Promise<Answer> => {
    const full = house.request();
    const prefetch = Object.fromEntries(Object.entries(full.prefetch).filter(([key]) => !keys.includes(key)));
    return to.post(hookPath, { ...full, prefetch, fhirServer: `${proxy.origin}/sandbox/fhir` });
  };
  const isWhole = (answer: Answer): void => assert.equal(cardsOf(answer)[0]?.summary, headline);
  const lacks = (answer: Answer, reason: string): void => {
    refused(answer, 412, 'required-data-unavailable', `lipids: ${reason}`);
    assert.ok(!answer.text.includes('127.0.0.1') && !answer.text.includes('cards'));
    assert.equal(recorded.length, 0);
  };
  /** The fault is over: the same call is answered, nothing late has come to the ledger, no connection is held. */
  async function recovers(): Promise<void> {
    const before = recorded.length;
    proxy.use(toxics.none());
    isWhole(await call(site, 'lipids'));
    assert.equal(recorded.length, before + 1);
    assert.ok(proxy.open() <= 2, `${proxy.open()} connections`);
  }

  for (const [id, { fault, toxic, outcome: expected, requests }] of Object.entries(faults)) {
    it(`${id}: ${fault}: ${expected === 'card' ? 'a card' : `412 lipids: ${expected}`}, and recovery`, async () => {
      proxy.use(toxic());
      const started = performance.now();
      const answer = await call(site, 'lipids');
      assert.ok(performance.now() - started < budgetMs + 300);
      if (expected === 'card') isWhole(answer);
      else lacks(answer, expected);
      assert.equal(proxy.requests(), requests, 'requests');
      await recovers();
    });
  }

  it('F04: nobody listens: 412 lipids: unreachable, and recovery', async () => {
    await proxy.down();
    lacks(await call(site, 'lipids'), 'unreachable');
    await proxy.up();
    await recovers();
  });

  it('F21: a required list of which only some pages come: 412 lipids: partial, and recovery', async () => {
    const [query = ''] = house.templates.filter(({ key }) => key === 'lipids').map((each) => each.query);
    const half = { ...house.request().prefetch.lipids, link: [{ relation: 'next', url: `${query}&page=2` }] };
    const request = house.request();
    const prefetch = { ...request.prefetch, lipids: half };
    proxy.use(toxics.timeout());
    lacks(
      await site.post(hookPath, { ...request, prefetch, fhirServer: `${proxy.origin}/sandbox/fhir` }),
      'partial',
    );
    await recovers();
  });

  it('F22: an optional list that fails, by each fault: a card, one decision, and recovery', async () => {
    const failing = Object.values(faults).filter(
      (each) => each.outcome !== 'card' && each.outcome !== 'timeout',
    );
    for (const { toxic } of failing) {
      recorded = [];
      proxy.use(toxic());
      isWhole(await call(site, 'encounters'));
      assert.equal(recorded.length, 1);
      await recovers();
    }
  });

  it('F23: the deadline of the answer passes: 503, the late answer is discarded, and recovery', async () => {
    proxy.use(toxics.latency(300));
    refused(await call(hasty, 'lipids'), 503, 'deadline-passed');
    await wait(400);
    assert.equal(recorded.length, 0);
    await recovers();
  });

  it('F24: five calls without an answer: the sixth does not wait for one; after the pause it recovers', async () => {
    proxy.use(toxics.resetPeer());
    for (let failed = 0; failed < 5; failed++) lacks(await call(site, 'lipids'), 'unreachable');
    assert.equal(proxy.requests(), 10);
    proxy.use(toxics.timeout());
    const started = performance.now();
    lacks(await call(site, 'lipids'), 'unreachable');
    assert.ok(performance.now() - started < budgetMs);
    assert.equal(proxy.requests(), 0, 'it is not asked');
    isWhole(await call(site));
    await wait(2_100);
    recorded = [];
    await recovers();
    await recovers();
  });

  it('every fault at once, of every list: 412 names the required ones, and recovery of the whole chart', async () => {
    const all = house.templates.map(({ key }) => key);
    proxy.use(toxics.timeout());
    const answer = await call(site, ...all);
    refused(answer, 412, 'required-data-unavailable', /patient: timeout; conditions: timeout/);
    proxy.use(toxics.none());
    isWhole(await call(site, ...all));
    assert.equal(proxy.requests(), all.length);
  });
});
