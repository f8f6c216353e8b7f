/** The ledger over a database: durable before it is acknowledged, sealed entry by entry, each linked to the last. */
import type { Feedback } from 'cds-hooks-types';
import { Fault } from '../errors.ts';
import { type DataKeys, monthOf, openDataKeys, patientIndex } from './data-keys.ts';
import { type Database, guarded, type Query } from './database.ts';
import type { Decision, DecisionId } from './decision.ts';
import {
  columns,
  type Draft,
  type Entry,
  entriesOf,
  holdChain,
  issuersOf,
  openEntry,
  readEntry,
} from './entry.ts';
import { cardUuids, decisionSaid, ledgerEntry } from './facts.ts';
import { outcomeInstant } from './feedback.ts';
import { type GroupCommit, groupCommit } from './group-commit.ts';
import type { EntryRange, Ledger, LedgerEntry } from './ledger.ts';
import { migrate } from './migrations.ts';
import { receiveFeedback } from './receive-feedback.ts';
import { purge } from './retention.ts';
import type { Keyring } from './seal.ts';
import { verifyChains } from './verification.ts';

export interface LedgerOptions {
  readonly database: Database;
  readonly keys: Keyring;
  /** Instant at which feedback counts as received and a purge as done; the system's by default. */
  readonly now?: () => Date;
}

interface Recording {
  readonly month: string;
  readonly draft: Draft;
}

/**
 * Brings the database to this version's tables and opens the ledger in it; the ledger closes it. Decisions of
 * one issuer that arrive together share one commit; its feedback is taken one call at a time. No issuer waits for
 * another's chain.
 * @throws Fault ledger-unavailable when the database is down or newer, or a data key does not open with these keys
 */
export async function openLedger({ database, keys, now = () => new Date() }: LedgerOptions): Promise<Ledger> {
  const dataKeys = await guarded(async () => {
    await migrate(database);
    return openDataKeys(database, keys);
  });
  const commits = new Map<string, GroupCommit<Recording, undefined>>();
  const commitOf = (issuer: string) => {
    const known = commits.get(issuer) ?? groupCommit((items) => record(database, dataKeys, issuer, items));
    commits.set(issuer, known);
    return known;
  };
  const inTurn = turnsOf();
  return {
    record: (decision) => guarded(async () => commitOf(decision.issuer).add(recordingOf(decision))),
    find: (...wanted) => guarded(() => find(database.query, dataKeys, ...wanted)),
    recordFeedback: (service, issuer, feedback) => {
      const told = { service, issuer, at: now().getTime() };
      return guarded(() => inTurn(issuer, () => receiveFeedback(database, dataKeys, told, feedback)));
    },
    feedbackOf: (id) => guarded(() => feedbackOf(database.query, dataKeys, id)),
    entries: (range = {}) => entries(database.query, dataKeys, range),
    verify: (heads = new Set()) => guarded(() => verifyChains(database, dataKeys, heads)),
    rotate: () =>
      guarded(async () => {
        const count = await dataKeys.rotate();
        if (count > 0) await database.scrub();
        return count;
      }),
    purge: (before) => guarded(() => purge(database, dataKeys, before, now())),
    async close() {
      await Promise.all([...commits.values()].map(({ idle }) => idle()));
      await guarded(() => database.close());
    },
  };
}

/** As it is now: whatever happens to the object afterwards is not recorded. */
function recordingOf(decision: Decision): Recording {
  const said = decisionSaid(decision);
  const { patientId } = decision;
  const draft: Draft = { ...said, patientId, document: writtenOf(decision), cards: cardUuids(decision) };
  return { month: monthOf(said.at), draft };
}

/** What JSON.stringify gives, member by member: a long text costs it twice as much as the same in short ones. */
function writtenOf(decision: Decision): string {
  const members = Object.entries(decision).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(member)}`],
  );
  return `{${members.join(',')}}`;
}

async function record(
  database: Database,
  dataKeys: DataKeys,
  issuer: string,
  items: readonly Recording[],
): Promise<readonly undefined[]> {
  for (const { month } of items) await dataKeys.provide(issuer, month);
  await database.transaction(async (query) => {
    const chain = await holdChain(query, issuer);
    for (const { month, draft } of items)
      await chain.append(draft, await dataKeys.ofMonth(query, issuer, month, chain.shreddedUntil));
    await chain.save();
  });
  return items.map(() => undefined);
}

/** Work of one name waits for what that name has under way, and for nothing else: it holds one connection at most. */
function turnsOf(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const done = (last.get(name) ?? Promise.resolve()).then(work);
    last.set(
      name,
      done.catch(() => undefined),
    );
    return done;
  };
}

async function find(
  query: Query,
  dataKeys: DataKeys,
  id: DecisionId,
  issuer: string,
  patientId: string,
): Promise<Decision | undefined> {
  const sql = `SELECT ${columns} FROM entry WHERE kind = 'decision' AND name = ? AND sealed IS NOT NULL`;
  const [row] = await query(sql, id);
  if (row === undefined || row.issuer !== issuer) return undefined;
  const entry = readEntry(row);
  const key = await dataKeys.byId(query, entry.data_key ?? '');
  if (key !== undefined && entry.patient !== patientIndex(key, patientId)) return undefined;
  const found = documentIn(entry, openEntry(entry, key)) as Decision;
  return found.issuer === issuer && found.patientId === patientId ? found : undefined;
}

async function feedbackOf(query: Query, dataKeys: DataKeys, id: DecisionId): Promise<readonly Feedback[]> {
  const sql = `SELECT ${columns} FROM entry WHERE decision = ? AND sealed IS NOT NULL ORDER BY issuer, seq`;
  const told: Feedback[] = [];
  for (const entry of (await query(sql, id)).map(readEntry)) {
    told.push((await documentOf(query, dataKeys, entry)) as Feedback);
  }
  return told.toSorted((a, b) => outcomeInstant(a) - outcomeInstant(b));
}

async function* entries(query: Query, dataKeys: DataKeys, range: EntryRange): AsyncGenerator<LedgerEntry> {
  const from = range.from?.getTime() ?? Number.MIN_SAFE_INTEGER;
  const until = range.until?.getTime() ?? Number.MAX_SAFE_INTEGER;
  const issuers = range.issuer === undefined ? await guarded(() => issuersOf(query)) : [range.issuer];
  for (const issuer of issuers) {
    for await (const entry of entriesOf(query, issuer, { open: { from, until } })) {
      if (entry.kind === 'purge') continue;
      yield ledgerEntry(entry, await documentOf(query, dataKeys, entry));
    }
  }
}

const documentOf = async (query: Query, dataKeys: DataKeys, entry: Entry): Promise<unknown> =>
  documentIn(entry, openEntry(entry, await dataKeys.byId(query, entry.data_key ?? '')));

/** What was sealed is what we wrote: its form needs no second check. */
function documentIn(entry: Entry, bytes: Buffer | undefined): unknown {
  if (bytes !== undefined) return JSON.parse(bytes.toString('utf8'));
  const why = `a stored ${entry.kind} was altered, or its data key is gone: it does not open`;
  throw new Fault('ledger-unavailable', [why]);
}
