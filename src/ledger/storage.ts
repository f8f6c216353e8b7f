/** Everything that must survive the process, in one database. */
import { type Database, guarded } from './database.ts';
import type { Ledger } from './ledger.ts';
import type { Keyring } from './seal.ts';
import { openSqliteDatabase } from './sqlite-database.ts';
import { openLedger } from './stored-ledger.ts';
import { type UsedTokens, usedTokens } from './used-tokens.ts';

export interface StorageOptions {
  /** PostgreSQL; where absent, the file. */
  readonly databaseUrl?: string;
  /** File of the embedded database; its folder is made. Readable by its owner only. */
  readonly path: string;
  readonly keys: Keyring;
  /** The system's clock by default. */
  readonly now?: () => Date;
}

export interface Storage {
  readonly ledger: Ledger;
  readonly usedTokens: UsedTokens;
  /** Lets what is under way finish; then closes the database, the ledger with it. */
  close(): Promise<void>;
}

/**
 * Opens the ledger and the memory of used tokens, and makes their tables where they are missing.
 * @throws Fault ledger-unavailable when the database is down or newer, or its data keys do not open with these keys
 */
export async function openStorage({ databaseUrl, path, ...options }: StorageOptions): Promise<Storage> {
  const database = await guarded(() => openDatabase(databaseUrl, path));
  try {
    const ledger = await openLedger({ ...options, database });
    const { useOnce, idle } = usedTokens(database);
    const close = async () => {
      await idle();
      await ledger.close();
    };
    return { ledger, usedTokens: { useOnce }, close };
  } catch (thrown) {
    await database.close();
    throw thrown;
  }
}

/** What only PostgreSQL needs is loaded where there is one. */
async function openDatabase(databaseUrl: string | undefined, path: string): Promise<Database> {
  if (databaseUrl === undefined) return openSqliteDatabase(path);
  const { openPostgresDatabase } = await import('./postgres-database.ts');
  return openPostgresDatabase(databaseUrl);
}
