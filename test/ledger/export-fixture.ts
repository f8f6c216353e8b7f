/** Decisions and feedback as the ledger gives them out, and a source that is nothing but a list. */
import type { Card, Feedback } from 'cds-hooks-types';
import type { Decision } from '../../src/ledger/decision.ts';
import type { ReceivedFeedback } from '../../src/ledger/feedback-record.ts';
import { newDecisionId } from '../../src/ledger/id.ts';
import type { EntryRange, LedgerEntry } from '../../src/ledger/ledger.ts';
import { decision as fixture } from '../smart-app/decision-fixture.ts';

export const suggestion = { uuid: 'd6f7f2c8-5f4e-4d3a-9f1b-0a1b2c3d4e5f', label: 'Start atorvastatin 40 mg' };

/** A shown decision with its own card, at an encounter on a ward. */
export function shown(more: Partial<Decision> = {}): Decision & { readonly card: string } {
  const card = crypto.randomUUID();
  const cards = fixture.cards.map(
    ({ selectionBehavior: _, ...each }): Card => ({
      ...each,
      uuid: card,
      suggestions: [suggestion],
      selectionBehavior: 'at-most-one',
    }),
  );
  const where = { userId: 'Practitioner/123', encounterId: 'enc-7', location: 'Ward 3' };
  return { ...fixture, ...where, id: newDecisionId(), cards, ...more, card };
}

export const acted = '2026-11-20T10:05:00.000Z';
export const receivedAt = '2026-11-20T10:05:01.000Z';

export const overridden = (card: string, userComment = 'will monitor'): Feedback => ({
  card,
  outcome: 'overridden',
  overrideReason: {
    reason: { code: 'not-now', system: 'urn:auscult:override-reason', display: 'Not now' },
    userComment,
  },
  outcomeTimestamp: acted,
});

export const accepted = (card: string, ...ids: readonly string[]): Feedback => ({
  card,
  outcome: 'accepted',
  acceptedSuggestions: ids.map((id) => ({ id })),
  outcomeTimestamp: acted,
});

export const received = (feedback: Feedback, more: Partial<ReceivedFeedback> = {}): ReceivedFeedback => ({
  service: fixture.service,
  issuer: fixture.issuer,
  receivedAt,
  feedback,
  status: 'joined',
  ...more,
});

export const feedbackEntry = (feedback: Feedback, decision?: Decision): LedgerEntry => ({
  kind: 'feedback',
  service: fixture.service,
  issuer: fixture.issuer,
  receivedAt,
  feedback,
  ...(decision === undefined ? {} : { decision: decision.id }),
});

export const decisionEntry = (decision: Decision): LedgerEntry => ({ kind: 'decision', decision });

/** A ledger of these entries that counts how often it was read and how many are out at once. */
export function listSource(entries: readonly LedgerEntry[]) {
  const seen = { reads: 0, open: 0, given: 0 };
  const at = (entry: LedgerEntry): number =>
    Date.parse(entry.kind === 'decision' ? entry.decision.decidedAt : entry.receivedAt);
  return {
    seen,
    async *entries({ from, until }: EntryRange = {}): AsyncGenerator<LedgerEntry> {
      seen.reads++;
      seen.open++;
      try {
        for (const entry of entries) {
          if (from !== undefined && at(entry) < from.getTime()) continue;
          if (until !== undefined && at(entry) >= until.getTime()) continue;
          seen.given++;
          yield entry;
        }
      } finally {
        seen.open--;
      }
    },
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
