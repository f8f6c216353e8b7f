/**
 * The ledger's tables. Clear columns hold no chart value and no patient id: a reason is cut to its code, a patient
 * is an HMAC, a document is sealed (seal.ts).
 */
import { Fault } from '../errors.ts';
import type { Database, Query } from './database.ts';

interface Words {
  readonly bytes: string;
  readonly integer: string;
  /** After the columns of a table, and of one that is its own index. */
  readonly strict: string;
  readonly indexed: string;
  /** Statements that only this database needs. */
  readonly also: readonly string[];
}

const words: Readonly<Record<Database['kind'], Words>> = {
  sqlite: { bytes: 'BLOB', integer: 'INTEGER', strict: 'STRICT', indexed: 'STRICT, WITHOUT ROWID', also: [] },
  postgres: {
    bytes: 'BYTEA',
    integer: 'BIGINT',
    strict: '',
    indexed: '',
    // What is sealed does not compress.
    also: ['ALTER TABLE entry ALTER COLUMN sealed SET STORAGE EXTERNAL'],
  },
};

/** Step n brings a database from version n to n + 1. Steps are only ever added. */
const steps: readonly ((words: Words) => readonly string[])[] = [
  ({ bytes, integer, strict, indexed, also }) => [
    `CREATE TABLE chain (
       issuer TEXT PRIMARY KEY, length ${integer} NOT NULL, head TEXT NOT NULL, shredded TEXT NOT NULL
     ) ${indexed}`,
    `CREATE TABLE entry (
       issuer TEXT NOT NULL, seq ${integer} NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, decision TEXT,
       at ${integer} NOT NULL, facts TEXT NOT NULL,
       previous TEXT NOT NULL, digest TEXT NOT NULL, hash TEXT NOT NULL,
       data_key TEXT, patient TEXT, sealed ${bytes}, PRIMARY KEY (issuer, seq)
     ) ${strict}`,
    ...also,
    'CREATE UNIQUE INDEX entry_by_name ON entry (kind, name) WHERE sealed IS NOT NULL',
    'CREATE INDEX entry_by_time ON entry (issuer, at) WHERE sealed IS NOT NULL AND decision IS NULL',
    'CREATE INDEX entry_by_decision ON entry (decision) WHERE sealed IS NOT NULL AND decision IS NOT NULL',
    "CREATE INDEX entry_purge ON entry (issuer) WHERE kind = 'purge'",
    `CREATE TABLE card (uuid TEXT PRIMARY KEY, issuer TEXT NOT NULL, seq ${integer} NOT NULL) ${indexed}`,
    `CREATE TABLE used_token (
       issuer TEXT NOT NULL, token TEXT NOT NULL, expires_at ${integer} NOT NULL, PRIMARY KEY (issuer, token)
     ) ${indexed}`,
    'CREATE INDEX used_token_by_expiry ON used_token (expires_at)',
  ],
];

/** In SQLite in a file of its own, which no transaction can create together with the ledger's. */
const dataKeys = { sqlite: 'keys.data_key', postgres: 'data_key' } satisfies Record<Database['kind'], string>;

/** Held while two servers start on one PostgreSQL; any number that nothing else on the server uses. */
const lock = 7_211_003_141;

/**
 * Brings the database to this version's tables. Two servers may start at once: one waits for the other.
 * @throws Fault ledger-unavailable when the database was written by a newer version
 */
export async function migrate(database: Database): Promise<void> {
  const { bytes, indexed, integer } = words[database.kind];
  await database.transaction(async (query) => {
    await alone(database, query);
    await query(`CREATE TABLE IF NOT EXISTS ${dataKeys[database.kind]} (
      id TEXT PRIMARY KEY, issuer TEXT NOT NULL, month TEXT NOT NULL, master TEXT NOT NULL,
      wrapped ${bytes} NOT NULL, UNIQUE (issuer, month)) ${indexed}`);
  });
  await database.transaction(async (query) => {
    await alone(database, query);
    await query(`CREATE TABLE IF NOT EXISTS migration (step ${integer} PRIMARY KEY) ${indexed}`);
    const [row] = await query('SELECT count(*) AS done FROM migration');
    await takeSteps(query, Number(row?.done ?? 0), words[database.kind]);
  });
}

/** SQLite's transactions exclude each other anyway. */
async function alone({ kind }: Database, query: Query): Promise<void> {
  if (kind === 'postgres') await query(`SELECT pg_advisory_xact_lock(${lock})`);
}

async function takeSteps(query: Query, done: number, dialect: Words): Promise<void> {
  if (done > steps.length)
    throw new Fault('ledger-unavailable', ['the ledger was written by a newer version']);
  for (const [index, step] of steps.entries()) {
    if (index < done) continue;
    for (const statement of step(dialect)) await query(statement);
    await query('INSERT INTO migration VALUES (?)', index + 1);
  }
}
