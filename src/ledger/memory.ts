import type { Feedback } from 'cds-hooks-types';
import { Fault } from '../errors.ts';
import type { Decision, DecisionId } from './decision.ts';
import { feedbackKey, outcomeInstant } from './feedback.ts';
import type { FeedbackReceipt, Ledger } from './ledger.ts';

interface Kept {
  readonly decision: DecisionId | undefined;
  readonly feedback: Feedback;
  readonly receivedAt: number;
}

/**
 * The ledger's in-memory twin: the same promises but one – nothing survives the process.
 * @param now instant at which quarantined feedback counts as received; the system's by default
 */
export function createMemoryLedger(now: () => Date = () => new Date()): Ledger {
  const decisions = new Map<DecisionId, Decision>();
  const cards = new Map<string, Decision>();
  const kept = new Map<string, Kept>();

  return {
    async record(decision) {
      const uuids = cardUuids(decision);
      if (decisions.has(decision.id) || uuids.some((uuid) => cards.has(uuid))) {
        throw new Fault('ledger-unavailable', ['the decision is already recorded']);
      }
      const copy = structuredClone(decision);
      decisions.set(decision.id, copy);
      for (const uuid of uuids) cards.set(uuid, copy);
    },
    async find(id, issuer, patientId) {
      const decision = decisions.get(id);
      const theirs = decision?.issuer === issuer && decision.patientId === patientId;
      return theirs ? structuredClone(decision) : undefined;
    },
    async recordFeedback(service, issuer, feedback) {
      return feedback.map((each) => keep(service, issuer, each)).reduce(add, noReceipt);
    },
    async feedbackOf(id) {
      return [...kept.values()]
        .filter(({ decision }) => decision === id)
        .map(({ feedback }) => structuredClone(feedback))
        .toSorted((a, b) => outcomeInstant(a) - outcomeInstant(b));
    },
    async purge(before) {
      const old = [...decisions.values()].filter(({ decidedAt }) => Date.parse(decidedAt) < before.getTime());
      for (const decision of old) forget(decision);
      for (const [key, { decision, receivedAt }] of kept) {
        if (decision === undefined && receivedAt < before.getTime()) kept.delete(key);
      }
      return old.length;
    },
    async close() {},
  };

  function keep(service: string, issuer: string, feedback: Feedback): FeedbackReceipt {
    const key = feedbackKey(service, issuer, feedback);
    if (kept.has(key)) return { ...noReceipt, repeated: 1 };
    const issued = cards.get(feedback.card);
    const known = issued?.service === service && issued.issuer === issuer ? issued.id : undefined;
    kept.set(key, { decision: known, feedback: structuredClone(feedback), receivedAt: now().getTime() });
    return known === undefined ? { ...noReceipt, quarantined: 1 } : { ...noReceipt, joined: 1 };
  }

  function forget(decision: Decision): void {
    decisions.delete(decision.id);
    for (const uuid of cardUuids(decision)) cards.delete(uuid);
    for (const [key, each] of kept) if (each.decision === decision.id) kept.delete(key);
  }
}

/** The uuids of the cards that were issued; a card without one cannot be given feedback on. */
export const cardUuids = (decision: Decision): readonly string[] =>
  decision.cards.flatMap(({ uuid }) => (uuid === undefined ? [] : [uuid]));

export const noReceipt: FeedbackReceipt = { joined: 0, repeated: 0, quarantined: 0 };

/** Sum of two receipts. */
export const add = (a: FeedbackReceipt, b: FeedbackReceipt): FeedbackReceipt => ({
  joined: a.joined + b.joined,
  repeated: a.repeated + b.repeated,
  quarantined: a.quarantined + b.quarantined,
});
