/**
 * The small port under the one ledger: a database that takes SQL. Its two adapters are node:sqlite (in this process)
 * and PostgreSQL; statements are written once, for both.
 */
import { Fault } from '../errors.ts';

export type Value = string | number | Uint8Array | null;

/** Columns by name. Integers come as bigint or as text, whatever their size: coerce them. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * One statement, with `?` for each value. Gives the rows it reads or returns (`RETURNING`). `FOR UPDATE` at its end
 * holds the row until the transaction ends; a transaction of SQLite holds them all.
 * @throws DatabaseDown when the database does not answer, or not in time; any other error is the statement's own
 */
export type Query = (sql: string, ...values: readonly Value[]) => Promise<readonly Row[]>;

export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  /** One statement that reads. */
  readonly query: Query;
  /** All or nothing, and durable when it resolves. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** Overwrites what was deleted, as far as the database lets one. */
  scrub(): Promise<void>;
  close(): Promise<void>;
}

/** The database cannot be reached, is full, too slow or closed: whatever else is asked of it now fails as well. */
export class DatabaseDown extends Fault {
  constructor(cause: unknown) {
    super('ledger-unavailable', [], cause);
  }
}

/** Whatever was thrown as a fault of the ledger. */
export const unavailable = (thrown: unknown): Fault =>
  thrown instanceof Fault ? thrown : new Fault('ledger-unavailable', [], thrown);

/** The work; what it throws becomes a fault of the ledger. @throws Fault ledger-unavailable */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw unavailable(thrown);
  }
}
