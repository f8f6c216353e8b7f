/** Data keys: what opens, what does not open any more, and what no file gives away. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { monthOf } from '../../src/ledger/data-keys.ts';
import { createKeyring, newLedgerKey } from '../../src/ledger/seal.ts';
import { openStorage } from '../../src/ledger/storage.ts';
import {
  fresh,
  issuer,
  master,
  newPath,
  now,
  overridden,
  type Place,
  patientId,
  places,
  service,
  unavailable,
} from './twins.ts';

for (const [name, openPlace] of Object.entries(places)) {
  describe(`ledger/data-keys: ${name}`, () => {
    let place: Place;
    beforeEach(async function () {
      place = await openPlace(this);
    });
    afterEach(() => place?.remove());
    const open = (keys = createKeyring(master)) => openStorage({ ...place.options, keys, now });
    const keysIn = () => rowsOf(place, 'SELECT issuer, month, master FROM data_key ORDER BY month, issuer');

    it('P: one key per issuer and calendar month, UTC', async () => {
      const { ledger, close } = await open();
      await ledger.record(fresh({ decidedAt: '2026-10-31T23:59:59.999Z' }));
      await ledger.record(fresh({ decidedAt: '2026-11-01T00:00:00.000Z' }));
      await ledger.record(fresh({ decidedAt: '2026-11-30T00:00:00.000Z' }));
      await ledger.record(fresh({ issuer: 'another-ehr' }));
      await close();
      const found = (await keysIn()).map(({ issuer: whose, month }) => [month, whose]);
      assert.deepEqual(found, [
        ['2026-10', issuer],
        ['2026-11', 'another-ehr'],
        ['2026-11', issuer],
      ]);
      assert.equal(monthOf(Date.parse('2026-11-01T00:30:00+01:00')), '2026-10');
    });

    it('P: the same patient cannot be told from month to month, nor from issuer to issuer', async () => {
      const { ledger, close } = await open();
      for (const more of [{}, { decidedAt: '2026-10-01T00:00:00Z' }, { issuer: 'another-ehr' }])
        await ledger.record(fresh(more));
      await ledger.record(fresh());
      await close();
      const found = await rowsOf(place, 'SELECT DISTINCT patient FROM entry');
      assert.equal(found.length, 3);
    });

    it('P: a copy of what was purged cannot be opened once its key is gone', async () => {
      const [old, told] = [fresh({ decidedAt: '2026-10-01T00:00:00Z' }), fresh()];
      const first = await open();
      await first.ledger.record(old);
      await first.ledger.recordFeedback(service, issuer, [overridden(old.card)]);
      await first.ledger.record(told);
      await first.close();
      const copy = await copyOf(place);
      const second = await open();
      assert.equal(await second.ledger.purge(new Date('2026-11-01T00:00:00Z')), 1);
      await second.close();
      await copy.putBack();
      const third = await open();
      await assert.rejects(third.ledger.find(old.id, issuer, patientId), unavailable(/does not open/));
      await assert.rejects(third.ledger.feedbackOf(old.id), unavailable(/does not open/));
      assert.ok(await third.ledger.find(told.id, issuer, patientId));
      await third.close();
    });

    it('P: within the month, what is older is cleared at once and the key stays for the rest', async () => {
      const { ledger, close } = await open();
      const [old, young] = ['01', '19'].map((day) => fresh({ decidedAt: `2026-11-${day}T00:00:00Z` }));
      for (const each of [old, young]) if (each !== undefined) await ledger.record(each);
      await ledger.purge(new Date('2026-11-10T00:00:00Z'));
      const bytes = await rowsOf(place, "SELECT sealed FROM entry WHERE kind = 'decision' ORDER BY seq");
      assert.equal(bytes[0]?.sealed, null);
      assert.ok(bytes[1]?.sealed instanceof Uint8Array);
      assert.ok(await ledger.find(young?.id ?? old?.id ?? fresh().id, issuer, patientId));
      await close();
    });

    it('refuses a wrong master key by name at the start', async () => {
      const { ledger, close } = await open();
      await ledger.record(fresh());
      await close();
      await assert.rejects(open(createKeyring(newLedgerKey())), unavailable(/LEDGER_KEY is wrong/));
    });

    it('reads with a former key, and after rotation without it', async () => {
      const [old, young] = [fresh({ decidedAt: '2026-10-01T00:00:00Z' }), fresh()];
      const first = await open();
      await first.ledger.record(old);
      await first.close();
      const next = newLedgerKey();
      const both = await open(createKeyring(next, [master]));
      await both.ledger.record(young);
      assert.equal(await both.ledger.rotate(), 1);
      assert.equal(await both.ledger.rotate(), 0);
      assert.ok(await both.ledger.find(old.id, issuer, patientId));
      await both.close();
      const after = await open(createKeyring(next));
      for (const { id } of [old, young]) assert.ok(await after.ledger.find(id, issuer, patientId));
      assert.deepEqual((await after.ledger.verify())[0]?.broken, []);
      await after.close();
      await assert.rejects(open(), unavailable(/LEDGER_KEY is wrong/));
    });

    it('refuses a ledger whose data keys were left behind', async () => {
      const { ledger, close } = await open();
      await ledger.record(fresh());
      await close();
      await rowsOf(place, 'DELETE FROM data_key');
      await assert.rejects(open(), unavailable(/data keys of the ledger are missing/));
    });
  });
}

/** Rows behind the ledger's back. */
async function rowsOf(
  { options, postgres }: Place,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  if (postgres !== undefined) return postgres.query(sql);
  const raw = new DatabaseSync(options.path);
  raw.prepare('ATTACH DATABASE ? AS keys').run(`${options.path}.keys`);
  const rows = raw.prepare(sql).all();
  raw.close();
  return rows;
}

/** The ledger without its keys: the file, or the table of entries as a dump would hold it. */
async function copyOf(place: Place): Promise<{ putBack(): Promise<void> }> {
  const { options, postgres } = place;
  if (postgres === undefined) {
    const copy = newPath();
    cpSync(dirname(options.path), dirname(copy), { recursive: true });
    return { putBack: async () => cpSync(copy, options.path) };
  }
  await postgres.query('CREATE TABLE copy AS TABLE entry');
  return {
    async putBack() {
      await postgres.query('TRUNCATE entry');
      await postgres.query('INSERT INTO entry SELECT * FROM copy');
    },
  };
}

describe('ledger/data-keys: files', () => {
  it('P: no patient id, value, comment or token stands readable in any of them', async () => {
    const path = newPath();
    const { ledger, usedTokens, close } = await openStorage({ path, keys: createKeyring(master), now });
    const { card, ...made } = fresh({ patientId: 'CANARY-PATIENT', reason: 'missing: CANARY-VALUE 148' });
    const cards = made.cards.map((each) => ({ ...each, summary: 'CANARY-SUMMARY' }));
    await ledger.record({ ...made, cards, userId: 'Practitioner/CANARY', encounterId: 'CANARY-ENCOUNTER' });
    const told = { userComment: 'CANARY-COMMENT' };
    const outcomeTimestamp = '2026-11-20T10:00:00Z';
    await ledger.recordFeedback(service, issuer, [
      { card, outcome: 'overridden', overrideReason: told, outcomeTimestamp },
    ]);
    assert.equal(await usedTokens.useOnce(issuer, 'CANARY-JTI', 2e9, 1e9), true);
    let read = '';
    for (const file of readdirSync(dirname(path))) {
      const bytes = readFileSync(join(dirname(path), file)).toString('latin1');
      assert.doesNotMatch(bytes, /CANARY|totalCholesterol|Observation\//, file);
      read += bytes;
    }
    assert.match(read, new RegExp(service));
    assert.ok(!read.includes(Buffer.from(master, 'base64').toString('latin1')));
    await close();
    const [row] = await rowsOf({ options: { path }, remove: async () => {} }, 'SELECT facts FROM entry');
    assert.match(String(row?.facts), /"reason":"missing"/);
  });
});
