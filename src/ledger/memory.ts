import type { Feedback } from 'cds-hooks-types';
import { Fault } from '../errors.ts';
import {
  type ChainEnd,
  type ChainedLink,
  checkChain,
  digestOf,
  emptyChain,
  hashOf,
  textOf,
} from './chain.ts';
import type { Decision } from './decision.ts';
import { cardUuids, decisionSaid, feedbackSaid, ledgerEntry, purgeSaid, type Said } from './facts.ts';
import { add, feedbackKey, joined, noReceipt, outcomeInstant, quarantined, repeated } from './feedback.ts';
import type { ChainReport, EntryRange, FeedbackReceipt, Ledger } from './ledger.ts';

/** A link and, until it is purged, the JSON of what it stands for. */
interface Kept extends ChainedLink {
  document: string | undefined;
}

/** The chains by issuer, what is open by kind and name, and the cards by uuid. */
interface Memory {
  readonly chains: Map<string, Kept[]>;
  readonly named: Map<string, Kept>;
  readonly cards: Map<string, Kept>;
}

/**
 * The ledger's in-memory twin: the same promises but one – nothing survives the process, so nothing is sealed.
 * @param now instant at which feedback counts as received and a purge as done; the system's by default
 */
export function createMemoryLedger(now: () => Date = () => new Date()): Ledger {
  const memory: Memory = { chains: new Map(), named: new Map(), cards: new Map() };
  const { chains } = memory;
  return {
    record: async (decision) => record(memory, decision),
    async find(id, issuer, patientId) {
      const kept = known(memory, 'decision', id);
      const decision = kept === undefined ? undefined : decisionIn(kept);
      return decision?.issuer === issuer && decision.patientId === patientId ? decision : undefined;
    },
    recordFeedback: async (service, issuer, feedback) => {
      const told = { service, issuer, at: now().getTime() };
      return feedback.map((each) => keep(memory, told, each)).reduce(add, noReceipt);
    },
    feedbackOf: async (id) =>
      open(memory)
        .filter(({ decision }) => decision === id)
        .map((kept) => documentOf(kept) as Feedback)
        .toSorted((a, b) => outcomeInstant(a) - outcomeInstant(b)),
    async *entries(range = {}) {
      const wanted = open(memory).filter((kept) => kept.kind !== 'purge' && isIn(range, kept));
      yield* wanted.map((kept) => ledgerEntry(kept, documentOf(kept)));
    },
    verify: (heads = new Set()) =>
      Promise.all(
        [...chains.keys()].toSorted().map((issuer) => verify(issuer, chains.get(issuer) ?? [], heads)),
      ),
    rotate: async () => 0,
    purge: async (before) =>
      [...chains.keys()]
        .map((issuer) => purge(memory, issuer, before, now()))
        .reduce((sum, gone) => sum + gone, 0),
    async close() {},
  };
}

const openIn = ({ chains }: Memory, issuer: string): Kept[] =>
  (chains.get(issuer) ?? []).filter(({ document }) => document !== undefined);
const open = (memory: Memory): Kept[] =>
  [...memory.chains.keys()].toSorted().flatMap((issuer) => openIn(memory, issuer));
const nameOf = (kind: string, name: string): string => `${kind} ${name}`;
const known = ({ named }: Memory, kind: string, name: string): Kept | undefined =>
  named.get(nameOf(kind, name));

function append({ chains, named }: Memory, issuer: string, said: Said, document: unknown): Kept {
  const chain = chains.get(issuer) ?? [];
  const text = JSON.stringify(document);
  const link = { ...said, issuer, seq: chain.length + 1, previous: endOf(chain).head };
  const digest = digestOf(text);
  const kept = { ...link, digest, hash: hashOf(textOf(link), digest), document: text };
  chains.set(issuer, chain);
  chain.push(kept);
  named.set(nameOf(kept.kind, kept.name), kept);
  return kept;
}

function record(memory: Memory, decision: Decision): void {
  const uuids = cardUuids(decision);
  if (known(memory, 'decision', decision.id) || uuids.some((uuid) => memory.cards.has(uuid)))
    throw new Fault('ledger-unavailable', ['the decision is already recorded']);
  const kept = append(memory, decision.issuer, decisionSaid(decision), decision);
  for (const uuid of uuids) memory.cards.set(uuid, kept);
}

interface Told {
  readonly service: string;
  readonly issuer: string;
  readonly at: number;
}

function keep(memory: Memory, told: Told, feedback: Feedback): FeedbackReceipt {
  const { service, issuer } = told;
  const name = feedbackKey(service, issuer, feedback);
  if (known(memory, 'feedback', name)) return repeated;
  const issued = memory.cards.get(feedback.card);
  const theirs = issued?.issuer === issuer && decisionIn(issued).service === service;
  const decision = theirs ? issued.name : null;
  append(memory, issuer, feedbackSaid(name, decision, told, feedback), feedback);
  return theirs ? joined : quarantined;
}

function purge(memory: Memory, issuer: string, before: Date, now: Date): number {
  const isOld = ({ decision, at }: Kept) => decision === null && at < before.getTime();
  if (!openIn(memory, issuer).some(isOld)) return 0;
  append(memory, issuer, purgeSaid(before, now), {});
  const kept = openIn(memory, issuer);
  const gone = new Set(kept.flatMap((each) => (isOld(each) && each.kind === 'decision' ? [each.name] : [])));
  for (const each of kept) {
    if (!isOld(each) && !gone.has(each.decision ?? '')) continue;
    each.document = undefined;
    memory.named.delete(nameOf(each.kind, each.name));
  }
  for (const [uuid, { document }] of memory.cards) if (document === undefined) memory.cards.delete(uuid);
  return gone.size;
}

const endOf = (chain: readonly Kept[]): ChainEnd => {
  const last = chain.at(-1);
  return last === undefined ? emptyChain : { length: last.seq, head: last.hash };
};

async function verify(
  issuer: string,
  chain: readonly Kept[],
  heads: ReadonlySet<string>,
): Promise<ChainReport> {
  const links = async function* () {
    yield* chain;
  };
  const holds = async ({ document, digest }: Kept) => document === undefined || digestOf(document) === digest;
  return checkChain(issuer, links(), () => endOf(chain), holds, heads);
}

const documentOf = ({ document }: Kept): unknown => JSON.parse(document ?? 'null');
const decisionIn = (kept: Kept): Decision => documentOf(kept) as Decision;

const isIn = ({ from, until, issuer }: EntryRange, kept: Kept): boolean =>
  (issuer === undefined || kept.issuer === issuer) &&
  (from === undefined || kept.at >= from.getTime()) &&
  (until === undefined || kept.at < until.getTime());
