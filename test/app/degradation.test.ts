/** reliability.md §4: what the wire says when something behind it fails, and that nothing is decided then. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../../src/errors.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import { createKeyring, newLedgerKey } from '../../src/ledger/seal.ts';
import { openStorage } from '../../src/ledger/storage.ts';
import { createGate } from '../../src/ops/gate.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { cardsOf, feedbackPath, fhirStub, hookPath, openHouse, refused, type TestHouse } from '../harness.ts';

const overridden = (card: string) => ({
  feedback: [{ card, outcome: 'overridden', outcomeTimestamp: '2026-03-15T10:00:05Z' }],
});

describe('degradation (reliability.md §4)', () => {
  let house: TestHouse;
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  it('a ledger that fails: 503, no card, and the failure is counted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'auscult-app-'));
    const { ledger } = await openStorage({
      path: join(folder, 'l.sqlite'),
      keys: createKeyring(newLedgerKey()),
    });
    await ledger.close();
    const metrics = createMetrics();
    const own = await house.listen({ ledger, metrics });
    refused(await own.post(hookPath, house.request()), 503, 'ledger-unavailable');
    refused(await own.post(feedbackPath, overridden(randomUUID())), 503, 'ledger-unavailable');
    assert.match(await metrics.text(), /auscult_errors_total\{code="ledger-unavailable"\} 2/);
    await own.close();
    rmSync(folder, { recursive: true });
  });

  it('something nobody thought of: 500 that says nothing', async () => {
    const ledger = {
      ...createMemoryLedger(),
      record: () => Promise.reject(new TypeError('patient 4711 is undefined')),
    };
    const own = await house.listen({ ledger });
    const answer = await own.post(hookPath, house.request());
    refused(answer, 500, 'internal');
    assert.ok(!answer.text.includes('4711') && !JSON.stringify(own.logged).includes('4711'));
    await own.close();
  });

  it('the deadline passes: 503, the late decision is discarded, and nobody waits for it', async () => {
    const ledger = { ...createMemoryLedger(), record: () => new Promise<void>(() => {}) };
    const settings = { MAX_BODY_BYTES: 2 ** 21, DEADLINE_MS: 150, FHIR_DEADLINE_MS: 100 };
    const own = await house.listen({ ledger, settings });
    refused(await own.post(hookPath, house.request()), 503, 'deadline-passed');
    await own.close();
  });

  it('the deadline ends a hanging read too', async () => {
    const fhir = await fhirStub(() => {});
    const settings = { MAX_BODY_BYTES: 2 ** 21, DEADLINE_MS: 100, FHIR_DEADLINE_MS: 5_000 };
    const own = await house.listen({ settings, authenticate: async () => fhir.registration });
    const { prefetch: _, ...bare } = house.request();
    refused(await own.post(hookPath, { ...bare, fhirServer: fhir.base }), 503, 'deadline-passed');
    await own.close();
    await fhir.close();
  });

  it('one call more than may be in flight: 503 at once with Retry-After; discovery and health still answer', async () => {
    const arrived = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const memory = createMemoryLedger();
    const ledger = {
      ...memory,
      record: async (decision: Parameters<typeof memory.record>[0]) => {
        arrived.resolve();
        await release.promise;
        return memory.record(decision);
      },
    };
    const own = await house.listen({ ledger, gate: createGate(1) });
    const first = own.post(hookPath, house.request());
    await arrived.promise;
    refused(await own.post(hookPath, house.request()), 503, 'overloaded');
    assert.equal((await own.get('/cds-services')).status, 200);
    assert.equal((await own.get('/health/ready')).status, 200);
    release.resolve();
    assert.equal(cardsOf(await first).length, 1);
    assert.equal(cardsOf(await own.post(hookPath, house.request())).length, 1);
    await own.close();
  });

  it('a model that cannot run: 503 and no card', async () => {
    const broken = house.packages.models.get('prevent');
    const model = {
      ...broken,
      run: () => Promise.reject(new Fault('model-unavailable', ['prevent'])),
    };
    const models = { ...house.packages.models, get: () => model };
    const own = await house.listen({ models });
    refused(await own.post(hookPath, house.request()), 503, 'model-unavailable', 'prevent');
    await own.close();
  });

  it('who is not authenticated gets 401 before a byte of the body counts', async () => {
    const authenticate = () => Promise.reject(new Fault('unauthorized'));
    const own = await house.listen({ authenticate });
    const answers = [
      await own.get('/cds-services'),
      await own.post(hookPath, house.request()),
      await own.post(hookPath, 'not json'),
      await own.post(hookPath, ' '.repeat(2 ** 21 + 1)),
      await own.post(hookPath, '{}', { 'content-type': 'text/plain' }),
      await own.post('/cds-services/nobody', '{}'),
      await own.post(feedbackPath, '{}'),
    ];
    for (const answer of answers) refused(answer, 401, 'unauthorized');
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1, 'K7: one identical body');
    await own.close();
  });
});
