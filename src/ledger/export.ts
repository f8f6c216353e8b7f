import { type AuditOptions, auditDecision, auditFeedback, type Party } from './audit-event.ts';
import { csvLine } from './csv.ts';
import type { Decision, DecisionId } from './decision.ts';
import { type FeedbackRecord, feedbackRecord, type ReceivedFeedback } from './feedback-record.ts';
import type { EntryRange, Ledger, LedgerEntry } from './ledger.ts';
import type { Naming } from './pseudonym.ts';

export type ExportFormat = 'feedback-ndjson' | 'feedback-csv' | 'audit-event';

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Of decisions and feedback by when they were recorded; a decision that feedback answers may be older. */
  readonly range?: EntryRange;
  /** Feedback that is joined to no decision, instead of that which is. `audit-event` holds both, marked. */
  readonly quarantined?: boolean;
  /** Default `left-out`: no patient, no encounter. */
  readonly naming?: Naming;
  /** This server, for audit events. */
  readonly server?: Party;
  /** Issuer → the registered EHR. */
  readonly site?: (issuer: string) => Party | undefined;
}

type Source = Pick<Ledger, 'entries'>;
type FeedbackEntry = Extract<LedgerEntry, { kind: 'feedback' }>;

/**
 * What leaves the ledger, a line at a time: JSON Lines of FeedbackRecord, the same as CSV (RFC 4180, with a header),
 * or JSON Lines of FHIR R4 AuditEvents, decisions first. At most `batch` pieces of feedback and the decisions they
 * answer are in memory at once; the ledger is read once more for each batch.
 * @throws Fault ledger-unavailable; RangeError for a pseudonym key that is too short
 */
export async function* exportEntries(
  ledger: Source,
  options: ExportOptions,
  batch = 2000,
): AsyncGenerator<string> {
  switch (options.format) {
    case 'feedback-ndjson':
      for await (const record of records(ledger, options, batch)) yield line(record);
      return;
    case 'feedback-csv':
      yield csvLine(columns.map(([name]) => name));
      for await (const record of records(ledger, options, batch))
        yield csvLine(columns.map(([, read]) => read(record)));
      return;
    case 'audit-event':
      yield* auditEvents(ledger, options, batch);
  }
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** Column → how it is read. What may occur several times in one record stands in one field, `; ` between. */
const columns: readonly (readonly [string, (record: FeedbackRecord) => string | undefined])[] = [
  ['status', ({ status }) => status],
  ['intervention_service', ({ intervention }) => intervention.service],
  ['intervention_title', ({ intervention }) => intervention.title],
  ['intervention_template', ({ intervention }) => intervention.template],
  ['intervention_card', ({ intervention }) => intervention.card],
  ['intervention_decision', ({ intervention }) => intervention.decision],
  ['intervention_models', ({ intervention }) => intervention.models.map(modelWords).join('; ')],
  ['action_outcome', ({ action }) => action.outcome],
  ['action_suggestion_ids', ({ action }) => action.suggestions.map(({ id }) => id).join('; ')],
  ['action_suggestion_labels', ({ action }) => action.suggestions.map(({ label }) => label ?? '').join('; ')],
  ['feedback_reason_code', ({ userFeedback }) => userFeedback?.reason?.code],
  ['feedback_reason_system', ({ userFeedback }) => userFeedback?.reason?.system],
  ['feedback_reason_display', ({ userFeedback }) => userFeedback?.reason?.display],
  ['feedback_comment', ({ userFeedback }) => userFeedback?.comment],
  ['user', ({ user }) => user],
  ['date_acted', ({ date }) => date.acted],
  ['date_received', ({ date }) => date.received],
  ['date_decided', ({ date }) => date.decided],
  ['location_site', ({ location }) => location.site],
  ['location_site_name', ({ location }) => location.siteName],
  ['location_encounter', ({ location }) => location.encounter],
  ['location_place', ({ location }) => location.place],
  ['patient', ({ patient }) => patient],
];

const modelWords = ({ id, version, digest }: FeedbackRecord['intervention']['models'][number]): string =>
  `${id} ${version} ${digest}`;

async function* records(
  ledger: Source,
  options: ExportOptions,
  batch: number,
): AsyncGenerator<FeedbackRecord> {
  const { naming = 'left-out', site, quarantined = false } = options;
  const siteName = (issuer: string) => site?.(issuer)?.name;
  for await (const [decision, received] of joined(ledger, options.range, batch)) {
    if ((received.status !== 'joined') !== quarantined) continue;
    yield feedbackRecord(decision, received, { naming, siteName });
  }
}

async function* auditEvents(ledger: Source, options: ExportOptions, batch: number): AsyncGenerator<string> {
  const { server = { name: 'auscult' }, site, naming = 'left-out' } = options;
  const audit: AuditOptions = { server, naming, ...(site === undefined ? {} : { site }) };
  for await (const entry of ledger.entries(options.range))
    if (entry.kind === 'decision') yield line(auditDecision(entry.decision, audit));
  for await (const [decision, received] of joined(ledger, options.range, batch))
    yield line(auditFeedback(decision, received, audit));
}

/** Feedback in the ledger's order, each piece with the decision it answers. */
async function* joined(
  ledger: Source,
  range: EntryRange | undefined,
  batch: number,
): AsyncGenerator<readonly [Decision | undefined, ReceivedFeedback]> {
  let waiting: FeedbackEntry[] = [];
  for await (const entry of ledger.entries(range)) {
    if (entry.kind === 'feedback') waiting.push(entry);
    if (waiting.length < batch) continue;
    yield* withDecisions(ledger, range, waiting);
    waiting = [];
  }
  yield* withDecisions(ledger, range, waiting);
}

async function* withDecisions(
  ledger: Source,
  range: EntryRange | undefined,
  entries: readonly FeedbackEntry[],
): AsyncGenerator<readonly [Decision | undefined, ReceivedFeedback]> {
  const wanted = new Set(entries.flatMap(({ decision }) => decision ?? []));
  const decisions = await decisionsOf(ledger, range, wanted);
  for (const { service, issuer, receivedAt, feedback, decision: id } of entries) {
    const decision = id === undefined ? undefined : decisions.get(id);
    const status = id === undefined ? 'quarantined' : decision === undefined ? 'decision-purged' : 'joined';
    yield [decision, { service, issuer, receivedAt, feedback, status }];
  }
}

/** The ledger finds a decision by its patient only, so it is read through, from its beginning. */
async function decisionsOf(
  ledger: Source,
  range: EntryRange = {},
  wanted: ReadonlySet<DecisionId>,
): Promise<ReadonlyMap<DecisionId, Decision>> {
  const found = new Map<DecisionId, Decision>();
  if (wanted.size === 0) return found;
  const { from: _, ...whole } = range;
  for await (const entry of ledger.entries(whole)) {
    if (entry.kind === 'decision' && wanted.has(entry.decision.id))
      found.set(entry.decision.id, slim(entry.decision));
    if (found.size === wanted.size) break;
  }
  return found;
}

/** Without the chart's values, which nothing here reads. */
const slim = (decision: Decision): Decision => {
  const { explanation: _, ...rest } = decision;
  return { ...rest, values: [], outputs: [] };
};
