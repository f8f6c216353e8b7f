/** What the ledger says of its entries in clear: no chart value, no patient id. Written once, kept to the letter. */
import type { Feedback } from 'cds-hooks-types';
import { z } from 'zod';
import type { EntryKind, Link } from './chain.ts';
import type { Decision, DecisionId } from './decision.ts';
import type { LedgerEntry } from './ledger.ts';

const decisionForm = z.object({
  service: z.string(),
  outcome: z.string(),
  reason: z.string(),
  /** Digest by model id. */
  models: z.record(z.string(), z.string()),
  /** Uuids of the cards that were issued. */
  cards: z.array(z.string()),
});
const feedbackForm = z.object({ service: z.string(), outcome: z.string() });
const purgeForm = z.object({ before: z.string() });

/** The facts of a decision. */
function decisionFacts(decision: Decision): string {
  const { service, outcome, results } = decision;
  const models = Object.fromEntries(results.map(({ model, digest }) => [model, digest]));
  const facts = { service, outcome, reason: reasonCode(decision.reason), models, cards: cardUuids(decision) };
  return JSON.stringify(facts satisfies z.infer<typeof decisionForm>);
}

/** The facts of feedback on a service's card. */
const feedbackFacts = (service: string, { outcome }: Feedback): string =>
  JSON.stringify({ service, outcome } satisfies z.infer<typeof feedbackForm>);

/** The facts of a purge of what is older than that instant. */
const purgeFacts = (before: Date): string =>
  JSON.stringify({ before: before.toISOString() } satisfies z.infer<typeof purgeForm>);

/** What an entry says in clear, before it has its place in a chain: the same in every ledger, to the letter. */
export type Said = Pick<Link, 'kind' | 'name' | 'decision' | 'at' | 'facts'> & { readonly kind: EntryKind };

export const decisionSaid = (decision: Decision): Said => ({
  kind: 'decision',
  name: decision.id,
  decision: null,
  at: Date.parse(decision.decidedAt),
  facts: decisionFacts(decision),
});

/** @param name its key; @param decision the decision it was joined to, `null` where it is quarantined */
export const feedbackSaid = (
  name: string,
  decision: string | null,
  { service, at }: { readonly service: string; readonly at: number },
  feedback: Feedback,
): Said => ({ kind: 'feedback', name, decision, at, facts: feedbackFacts(service, feedback) });

export const purgeSaid = (before: Date, now: Date): Said => ({
  kind: 'purge',
  name: crypto.randomUUID(),
  decision: null,
  at: now.getTime(),
  facts: purgeFacts(before),
});

/** An entry as it is read out, with what its document says. */
export function ledgerEntry(
  link: Omit<Said, 'kind'> & Pick<Link, 'issuer' | 'kind'>,
  document: unknown,
): LedgerEntry {
  const { kind, issuer, at, decision, facts } = link;
  if (kind === 'decision') return { kind, decision: document as Decision };
  return {
    kind: 'feedback',
    service: read(feedbackForm, facts)?.service ?? '',
    issuer,
    receivedAt: new Date(at).toISOString(),
    feedback: document as Feedback,
    ...(decision === null ? {} : { decision: decision as DecisionId }),
  };
}

/** Reads back facts of a decision; undefined when they are none. */
export const readDecisionFacts = (facts: string): z.infer<typeof decisionForm> | undefined =>
  read(decisionForm, facts);

/** The instant before which a purge cleared, in milliseconds; undefined when these are not its facts. */
export function purgedBefore(facts: string): number | undefined {
  const before = read(purgeForm, facts)?.before;
  return before === undefined ? undefined : Date.parse(before);
}

/** The uuids of the cards that were issued; a card without one cannot be given feedback on. */
export const cardUuids = (decision: Decision): string[] =>
  decision.cards.flatMap(({ uuid }) => (uuid === undefined ? [] : [uuid]));

/** `missing: totalCholesterol` → `missing`. Anything that is not a bare code is not stored in clear. */
function reasonCode(reason: string): string {
  const code = reason.split(':')[0]?.trim() ?? '';
  return /^[a-z][a-z-]{0,63}$/.test(code) ? code : 'other';
}

function read<T>(form: z.ZodType<T>, facts: string): T | undefined {
  try {
    return form.safeParse(JSON.parse(facts)).data;
  } catch {
    return undefined;
  }
}
