/** Feedback as it comes in: a repeat changes nothing, and what names a card that was never issued is set apart. */
import type { Feedback } from 'cds-hooks-types';
import { Fault } from '../errors.ts';
import { type DataKey, type DataKeys, monthOf } from './data-keys.ts';
import type { Database, Query } from './database.ts';
import { columns, type Draft, type Entry, type HeldChain, holdChain, readEntry } from './entry.ts';
import { feedbackSaid, readDecisionFacts } from './facts.ts';
import { add, feedbackKey, joined, noReceipt, quarantined, repeated } from './feedback.ts';
import type { FeedbackReceipt } from './ledger.ts';

/** Who tells it, of which service, and when it arrived. */
interface Told {
  readonly service: string;
  readonly issuer: string;
  readonly at: number;
}

/** All of it in one transaction. @throws Fault ledger-unavailable */
export async function receiveFeedback(
  database: Database,
  dataKeys: DataKeys,
  told: Told,
  feedback: readonly Feedback[],
): Promise<FeedbackReceipt> {
  await dataKeys.provide(told.issuer, monthOf(told.at));
  return database.transaction(async (query) => {
    const chain = await holdChain(query, told.issuer);
    let receipt = noReceipt;
    for (const each of feedback) receipt = add(receipt, await keep(query, dataKeys, chain, told, each));
    await chain.save();
    return receipt;
  });
}

async function keep(
  query: Query,
  dataKeys: DataKeys,
  chain: HeldChain,
  told: Told,
  feedback: Feedback,
): Promise<FeedbackReceipt> {
  const name = feedbackKey(told.service, told.issuer, feedback);
  const known = await query(
    "SELECT seq FROM entry WHERE kind = 'feedback' AND name = ? AND sealed IS NOT NULL",
    name,
  );
  if (known.length > 0) return repeated;
  const decision = await issued(query, feedback.card, told);
  const key = await (decision === undefined
    ? dataKeys.ofMonth(query, told.issuer, monthOf(told.at), chain.shreddedUntil)
    : keyOf(query, dataKeys, decision));
  await chain.append(draftOf(name, decision, told, feedback), key);
  return decision === undefined ? quarantined : joined;
}

/** The decision that issued the card, to this issuer and of this service, as long as it is kept. */
async function issued(query: Query, card: string, { issuer, service }: Told): Promise<Entry | undefined> {
  // No uuid holds NUL, and no text of PostgreSQL can.
  if (card.includes('\0')) return undefined;
  const [row] = await query(
    `SELECT ${columns} FROM entry WHERE (issuer, seq) = (SELECT issuer, seq FROM card WHERE uuid = ?)
     AND issuer = ? AND sealed IS NOT NULL`,
    ...[card, issuer],
  );
  if (row === undefined) return undefined;
  const entry = readEntry(row);
  const facts = readDecisionFacts(entry.facts);
  return facts?.service === service && facts.cards.includes(card) ? entry : undefined;
}

/** Joined feedback is sealed with its decision's key: it lives as long, and no longer. */
async function keyOf(query: Query, dataKeys: DataKeys, { data_key: id }: Entry): Promise<DataKey> {
  const key = await dataKeys.byId(query, id ?? '');
  if (key === undefined) throw new Fault('ledger-unavailable', ['a data key is missing or was altered']);
  return key;
}

const draftOf = (name: string, decision: Entry | undefined, told: Told, feedback: Feedback): Draft => ({
  ...feedbackSaid(name, decision?.name ?? null, told, feedback),
  patientId: null,
  document: JSON.stringify(feedback),
  cards: [],
});
