/** PostgreSQL under the ledger: a pool, one connection per transaction; several servers may share it. */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { Fault } from '../errors.ts';
import { type Database, DatabaseDown, type Query, type Row } from './database.ts';

export interface PostgresOptions {
  /** Longest wait for a connection or one statement, in milliseconds. */
  readonly timeoutMs?: number;
  readonly connections?: number;
}

/** `on`: a commit is on the server's disk, and on its synchronous standby's, before it is acknowledged. */
const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit TO on';

/**
 * Connects. A connection that breaks or is too slow fails what was asked of it and is dropped; the next call
 * connects anew.
 * @throws Fault ledger-unavailable when the server cannot be reached, or does not write its commits to disk
 */
export async function openPostgresDatabase(url: string, options: PostgresOptions = {}): Promise<Database> {
  const pool = poolOf(url, options);
  const query: Query = async (sql, ...values) =>
    (await attempt(() => pool.query<Row>(statement(sql, values)))).rows;
  const database: Database = {
    kind: 'postgres',
    query,
    transaction: (work) => inTransaction(pool, work),
    /** The deleted keys; what they sealed is left to the server's own vacuum, and cannot be opened. */
    scrub: async () => void (await query('VACUUM FULL data_key')),
    close: async () => (pool.ended ? undefined : pool.end()),
  };
  try {
    await refuseForgetful(query);
    return database;
  } catch (thrown) {
    await database.close();
    throw thrown;
  }
}

function poolOf(url: string, { timeoutMs = 2000, connections = 8 }: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: 'auscult',
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    idle_in_transaction_session_timeout: timeoutMs * 2,
    // The server's own limit does not help where the server, or the way to it, is gone.
    query_timeout: timeoutMs + 500,
    keepAlive: true,
  });
  // What breaks while nobody asks is found out by the next who does.
  const unheard = () => undefined;
  pool.on('error', unheard);
  pool.on('connect', (client) => client.on('error', unheard));
  return pool;
}

async function refuseForgetful(query: Query): Promise<void> {
  const [row] = await query("SELECT current_setting('fsync') AS fsync");
  if (row?.fsync !== 'on')
    throw new Fault('ledger-unavailable', [
      'the PostgreSQL server runs with fsync off: it would lose decisions',
    ]);
}

async function inTransaction<T>(pool: pg.Pool, work: (query: Query) => Promise<T>): Promise<T> {
  const client = await attempt(() => pool.connect());
  const query: Query = async (sql, ...values) =>
    (await attempt(() => client.query<Row>(statement(sql, values)))).rows;
  let usable = false;
  try {
    await attempt(() => client.query(begin));
    const result = await work(query);
    const { command } = await attempt(() => client.query('COMMIT'));
    if (command !== 'COMMIT') throw new DatabaseDown(new Error('the transaction was rolled back'));
    usable = true;
    return result;
  } catch (thrown) {
    usable = !(thrown instanceof DatabaseDown) && (await rolledBack(client));
    throw thrown;
  } finally {
    client.release(!usable);
  }
}

async function rolledBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}

const prepared = new Map<string, { readonly name: string; readonly text: string }>();

/** The statement with `$n` for each `?`; parsed once per connection. */
function statement(sql: string, values: readonly unknown[]): pg.QueryConfig<unknown[]> {
  if (values.length === 0) return { text: sql };
  const known = prepared.get(sql) ?? named(sql);
  prepared.set(sql, known);
  return { ...known, values: [...values] };
}

function named(sql: string): { readonly name: string; readonly text: string } {
  let count = 0;
  const text = sql.replaceAll('?', () => `$${++count}`);
  return { name: createHash('sha256').update(sql).digest('hex').slice(0, 32), text };
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw refuses(thrown) ? thrown : new DatabaseDown(thrown);
  }
}

/** SQLSTATE classes that concern one statement: 22 data exception, 23 integrity constraint violation. */
const refuses = (thrown: unknown): boolean =>
  thrown instanceof pg.DatabaseError && /^2[23]/.test(thrown.code ?? '');
