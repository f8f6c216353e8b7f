/**
 * Data keys: one random AES-256 key per issuer and calendar month (UTC), wrapped by the master key and kept in the
 * database. Deleting one ends what it sealed, wherever copies of that may lie (reliability.md §5).
 */
import { createHmac, type KeyObject, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../errors.ts';
import type { Database, Query, Row } from './database.ts';
import { derive, type Keyring, seal, unseal, wrongKey } from './seal.ts';

/** An unwrapped data key. */
export interface DataKey {
  readonly id: string;
  readonly sealing: KeyObject;
  readonly index: KeyObject;
}

export interface DataKeys {
  /** Makes the issuer's key of that month durable; before the transaction that seals with it, so that none is lost. */
  provide(issuer: string, month: string): Promise<void>;
  /**
   * The issuer's key of that month, to seal with.
   * @param shreddedUntil months before that one are looked up: another server may have deleted their keys
   * @throws Fault ledger-unavailable when it was deleted meanwhile, or was altered
   */
  ofMonth(query: Query, issuer: string, month: string, shreddedUntil: string): Promise<DataKey>;
  /** Undefined when it is gone, was altered or is wrapped with a master key that was not given. */
  byId(query: Query, id: string): Promise<DataKey | undefined>;
  /** Wraps with the current master key what a former one wrapped. Returns how many. */
  rotate(): Promise<number>;
  /** Deletes the issuer's keys of the months before that one. */
  shred(query: Query, issuer: string, month: string): Promise<void>;
}

/** Calendar month of an instant in milliseconds, UTC: `2026-11`. */
export const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);

/** A patient as the clear columns know them: an HMAC, different in every month and for every issuer. */
export const patientIndex = (key: DataKey, patientId: string): string =>
  createHmac('sha256', key.index).update(patientId).digest('base64url');

const rowForm = z.object({
  id: z.string(),
  issuer: z.string(),
  month: z.string(),
  master: z.string(),
  wrapped: z.instanceof(Uint8Array),
});
type WrappedKey = z.infer<typeof rowForm>;
const columns = 'id, issuer, month, master, wrapped';
const selectMonth = `SELECT ${columns} FROM data_key WHERE issuer = ? AND month = ?`;
const selectId = `SELECT ${columns} FROM data_key WHERE id = ?`;

/**
 * The data keys of that database. Unwrapped ones stay in memory until the next purge.
 * @throws Fault ledger-unavailable when one is wrapped with a master key that was not given, or all are missing
 */
export async function openDataKeys(database: Database, keys: Keyring): Promise<DataKeys> {
  for (const { master } of await database.query('SELECT DISTINCT master FROM data_key'))
    if (keys.byId(String(master)) === undefined) throw wrongKey(String(master));
  await refuseWithoutKeys(database.query);
  const unwrapped = unwrapper(keys);
  const provided = new Map<string, DataKey>();
  const lookUp = async (query: Query, issuer: string, month: string): Promise<DataKey> => {
    const key = unwrapped.read((await query(selectMonth, issuer, month))[0]);
    if (key !== undefined) return key;
    provided.delete(nameOf(issuer, month));
    throw new Fault('ledger-unavailable', ['a data key is missing or was altered']);
  };

  return {
    async provide(issuer, month) {
      if (provided.has(nameOf(issuer, month))) return;
      await database.transaction((query) => insert(query, keys, issuer, month));
      provided.set(nameOf(issuer, month), await lookUp(database.query, issuer, month));
    },
    ofMonth: async (query, issuer, month, shreddedUntil) =>
      (month < shreddedUntil ? undefined : provided.get(nameOf(issuer, month))) ??
      lookUp(query, issuer, month),
    byId: async (query, id) => unwrapped.read((await query(selectId, id))[0]),
    rotate: () => database.transaction((query) => rewrap(query, keys)),
    async shred(query, issuer, month) {
      await query('DELETE FROM data_key WHERE issuer = ? AND month < ?', issuer, month);
      await query('UPDATE chain SET shredded = ? WHERE issuer = ? AND shredded < ?', month, issuer, month);
      unwrapped.forget();
      provided.clear();
    },
  };
}

/** Without any key, nothing sealed can be read: the file beside the ledger's was left behind. */
async function refuseWithoutKeys(query: Query): Promise<void> {
  const sealed = await query('SELECT seq FROM entry WHERE sealed IS NOT NULL LIMIT 1');
  const known = await query('SELECT id FROM data_key LIMIT 1');
  if (sealed.length > 0 && known.length === 0)
    throw new Fault('ledger-unavailable', ['the data keys of the ledger are missing']);
}

const nameOf = (issuer: string, month: string): string => `${month} ${issuer}`;
const placeOf = ({ issuer, month, id }: Pick<WrappedKey, 'issuer' | 'month' | 'id'>): string =>
  JSON.stringify(['data key', issuer, month, id]);

async function insert(query: Query, keys: Keyring, issuer: string, month: string): Promise<void> {
  const id = randomBytes(12).toString('base64url');
  const { id: master, wrapping } = keys.current;
  const wrapped = seal(wrapping, placeOf({ issuer, month, id }), randomBytes(32));
  await query(
    `INSERT INTO data_key (${columns}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ...[id, issuer, month, master, wrapped],
  );
}

/** Reads rows; what was unwrapped before is unwrapped again only where the row has changed. */
function unwrapper(keys: Keyring) {
  const known = new Map<string, { readonly wrapped: Uint8Array; readonly key: DataKey }>();
  return {
    forget: () => known.clear(),
    read(row: Row | undefined): DataKey | undefined {
      if (row === undefined) return undefined;
      const read = rowForm.parse(row);
      const before = known.get(read.id);
      if (before !== undefined && Buffer.compare(before.wrapped, read.wrapped) === 0) return before.key;
      const key = unwrap(keys, read);
      if (key !== undefined) known.set(read.id, { wrapped: read.wrapped, key });
      return key;
    },
  };
}

const secretIn = (keys: Keyring, row: WrappedKey): Buffer | undefined => {
  const master = keys.byId(row.master);
  return master === undefined ? undefined : unseal(master.wrapping, placeOf(row), row.wrapped);
};

function unwrap(keys: Keyring, row: WrappedKey): DataKey | undefined {
  const secret = secretIn(keys, row);
  if (secret === undefined) return undefined;
  return {
    id: row.id,
    sealing: derive(secret, 'auscult ledger sealing'),
    index: derive(secret, 'auscult ledger patient index'),
  };
}

async function rewrap(query: Query, keys: Keyring): Promise<number> {
  const { id: master, wrapping } = keys.current;
  const rows = await query(`SELECT ${columns} FROM data_key WHERE master <> ?`, master);
  for (const row of rows.map((each) => rowForm.parse(each))) {
    const secret = secretIn(keys, row);
    if (secret === undefined) throw wrongKey(row.master);
    const wrapped = seal(wrapping, placeOf(row), secret);
    await query('UPDATE data_key SET master = ?, wrapped = ? WHERE id = ?', master, wrapped, row.id);
  }
  return rows.length;
}
