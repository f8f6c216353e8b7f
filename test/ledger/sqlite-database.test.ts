import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createKeyring } from '../../src/ledger/seal.ts';
import { keyFile, openSqliteDatabase } from '../../src/ledger/sqlite-database.ts';
import { openStorage } from '../../src/ledger/storage.ts';
import { allOf, fresh, issuer, master, newPath, now, patientId, unavailable } from './twins.ts';

describe('ledger/sqlite-database', () => {
  let path: string;
  const open = () => openStorage({ path, keys: createKeyring(master), now });
  beforeEach(() => {
    path = newPath();
  });

  it('survives a restart', async () => {
    const made = fresh();
    const first = await open();
    await first.ledger.record(made);
    await first.close();
    const second = await open();
    assert.deepEqual(await second.ledger.find(made.id, issuer, patientId), made);
    await second.close();
  });

  it('P: every file is its owner’s only', async () => {
    const { ledger, close } = await open();
    await ledger.record(fresh());
    const files = readdirSync(dirname(path));
    assert.ok(files.length >= 4, files.join());
    for (const file of files) assert.equal(statSync(join(dirname(path), file)).mode & 0o077, 0, file);
    await close();
  });

  it('D: commits with WAL and synchronous FULL, and overwrites what it deletes', async () => {
    const database = openSqliteDatabase(path);
    for (const file of ['main', 'keys']) {
      const settings = { journal_mode: 'wal', synchronous: 2n, secure_delete: 1n };
      for (const [name, value] of Object.entries(settings))
        assert.equal((await database.query(`PRAGMA ${file}.${name}`))[0]?.[name], value, `${file} ${name}`);
    }
    await database.close();
  });

  it('a transaction that throws leaves nothing; the next one finds the database free', async () => {
    const database = openSqliteDatabase(path);
    await database.transaction((query) => query('CREATE TABLE t (a INTEGER PRIMARY KEY)'));
    const failing = database.transaction(async (query) => {
      await query('INSERT INTO t VALUES (?)', 1);
      throw new TypeError('ours');
    });
    await assert.rejects(failing, TypeError);
    await database.transaction((query) => query('INSERT INTO t VALUES (?)', 2));
    assert.deepEqual(
      (await database.query('SELECT a FROM t')).map(({ a }) => a),
      [2n],
    );
    await database.close();
  });

  it('transactions and reads take turns', async () => {
    const database = openSqliteDatabase(path);
    await database.transaction((query) => query('CREATE TABLE t (a INTEGER)'));
    const slow = database.transaction(async (query) => {
      await query('INSERT INTO t VALUES (?)', 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await query('INSERT INTO t VALUES (?)', 2);
    });
    const [read] = await Promise.all([database.query('SELECT count(*) AS n FROM t'), slow]);
    assert.equal(read[0]?.n, 2n);
    await database.close();
  });

  it('F: faults when it is closed, when it is held too long, and when the file is none', async () => {
    const { ledger, close } = await open();
    const held = new DatabaseSync(path);
    const database = openSqliteDatabase(path, 10);
    held.exec('BEGIN IMMEDIATE');
    await assert.rejects(
      database.transaction((query) => query('DELETE FROM card')),
      unavailable(),
    );
    held.exec('ROLLBACK');
    held.close();
    await database.close();
    await close();
    await close();
    await assert.rejects(ledger.record(fresh()), unavailable());
    await assert.rejects(ledger.verify(), unavailable());
    const other = newPath();
    mkdirSync(dirname(other));
    writeFileSync(other, 'no database '.repeat(100));
    await assert.rejects(openStorage({ path: other, keys: createKeyring(master) }), unavailable());
  });

  it('F: a disk that is full faults and loses nothing that was acknowledged', async () => {
    const made = fresh();
    const { ledger, close } = await open();
    await ledger.record(made);
    await close();
    const database = openSqliteDatabase(path);
    await database.query('PRAGMA max_page_count = 1');
    const filling = database.transaction((query) =>
      query('INSERT INTO card VALUES (?, ?, ?)', 'x'.repeat(500_000), issuer, 1),
    );
    await assert.rejects(filling, unavailable());
    await database.close();
    const again = await open();
    assert.ok(await again.ledger.find(made.id, issuer, patientId));
    await again.close();
  });

  it('refuses the layout of an unreleased version, and says what to do', async () => {
    mkdirSync(dirname(path));
    const raw = new DatabaseSync(path);
    raw.exec('CREATE TABLE decision (id TEXT PRIMARY KEY); PRAGMA user_version = 1');
    raw.close();
    await assert.rejects(open(), unavailable(/unreleased version: move it away/));
  });

  it('lets others have their turn while it reads, verifies and purges much', async () => {
    const { ledger, close } = await open();
    const made = Array.from({ length: 200 }, () => fresh({ values: [], results: [] }));
    await Promise.all(made.map((each) => ledger.record(each)));
    const turnsOf = async (work: () => Promise<unknown>) => {
      let turns = 0;
      const counting = setInterval(() => {
        turns += 1;
      }, 0);
      await work();
      clearInterval(counting);
      return turns;
    };
    for (const work of [
      () => allOf(ledger.entries()),
      () => ledger.verify(),
      () => ledger.purge(new Date('2027-01-01T00:00:00Z')),
    ])
      assert.ok((await turnsOf(work)) >= 2, String(work));
    await close();
  });

  it('keeps the keys in a file of their own', () => {
    assert.equal(keyFile('a/ledger.sqlite'), 'a/ledger.sqlite.keys');
  });
});
