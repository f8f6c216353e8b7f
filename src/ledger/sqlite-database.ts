/**
 * The embedded database: node:sqlite, WAL and synchronous FULL, so that a commit is on the disk before it is
 * acknowledged; deleted bytes are overwritten (secure_delete). The data keys lie in a file of their own beside the
 * ledger's, so that a copy of the ledger alone cannot be opened once they are deleted.
 */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '../errors.ts';
import { type Database, DatabaseDown, type Query, type Row, type Value } from './database.ts';

/** Where the data keys of the ledger in that file lie. */
export const keyFile = (path: string): string => `${path}.keys`;

/**
 * Opens or makes the two files, for their owner only. One connection: transactions and reads take turns.
 * @param busyMs how long another process may hold the file, in milliseconds
 * @throws Fault ledger-unavailable when a file does not open or has the layout of an unreleased version
 */
export function openSqliteDatabase(path: string, busyMs = 2000): Database {
  const connection = attempt(() => connect(path, busyMs));
  const prepared = preparer(connection);
  let turn: Promise<unknown> = Promise.resolve();

  const run: Query = async (sql, ...values) => attempt(() => prepared(sql)(...values));
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  return {
    kind: 'sqlite',
    query: (sql, ...values) => inTurn(() => run(sql, ...values)),
    transaction: (work) => inTurn(() => inTransaction(connection, run, () => work(run))),
    scrub: () => inTurn(async () => attempt(() => connection.exec('PRAGMA wal_checkpoint(TRUNCATE)'))),
    close: () => inTurn(async () => (connection.isOpen ? connection.close() : undefined)),
  };
}

function connect(path: string, busyMs: number): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  for (const file of [path, keyFile(path)]) ownerOnly(file);
  const connection = new DatabaseSync(path, { timeout: busyMs });
  try {
    refuseUnreleased(connection);
    connection.prepare('ATTACH DATABASE ? AS keys').run(keyFile(path));
    for (const file of ['main', 'keys']) {
      connection.exec(`PRAGMA ${file}.journal_mode = WAL; PRAGMA ${file}.synchronous = FULL;
                       PRAGMA ${file}.secure_delete = ON`);
    }
    return connection;
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}

function ownerOnly(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

function refuseUnreleased(connection: DatabaseSync): void {
  if (connection.prepare('PRAGMA user_version').get()?.user_version === 0) return;
  const told = 'the ledger file has the layout of an unreleased version: move it away, and a new one is made';
  throw new Fault('ledger-unavailable', [told]);
}

type Run = (...values: readonly Value[]) => readonly Row[];

/** Statements, each compiled once. One that gives no rows is not asked for them. */
function preparer(connection: DatabaseSync): (sql: string) => Run {
  const known = new Map<string, Run>();
  const compile = (sql: string): Run => {
    const statement = connection.prepare(sql.replace(/ FOR UPDATE$/, ''));
    statement.setReadBigInts(true);
    if (statement.columns().length > 0) return (...values) => statement.all(...values);
    return (...values) => {
      statement.run(...values);
      return [];
    };
  };
  return (sql) => {
    const run = known.get(sql) ?? compile(sql);
    known.set(sql, run);
    return run;
  };
}

async function inTransaction<T>(connection: DatabaseSync, query: Query, work: () => Promise<T>): Promise<T> {
  await query('BEGIN IMMEDIATE');
  try {
    const result = await work();
    await query('COMMIT');
    return result;
  } catch (thrown) {
    if (connection.isOpen && connection.isTransaction) connection.exec('ROLLBACK');
    throw thrown;
  }
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw thrown instanceof Fault || refuses(thrown) ? thrown : new DatabaseDown(thrown);
  }
}

/** Result codes that concern one statement: SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH. */
const refuses = (thrown: unknown): boolean =>
  thrown instanceof Error && 'errcode' in thrown && [18, 19, 20].includes(Number(thrown.errcode) & 0xff);
