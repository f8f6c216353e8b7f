/** Recomputes what the ledger promises: every chain, and behind every link the document that was sealed there. */
import { checkChain, digestOf, emptyChain } from './chain.ts';
import type { DataKeys } from './data-keys.ts';
import type { Database, Query } from './database.ts';
import {
  beforeAll,
  chainEnd,
  columns,
  type Entry,
  entriesOf,
  issuersOf,
  openEntry,
  readEntry,
} from './entry.ts';
import { purgedBefore, readDecisionFacts } from './facts.ts';
import type { ChainReport } from './ledger.ts';

/** One report per issuer, by name. @throws Fault ledger-unavailable */
export async function verifyChains(
  database: Database,
  dataKeys: DataKeys,
  heads: ReadonlySet<string>,
): Promise<ChainReport[]> {
  const reports: ChainReport[] = [];
  for (const issuer of await issuersOf(database.query))
    reports.push(await verify(database, dataKeys, issuer, heads));
  return reports;
}

async function verify(
  database: Database,
  dataKeys: DataKeys,
  issuer: string,
  heads: ReadonlySet<string>,
): Promise<ChainReport> {
  const { query } = database;
  let purged = await purgedUntil(query, dataKeys, issuer);
  let end = emptyChain;
  const holds = async (entry: Entry): Promise<boolean> => {
    if (await documentHolds(query, dataKeys, entry, purged)) return true;
    // It may have been purged since it was read.
    purged = await purgedUntil(query, dataKeys, issuer);
    return documentHolds(query, dataKeys, await readAgain(query, entry), purged);
  };
  /** Until the chain has not grown while it was read. */
  async function* links(): AsyncGenerator<Entry> {
    for (let seq = beforeAll, before = Number.NaN; seq !== before; ) {
      before = seq;
      for await (const entry of entriesOf(query, issuer, { after: seq })) {
        yield entry;
        seq = entry.seq;
      }
      end = await chainEnd(query, issuer);
    }
  }
  return checkChain(issuer, links(), () => end, holds, heads);
}

async function readAgain(query: Query, entry: Entry): Promise<Entry> {
  const sql = `SELECT ${columns} FROM entry WHERE issuer = ? AND seq = ?`;
  const [row] = await query(sql, entry.issuer, entry.seq);
  return row === undefined ? entry : readEntry(row);
}

/**
 * Every purge is an entry itself, and says before which instant it cleared. Only one whose document opens counts:
 * anybody can write a row, and the newest purge is never old enough to be cleared itself.
 */
async function purgedUntil(query: Query, dataKeys: DataKeys, issuer: string): Promise<number> {
  const sql = `SELECT ${columns} FROM entry WHERE issuer = ? AND kind = 'purge' AND sealed IS NOT NULL`;
  let until = Number.NEGATIVE_INFINITY;
  for (const entry of (await query(sql, issuer)).map(readEntry)) {
    const before = purgedBefore(entry.facts) ?? until;
    if (before <= until) continue;
    if (openEntry(entry, await dataKeys.byId(query, entry.data_key ?? '')) !== undefined) until = before;
  }
  return until;
}

/** Is the document the one that was sealed here; and where there is none, was it rightly purged? */
async function documentHolds(
  query: Query,
  dataKeys: DataKeys,
  entry: Entry,
  purged: number,
): Promise<boolean> {
  const { sealed, data_key: id, digest, patient, at, decision } = entry;
  if (sealed === null) {
    const cleared = id === null && patient === null;
    return cleared && (decision === null ? at < purged : !(await isOpen(query, decision)));
  }
  if (id === null || digestOf(sealed) !== digest) return false;
  const document = openEntry(entry, await dataKeys.byId(query, id));
  return document !== undefined && (entry.kind !== 'decision' || cardsStand(query, entry));
}

/** Feedback that was joined is purged together with its decision, never before. */
async function isOpen(query: Query, decision: string): Promise<boolean> {
  const sql = "SELECT seq FROM entry WHERE kind = 'decision' AND name = ? AND sealed IS NOT NULL";
  return (await query(sql, decision)).length > 0;
}

/** Do the cards of a decision still lead to it? */
async function cardsStand(query: Query, { issuer, seq, facts }: Entry): Promise<boolean> {
  const cards = readDecisionFacts(facts)?.cards;
  for (const uuid of cards ?? []) {
    const [card] = await query('SELECT issuer, seq FROM card WHERE uuid = ?', uuid);
    if (card?.issuer !== issuer || Number(card.seq) !== seq) return false;
  }
  return cards !== undefined;
}
