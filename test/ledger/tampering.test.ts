/** A real database is bent in every way that a row can be, and each must show. */
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { hashOf, textOf } from '../../src/ledger/chain.ts';
import type { ChainReport } from '../../src/ledger/ledger.ts';
import { createKeyring } from '../../src/ledger/seal.ts';
import { openStorage } from '../../src/ledger/storage.ts';
import { fresh, issuer, master, newPath, now, overridden, type Place, places, service } from './twins.ts';

type Row = Record<string, unknown>;
/** One statement on the database behind the ledger's back. */
type Alter = (sql: string, ...values: (string | number | Uint8Array | null)[]) => Promise<readonly Row[]>;

function alter({ options, postgres }: Place): Alter {
  return async (sql, ...values) => {
    if (postgres !== undefined) {
      let count = 0;
      return postgres.query(
        sql.replaceAll('?', () => `$${++count}`),
        values,
      );
    }
    const raw = new DatabaseSync(options.path);
    raw.prepare('ATTACH DATABASE ? AS keys').run(`${options.path}.keys`);
    const rows = raw.prepare(sql).all(...values);
    raw.close();
    return rows;
  };
}

/** Ten entries: decisions, feedback joined and not, some purged. */
async function fill(place: Place): Promise<void> {
  const { ledger, close } = await openStorage({ ...place.options, keys: createKeyring(master), now });
  for (const day of ['01', '02', '18', '19', '20']) {
    const made = fresh({ decidedAt: `2026-${day < '10' ? '10' : '11'}-${day}T08:00:00Z` });
    await ledger.record(made);
    if (day !== '19') await ledger.recordFeedback(service, issuer, [overridden(made.card)]);
  }
  await ledger.purge(new Date('2026-11-01T00:00:00Z'));
  await ledger.recordFeedback(service, issuer, [overridden('never-issued')]);
  await ledger.record(fresh({ issuer: 'another-ehr' }));
  await close();
}

async function verify(place: Place): Promise<readonly ChainReport[]> {
  const { ledger, close } = await openStorage({ ...place.options, keys: createKeyring(master), now });
  const reports = await ledger.verify();
  await close();
  return reports;
}
const isBroken = (reports: readonly ChainReport[]) => reports.some(({ broken }) => broken.length > 0);

interface Bend {
  readonly how: string;
  readonly seq: number;
  readonly other?: number;
  readonly column?: string;
}

const texts = [
  'kind',
  'name',
  'decision',
  'facts',
  'previous',
  'digest',
  'hash',
  'data_key',
  'patient',
  'issuer',
];
const seq = fc.integer({ min: 1, max: 11 });
const bend: fc.Arbitrary<Bend> = fc.oneof(
  fc.record({ how: fc.constant('edit'), column: fc.constantFrom(...texts), seq }),
  fc.record({ how: fc.constantFrom('later', 'clear', 'delete', 'flip', 'beyond', 'card', 'insert'), seq }),
  fc.record({ how: fc.constantFrom('swap', 'swap sealed', 'copy'), seq, other: seq }),
  fc.record({ how: fc.constantFrom('cut', 'head', 'length', 'no chain', 'no keys', 'other key'), seq }),
);

const where = 'WHERE issuer = ? AND seq = ?';
/** Bends; false where this changes nothing. */
const bends: Readonly<Record<string, (alter: Alter, bend: Bend) => Promise<boolean>>> = {
  async edit(sql, { column = '', seq }) {
    const before = (await sql(`SELECT ${column} AS was FROM entry ${where}`, issuer, seq))[0]?.was;
    const is = before === null ? 'x' : `${String(before)} `;
    await sql(`UPDATE entry SET ${column} = ? ${where}`, is, issuer, seq);
    return true;
  },
  later: async (sql, { seq }) => did(sql(`UPDATE entry SET at = at + 1 ${where}`, issuer, seq)),
  async clear(sql, { seq }) {
    const [row] = await sql(`SELECT sealed FROM entry ${where}`, issuer, seq);
    await sql(`UPDATE entry SET sealed = NULL, patient = NULL, data_key = NULL ${where}`, issuer, seq);
    return row?.sealed !== null;
  },
  delete: async (sql, { seq }) => did(sql(`DELETE FROM entry ${where}`, issuer, seq)),
  async flip(sql, { seq }) {
    const sealed = (await sql(`SELECT sealed FROM entry ${where}`, issuer, seq))[0]?.sealed;
    const bent = sealed instanceof Uint8Array ? Buffer.from(sealed) : Buffer.from([1]);
    bent.writeUInt8(bent.readUInt8(0) ^ 1, 0);
    return did(sql(`UPDATE entry SET sealed = ? ${where}`, bent, issuer, seq));
  },
  beyond: async (sql, { seq }) => did(sql(`UPDATE entry SET seq = seq + 1000 ${where}`, issuer, seq)),
  async card(sql, { seq }) {
    const cards = await sql(`SELECT uuid FROM card ${where}`, issuer, seq);
    await sql(`UPDATE card SET seq = seq + 1 ${where}`, issuer, seq);
    return cards.length > 0;
  },
  async insert(sql, { seq }) {
    const columns = 'kind, name, decision, at, facts, previous, digest, hash, data_key, patient';
    return did(
      sql(
        `INSERT INTO entry (issuer, seq, ${columns}) SELECT issuer, 12, ${columns} FROM entry ${where}`,
        ...[issuer, seq],
      ),
    );
  },
  async swap(sql, { seq, other = seq }) {
    await sql(`UPDATE entry SET seq = -1 ${where}`, issuer, seq);
    await sql(`UPDATE entry SET seq = ? ${where}`, seq, issuer, other);
    await sql(`UPDATE entry SET seq = ? WHERE issuer = ? AND seq = -1`, other, issuer);
    return seq !== other;
  },
  async 'swap sealed'(sql, { seq, other = seq }) {
    const [a] = await sql(`SELECT sealed FROM entry ${where}`, issuer, seq);
    const [b] = await sql(`SELECT sealed FROM entry ${where}`, issuer, other);
    await sql(`UPDATE entry SET sealed = ? ${where}`, bytesOf(b), issuer, seq);
    await sql(`UPDATE entry SET sealed = ? ${where}`, bytesOf(a), issuer, other);
    return seq !== other && !(bytesOf(a) === null && bytesOf(b) === null);
  },
  async copy(sql, { seq, other = seq }) {
    const set = ['kind', 'decision', 'at', 'facts', 'previous', 'digest', 'hash']
      .map((column) => `${column} = (SELECT ${column} FROM entry ${where})`)
      .join();
    const from = Array.from({ length: 7 }, () => [issuer, other]).flat();
    await sql(`UPDATE entry SET ${set} ${where}`, ...from, issuer, seq);
    return seq !== other;
  },
  cut: async (sql, { seq }) => did(sql('DELETE FROM entry WHERE issuer = ? AND seq >= ?', issuer, seq)),
  head: async (sql) => did(sql("UPDATE chain SET head = 'f' WHERE issuer = ?", issuer)),
  length: async (sql, { seq }) =>
    did(sql('UPDATE chain SET length = length + ?', seq % 2 === 0 ? seq : -seq)),
  'no chain': async (sql) => did(sql('DELETE FROM chain WHERE issuer = ?', issuer)),
  'no keys': async (sql) => did(sql('DELETE FROM data_key WHERE issuer = ?', issuer)),
  'other key': async (sql) =>
    did(
      sql(
        'UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE issuer = ?) WHERE issuer = ?',
        ...['another-ehr', issuer],
      ),
    ),
};

async function did(work: Promise<unknown>): Promise<boolean> {
  await work;
  return true;
}
const bytesOf = (row: Row | undefined) => (row?.sealed instanceof Uint8Array ? row.sealed : null);

for (const [name, open] of Object.entries(places)) {
  describe(`tampering: ${name}`, function () {
    this.timeout(120_000);
    let place: Place;
    let restore: () => Promise<void>;
    before(async function () {
      place = await open(this);
      await fill(place);
      restore = place.postgres === undefined ? backup(place.options.path) : await copies(alter(place));
    });
    after(() => place?.remove());

    it('A: finds nothing where nothing was bent', async () => {
      const reports = await verify(place);
      assert.equal(isBroken(reports), false);
      assert.deepEqual(
        reports.map(({ length }) => length),
        [1, 11],
      );
    });

    it('A: every edit, deletion, swap, insertion and cut of any row shows', async () => {
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(bend, async (how) => {
          await restore();
          if (!(await bends[how.how]?.(alter(place), how))) return;
          seen.add(how.how);
          assert.ok(isBroken(await verify(place)), JSON.stringify(how));
        }),
        {
          numRuns: 150,
          examples: Object.keys(bends).map((how): [Bend] => [{ how, seq: 5, other: 8, column: 'name' }]),
        },
      );
      await restore();
      assert.deepEqual([...seen].toSorted(), Object.keys(bends).toSorted());
    });

    it('A: names the entry that was edited', async () => {
      await restore();
      await alter(place)(`UPDATE entry SET facts = '{}' ${where}`, issuer, 7);
      const reports = await verify(place);
      assert.deepEqual(
        reports.map(({ broken }) => broken),
        [[], [7]],
      );
    });

    it('A: whoever recomputes all hashes without the key is found out too', async () => {
      await restore();
      await forge(alter(place));
      const [, report] = await verify(place);
      assert.ok(report !== undefined && report.broken.length > 0);
    });

    it('A: a purge that was written without the key excuses no deletion', async () => {
      await restore();
      await forgePurge(alter(place));
      const [, report] = await verify(place);
      assert.deepEqual(report?.broken.slice(0, 2), [5, 7]);
    });
  });
}

/** Edits an old, purged entry and makes every later hash fit. */
async function forge(sql: Alter): Promise<void> {
  await sql(`UPDATE entry SET facts = ? ${where}`, '{"forged":true}', issuer, 1);
  const rows = await sql('SELECT * FROM entry WHERE issuer = ? ORDER BY seq', issuer);
  let previous = '0'.repeat(64);
  for (const { kind, name, decision, at, facts, seq, digest } of rows) {
    const [number, instant] = [Number(seq), Number(at)];
    const link = { issuer, seq: number, previous, at: instant, facts: String(facts) };
    const decisionId = decision === null ? null : String(decision);
    const text = textOf({ ...link, kind: String(kind), name: String(name), decision: decisionId });
    const hash = hashOf(text, String(digest));
    await sql(`UPDATE entry SET previous = ?, hash = ? ${where}`, previous, hash, issuer, number);
    previous = hash;
  }
  await sql('UPDATE chain SET head = ? WHERE issuer = ?', previous, issuer);
}

/** Clears two decisions and appends a purge, itself purged, that would have had to clear them. */
async function forgePurge(sql: Alter): Promise<void> {
  const [end] = await sql('SELECT length, head FROM chain WHERE issuer = ?', issuer);
  const link = {
    ...{ issuer, seq: Number(end?.length) + 1, previous: String(end?.head), kind: 'purge', name: 'forged' },
    ...{ decision: null, at: 0, facts: '{"before":"2027-01-01T00:00:00.000Z"}' },
  };
  const hash = hashOf(textOf(link), 'f');
  const { seq, previous, kind, name, at, facts } = link;
  await sql(
    `INSERT INTO entry (issuer, seq, kind, name, at, facts, previous, digest, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'f', ?)`,
    ...[issuer, seq, kind, name, at, facts, previous, hash],
  );
  await sql('UPDATE chain SET length = ?, head = ? WHERE issuer = ?', seq, hash, issuer);
  const cleared = 'UPDATE entry SET sealed = NULL, patient = NULL, data_key = NULL';
  await sql(`${cleared} WHERE issuer = ? AND kind = 'decision'`, issuer);
}

/** Puts the files back as they are now. */
function backup(path: string): () => Promise<void> {
  const kept = dirname(newPath());
  cpSync(dirname(path), kept, { recursive: true });
  return async () => {
    rmSync(dirname(path), { recursive: true });
    cpSync(kept, dirname(path), { recursive: true });
  };
}

/** Puts the tables back as they are now. */
async function copies(sql: Alter): Promise<() => Promise<void>> {
  const tables = ['entry', 'chain', 'card', 'data_key'];
  for (const table of tables) await sql(`CREATE TABLE kept_${table} AS TABLE ${table}`);
  return async () => {
    for (const table of tables) {
      await sql(`TRUNCATE ${table}`);
      await sql(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
    }
  };
}
