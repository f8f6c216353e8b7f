/** Tenants share a database, and never a wait. */
import assert from 'node:assert/strict';
import { createKeyring } from '../../src/ledger/seal.ts';
import { openStorage, type Storage } from '../../src/ledger/storage.ts';
import { fresh, issuer, master, now, overridden, type Place, places, service } from './twins.ts';

describe('ledger: tenants on one PostgreSQL', function () {
  this.timeout(60_000);
  let place: Place;
  let storage: Storage;
  before(async function () {
    assert.ok(places.postgres);
    place = await places.postgres(this);
    storage = await openStorage({ ...place.options, keys: createKeyring(master), now });
  });
  after(async () => {
    await storage?.close();
    await place?.remove();
  });

  it('R: one whose chain is held keeps no other waiting, however much feedback it sends', async () => {
    const { ledger } = storage;
    const other = { issuer: 'another-ehr' };
    await Promise.all([ledger.record(fresh()), ledger.record(fresh(other))]);
    await place.postgres?.query('BEGIN');
    await place.postgres?.query('SELECT head FROM chain WHERE issuer = $1 FOR UPDATE', [issuer]);
    const held = Array.from({ length: 20 }, () => [
      ledger.record(fresh()),
      ledger.recordFeedback(service, issuer, [overridden(crypto.randomUUID())]),
    ]).flat();
    const all = Promise.allSettled(held);
    const startedAt = performance.now();
    await ledger.record(fresh(other));
    await ledger.recordFeedback(service, other.issuer, [overridden(crypto.randomUUID())]);
    const waited = performance.now() - startedAt;
    await place.postgres?.query('ROLLBACK');
    assert.deepEqual(new Set((await all).map(({ status }) => status)), new Set(['fulfilled']));
    assert.ok(waited < 1000, `${waited.toFixed(0)} ms`);
  });
});
