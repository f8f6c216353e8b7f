/** The end of the retention period: documents are cleared, their data keys deleted, and the links stay. */
import { setImmediate } from 'node:timers/promises';
import { type DataKeys, monthOf } from './data-keys.ts';
import type { Database, Query } from './database.ts';
import { type Draft, holdChain, issuersOf } from './entry.ts';
import { purgeSaid, readDecisionFacts } from './facts.ts';

/** So many documents are cleared at once; others may write in between. */
const atOnce = 50;

/**
 * Clears what is older than `before`, and deletes the data keys of the months that ended by then. Every purge that
 * clears anything is an entry of its chain.
 * @param now the instant of the purge
 * @returns how many decisions went
 * @throws Fault ledger-unavailable
 */
export async function purge(
  database: Database,
  dataKeys: DataKeys,
  before: Date,
  now: Date,
): Promise<number> {
  let gone = 0;
  let touched = false;
  for (const issuer of await issuersOf(database.query)) {
    if (!(await anythingOld(database.query, issuer, before))) continue;
    touched = true;
    gone += await purgeIssuer(database, dataKeys, { issuer, before, now });
  }
  if (touched) await database.scrub();
  return gone;
}

interface Purge {
  readonly issuer: string;
  readonly before: Date;
  readonly now: Date;
}

async function purgeIssuer(database: Database, dataKeys: DataKeys, purging: Purge): Promise<number> {
  await dataKeys.provide(purging.issuer, monthOf(purging.now.getTime()));
  let gone = 0;
  for (let page = 1; ; page += 1) {
    const kinds = await database.transaction((query) => purgePage(query, dataKeys, purging, page));
    if (kinds.length === 0) return gone;
    gone += kinds.filter((kind) => kind === 'decision').length;
    await setImmediate();
  }
}

/** The kinds of what it cleared; after the last page, none, and the keys are gone. */
async function purgePage(
  query: Query,
  dataKeys: DataKeys,
  purging: Purge,
  page: number,
): Promise<readonly unknown[]> {
  const { issuer, before, now } = purging;
  const chain = await holdChain(query, issuer);
  const old = await query(oldest, issuer, before.getTime());
  if (old.length === 0) {
    await dataKeys.shred(query, issuer, monthOf(before.getTime()));
  } else if (page === 1) {
    const key = await dataKeys.ofMonth(query, issuer, monthOf(now.getTime()), chain.shreddedUntil);
    await chain.append(draftOf(purging), key);
    await chain.save();
  }
  for (const row of old) await clear(query, issuer, row);
  return old.map(({ kind }) => kind);
}

async function anythingOld(query: Query, issuer: string, before: Date): Promise<boolean> {
  const old = await query(oldest, issuer, before.getTime());
  if (old.length > 0) return true;
  const sql = 'SELECT id FROM data_key WHERE issuer = ? AND month < ? LIMIT 1';
  return (await query(sql, issuer, monthOf(before.getTime()))).length > 0;
}

/** Joined feedback is left to its decision. */
const oldest = `SELECT seq, kind, name, facts FROM entry
  WHERE issuer = ? AND sealed IS NOT NULL AND decision IS NULL AND at < ? ORDER BY at LIMIT ${atOnce}`;

const cleared = 'SET sealed = NULL, patient = NULL, data_key = NULL';

async function clear(query: Query, issuer: string, row: Record<string, unknown>): Promise<void> {
  const { seq, kind, name, facts } = row;
  await query(`UPDATE entry ${cleared} WHERE issuer = ? AND seq = ?`, issuer, Number(seq));
  if (kind !== 'decision') return;
  await query(
    `UPDATE entry ${cleared} WHERE decision = ? AND issuer = ? AND sealed IS NOT NULL`,
    String(name),
    issuer,
  );
  for (const uuid of readDecisionFacts(String(facts))?.cards ?? [])
    await query('DELETE FROM card WHERE uuid = ?', uuid);
}

const draftOf = ({ before, now }: Purge): Draft => ({
  ...purgeSaid(before, now),
  patientId: null,
  document: '{}',
  cards: [],
});
