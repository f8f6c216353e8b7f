import assert from 'node:assert/strict';
import type { Database } from '../../src/ledger/database.ts';
import { migrate } from '../../src/ledger/migrations.ts';
import { openPostgresDatabase } from '../../src/ledger/postgres-database.ts';
import { openSqliteDatabase } from '../../src/ledger/sqlite-database.ts';
import { type Place, places, unavailable } from './twins.ts';

const openAt = async ({ options }: Place): Promise<Database> =>
  options.databaseUrl === undefined
    ? openSqliteDatabase(options.path)
    : openPostgresDatabase(options.databaseUrl);

for (const [name, openPlace] of Object.entries(places)) {
  describe(`ledger/migrations: ${name}`, () => {
    let place: Place;
    let database: Database;
    beforeEach(async function () {
      place = await openPlace(this);
      database = await openAt(place);
    });
    afterEach(async () => {
      await database?.close();
      await place?.remove();
    });
    const steps = async () =>
      (await database.query('SELECT step FROM migration')).map(({ step }) => Number(step));

    it('makes the tables once', async () => {
      await migrate(database);
      await migrate(database);
      assert.deepEqual(await steps(), [1]);
      assert.deepEqual(await database.query('SELECT issuer FROM entry'), []);
    });

    // One process has SQLite's file to itself.
    const severally = name === 'postgres' ? it : () => undefined;
    severally('several servers may start at once', async () => {
      const others = await Promise.all([1, 2, 3].map(() => openAt(place)));
      await Promise.all([database, ...others].map(migrate));
      assert.deepEqual(await steps(), [1]);
      for (const other of others) await other.close();
    });

    it('refuses a database of a newer version and leaves it as it is', async () => {
      await migrate(database);
      await database.transaction((query) => query('INSERT INTO migration VALUES (?)', 2));
      await assert.rejects(migrate(database), unavailable(/newer version/));
      assert.deepEqual(await steps(), [1, 2]);
    });
  });
}
