import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseDown } from '../../src/ledger/database.ts';
import { openPostgresDatabase } from '../../src/ledger/postgres-database.ts';
import { createKeyring } from '../../src/ledger/seal.ts';
import { openStorage, type Storage } from '../../src/ledger/storage.ts';
import { postgresFor, type TestDatabase } from './postgres-server.ts';
import { fresh, issuer, master, now, patientId, unavailable } from './twins.ts';

describe('ledger/postgres-database', () => {
  let place: TestDatabase;
  beforeEach(async function () {
    place = await postgresFor(this);
  });
  afterEach(() => place?.drop());
  const open = () => openStorage({ databaseUrl: place.url, path: '', keys: createKeyring(master), now });

  it('D: commits wait for the disk, whatever the server’s own default', async () => {
    const url = new URL(place.url);
    url.searchParams.set('options', `${url.searchParams.get('options')} -csynchronous_commit=off`);
    const database = await openPostgresDatabase(url.href);
    const seen = await database.transaction((query) => query('SHOW synchronous_commit'));
    assert.equal(seen[0]?.synchronous_commit, 'on');
    await database.close();
  });

  it('F: a statement that is too slow faults, and the next one is answered', async () => {
    const database = await openPostgresDatabase(place.url, { timeoutMs: 300 });
    await assert.rejects(database.query('SELECT pg_sleep(5)'), DatabaseDown);
    await assert.rejects(
      database.transaction((query) => query('SELECT pg_sleep(5)')),
      unavailable(),
    );
    assert.equal((await database.query('SELECT 1 AS one'))[0]?.one, 1);
    await database.close();
  });

  it('F: connections that were cut fault once, and the next call connects anew', async () => {
    const { ledger, close } = await open();
    const made = fresh();
    await ledger.record(made);
    await place.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'auscult' AND pid <> pg_backend_pid()`,
    );
    await eventually(async () => assert.ok(await ledger.find(made.id, issuer, patientId)));
    await ledger.record(fresh());
    await close();
  });

  it('F: a transaction that is cut midway faults and leaves nothing', async () => {
    const database = await openPostgresDatabase(place.url);
    await database.transaction((query) => query('CREATE TABLE t (a BIGINT PRIMARY KEY)'));
    const cut = database.transaction(async (query) => {
      await query('INSERT INTO t VALUES (?)', 1);
      const [row] = await query('SELECT pg_backend_pid() AS pid');
      await place.query('SELECT pg_terminate_backend($1)', [row?.pid]);
      await query('INSERT INTO t VALUES (?)', 2);
    });
    await assert.rejects(cut, DatabaseDown);
    assert.deepEqual(await place.query('SELECT * FROM t'), []);
    await database.close();
  });

  it('a refused row rolls back and is no sign of a database that is down', async () => {
    const database = await openPostgresDatabase(place.url);
    await database.transaction((query) => query('CREATE TABLE t (a BIGINT PRIMARY KEY)'));
    const twice = database.transaction(async (query) => {
      await query('INSERT INTO t VALUES (?)', 1);
      await query('INSERT INTO t VALUES (?)', 1);
    });
    await assert.rejects(twice, (error) => !(error instanceof DatabaseDown));
    assert.deepEqual(await place.query('SELECT * FROM t'), []);
    await database.close();
  });

  it('F: refuses at the start what does not answer, and says nothing of the URL', async () => {
    const url = 'postgres://someone:secret@127.0.0.1:1/none';
    const options = { databaseUrl: url, path: '', keys: createKeyring(master) };
    await assert.rejects(openStorage(options), (error: Error) => {
      assert.ok(unavailable()(error as never));
      assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /secret|someone/);
      return true;
    });
  });

  it('servers append to one issuer’s chain at once; no link is lost or doubled', async () => {
    const servers = await Promise.all([open(), open(), open()]);
    const made = Array.from({ length: 60 }, () => fresh({ values: [], results: [] }));
    await Promise.all(made.map((each, index) => servers[index % 3]?.ledger.record(each)));
    const [report] = (await servers[0]?.ledger.verify()) ?? [];
    assert.deepEqual([report?.length, report?.broken], [60, []]);
    for (const { id } of made) assert.ok(await servers[1]?.ledger.find(id, issuer, patientId));
    for (const { close } of servers) await close();
  });

  it('servers that purge and record at once lose nothing', async () => {
    const servers = await Promise.all([open(), open()]);
    const old = Array.from({ length: 60 }, () => fresh({ decidedAt: '2026-10-02T00:00:00Z', values: [] }));
    await Promise.all(old.map((each) => servers[0]?.ledger.record(each)));
    const young = Array.from({ length: 20 }, () => fresh({ values: [] }));
    const before = new Date('2026-11-01T00:00:00Z');
    const [first, second] = await Promise.all([
      servers[0]?.ledger.purge(before),
      servers[1]?.ledger.purge(before),
      ...young.map((each) => servers[1]?.ledger.record(each)),
    ]);
    assert.equal(Number(first) + Number(second), 60);
    const [report] = (await servers[1]?.ledger.verify()) ?? [];
    assert.deepEqual(report?.broken, []);
    for (const { id } of young) assert.ok(await servers[0]?.ledger.find(id, issuer, patientId));
    for (const { close } of servers) await close();
  });

  describe('behind a network that fails', () => {
    let storage: Storage;
    let network: Network;
    beforeEach(async () => {
      network = await networkTo(place.url);
      storage = await openStorage({ databaseUrl: network.url, path: '', keys: createKeyring(master), now });
    });
    afterEach(async () => {
      network?.mend();
      await storage?.close();
      network?.close();
    });

    it('F: nothing answers: a fault in time, and nothing is acknowledged', async function () {
      this.timeout(20_000);
      const made = fresh();
      await storage.ledger.record(fresh());
      network.stall();
      const begun = performance.now();
      await assert.rejects(storage.ledger.record(made), unavailable());
      assert.ok(performance.now() - begun < 6000);
      network.mend();
      await eventually(() => storage.ledger.record(made));
      assert.ok(await storage.ledger.find(made.id, issuer, patientId));
    });

    it('F: connections are refused: faults, then none once the way is back', async () => {
      network.refuse();
      await assert.rejects(storage.ledger.record(fresh()), unavailable());
      await assert.rejects(storage.usedTokens.useOnce('a', 'jti', 2, 1), unavailable());
      network.mend();
      await eventually(() => storage.ledger.record(fresh()));
      assert.deepEqual((await storage.ledger.verify())[0]?.broken, []);
    });
  });
});

/** Once more, a few times: pooled connections each find out on their own that they were cut. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 8; left > 0; left -= 1) {
    try {
      return await work();
    } catch (thrown) {
      assert.ok(unavailable()(thrown as never), String(thrown));
    }
  }
  return work();
}

interface Network {
  readonly url: string;
  /** Bytes go no further, on old and new connections. */
  stall(): void;
  /** Connections are reset, and so are new ones. */
  refuse(): void;
  mend(): void;
  close(): void;
}

/** A way to the test server that can be cut. */
async function networkTo(base: string): Promise<Network> {
  const target = new URL(base);
  const folder = target.searchParams.get('host');
  const sockets = new Set<Socket>();
  let state: 'open' | 'stalled' | 'refused' = 'open';
  const server: Server = createServer((near) => {
    if (state === 'refused') return void near.resetAndDestroy();
    const far = folder?.startsWith('/')
      ? dial(join(folder, '.s.PGSQL.5432'))
      : dial(Number(target.port || 5432), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => void (state === 'open' && to.write(bytes)));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = new URL(base);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' ? address?.port : '');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: url.href,
    stall: () => {
      state = 'stalled';
    },
    refuse: () => {
      state = 'refused';
      cut();
    },
    mend: () => {
      if (state === 'stalled') cut();
      state = 'open';
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
