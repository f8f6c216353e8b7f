/** An entry as a row: how it is appended to its issuer's chain, and how it is read back. */
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { type ChainEnd, type ChainedLink, digestOf, emptyChain, hashOf, placeOf, textOf } from './chain.ts';
import { type DataKey, patientIndex } from './data-keys.ts';
import type { Query, Row } from './database.ts';
import type { Said } from './facts.ts';
import { seal, unseal } from './seal.ts';

/** What is to become an entry. */
export interface Draft extends Said {
  readonly patientId: string | null;
  /** JSON, to be sealed. */
  readonly document: string;
  /** Cards that feedback may name. */
  readonly cards: readonly string[];
}

/** An issuer's chain, held by this transaction alone until it ends. */
export interface HeldChain {
  /** The month before which data keys were deleted. */
  readonly shreddedUntil: string;
  append(draft: Draft, key: DataKey): Promise<void>;
  /** Writes how far the chain has come: after the last append. */
  save(): Promise<void>;
}

/** Holds the issuer's chain. Whoever holds several takes them in the order of their names. */
export async function holdChain(query: Query, issuer: string): Promise<HeldChain> {
  const held = (await hold(query, issuer)) ?? (await begin(query, issuer));
  let { length, head } = held;
  return {
    shreddedUntil: held.shredded,
    async append(draft, key) {
      length += 1;
      head = await insert(query, { issuer, seq: length, previous: head }, draft, key);
      for (const uuid of draft.cards) await query(insertCard, uuid, issuer, length);
    },
    save: async () => void (await query(updateChain, length, head, issuer)),
  };
}

const selectChain = 'SELECT length, head, shredded FROM chain WHERE issuer = ? FOR UPDATE';
const updateChain = 'UPDATE chain SET length = ?, head = ? WHERE issuer = ?';
const insertCard = 'INSERT INTO card (uuid, issuer, seq) VALUES (?, ?, ?)';

async function hold(query: Query, issuer: string): Promise<z.infer<typeof chainForm> | undefined> {
  const [row] = await query(selectChain, issuer);
  return row === undefined ? undefined : chainForm.parse(row);
}

async function begin(query: Query, issuer: string): Promise<z.infer<typeof chainForm>> {
  const { length, head } = emptyChain;
  const insertChain = "INSERT INTO chain (issuer, length, head, shredded) VALUES (?, ?, ?, '')";
  await query(`${insertChain} ON CONFLICT DO NOTHING`, issuer, length, head);
  return (await hold(query, issuer)) ?? { length, head, shredded: '' };
}

async function insert(
  query: Query,
  place: Pick<ChainedLink, 'issuer' | 'seq' | 'previous'>,
  { kind, name, decision, at, facts, patientId, document }: Draft,
  key: DataKey,
): Promise<string> {
  const { issuer, seq, previous } = place;
  const text = textOf({ ...place, kind, name, decision, at, facts });
  const patient = patientId === null ? null : patientIndex(key, patientId);
  const sealed = seal(key.sealing, placeOf(text, key.id, patient), document);
  const digest = digestOf(sealed);
  const hash = hashOf(text, digest);
  await query(
    insertEntry,
    ...[issuer, seq, kind, name, decision, at, facts, previous, digest, hash, key.id, patient, sealed],
  );
  return hash;
}

/** Columns of an entry, in their order. */
export const columns =
  'issuer, seq, kind, name, decision, at, facts, previous, digest, hash, data_key, patient, sealed';

const insertEntry = `INSERT INTO entry (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const integer = z.coerce.number();
const endForm = z.object({ length: integer, head: z.string() });
const chainForm = endForm.extend({ shredded: z.string() });
const rowForm = z.object({
  issuer: z.string(),
  seq: integer,
  kind: z.string(),
  name: z.string(),
  decision: z.string().nullable(),
  at: integer,
  facts: z.string(),
  previous: z.string(),
  digest: z.string(),
  hash: z.string(),
  data_key: z.string().nullable(),
  patient: z.string().nullable(),
  sealed: z.instanceof(Uint8Array).nullable(),
});

/** A row of the ledger. Its document, patient and key are null once it was purged. */
export type Entry = z.infer<typeof rowForm>;

export const readEntry = (row: Row): Entry => rowForm.parse(row);

/** How far the issuer's chain says it has come; an empty one where it says nothing. */
export async function chainEnd(query: Query, issuer: string): Promise<ChainEnd> {
  const [row] = await query('SELECT length, head FROM chain WHERE issuer = ?', issuer);
  return row === undefined ? emptyChain : endForm.parse(row);
}

/** Every issuer of whom anything is kept, by name. */
export async function issuersOf(query: Query): Promise<readonly string[]> {
  const rows = await query('SELECT issuer FROM chain UNION SELECT issuer FROM entry');
  return rows.map(({ issuer }) => String(issuer)).toSorted();
}

/** The bytes of an entry's document; undefined when it was purged, altered or moved. */
export function openEntry(entry: Entry, key: DataKey | undefined): Buffer | undefined {
  if (key === undefined || entry.sealed === null) return undefined;
  return unseal(key.sealing, placeOf(textOf(entry), key.id, entry.patient), entry.sealed);
}

/** Before the first seq there can be, even in a chain that was bent. */
export const beforeAll = -Number.MAX_SAFE_INTEGER;

export interface EntriesWanted {
  /** Seq of the last entry that is not wanted. */
  readonly after?: number;
  /** Milliseconds: at or after; before. Both given: purged entries are left out. */
  readonly open?: { readonly from: number; readonly until: number };
}

/** An issuer's entries by seq, read in pages, others served in between; what is appended meanwhile is read as well. */
export async function* entriesOf(
  query: Query,
  issuer: string,
  { after = beforeAll, open }: EntriesWanted = {},
): AsyncGenerator<Entry> {
  const which = open === undefined ? '' : 'AND sealed IS NOT NULL AND at >= ? AND at < ?';
  const sql = `SELECT ${columns} FROM entry WHERE issuer = ? AND seq > ? ${which} ORDER BY seq LIMIT ${pageSize}`;
  const range = open === undefined ? [] : [open.from, open.until];
  for (let seq = after; ; ) {
    const rows = await query(sql, issuer, seq, ...range);
    if (rows.length === 0) return;
    for (const entry of rows.map(readEntry)) {
      yield entry;
      seq = entry.seq;
    }
    await setImmediate();
  }
}

const pageSize = 50;
