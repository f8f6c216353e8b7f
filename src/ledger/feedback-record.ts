import type { Coding, Feedback } from 'cds-hooks-types';
import type { Decision } from './decision.ts';
import { encounterAs, type Naming, patientAs, userAs } from './pseudonym.ts';

/**
 * - `joined`: the decision it answers is here.
 * - `quarantined`: the card was never issued to this EHR and service.
 * - `decision-purged`: it was joined once, but the decision can no longer be read.
 */
export type FeedbackStatus = 'joined' | 'quarantined' | 'decision-purged';

/** One piece of feedback as the ledger keeps it. */
export interface ReceivedFeedback {
  readonly service: string;
  /** Id of the EHR that sent it. */
  readonly issuer: string;
  readonly receivedAt: string;
  readonly feedback: Feedback;
  readonly status: FeedbackStatus;
}

/**
 * What a user did with one card and why: the feedback data of 45 CFR §170.315(b)(11)(ii)(C) – intervention,
 * action taken, user feedback (if any), user, date and location. What is not known is absent, never guessed.
 */
export interface FeedbackRecord {
  readonly status: FeedbackStatus;
  readonly intervention: {
    /** Id of the CDS service. */
    readonly service: string;
    readonly title?: string;
    /** `Card.uuid`. */
    readonly card: string;
    /** Id of the card template that was shown. */
    readonly template?: string;
    readonly decision?: string;
    readonly models: readonly ModelName[];
  };
  readonly action: {
    readonly outcome: Feedback['outcome'];
    readonly suggestions: readonly SuggestionName[];
  };
  readonly userFeedback?: {
    readonly reason?: Coding;
    readonly comment?: string;
    /** Where the client gave its reasons in a list of its own: that list, as it came. */
    readonly reasonsAsSent?: unknown;
  };
  /** As the hook named them: `Practitioner/123`. */
  readonly user?: string;
  /** All UTC. */
  readonly date: { readonly acted: string; readonly received: string; readonly decided?: string };
  readonly location: {
    /** Id of the registered EHR. */
    readonly site: string;
    readonly siteName?: string;
    readonly encounter?: string;
    readonly place?: string;
  };
  readonly patient?: string;
}

export interface ModelName {
  readonly id: string;
  readonly version: string;
  readonly digest: string;
}

/** An accepted suggestion; the label is absent where the card had none of this id. */
export interface SuggestionName {
  readonly id: string;
  readonly label?: string;
}

/** How people and places are named in what leaves the ledger. */
export interface RecordOptions {
  /** Default `left-out`: no patient, no encounter. */
  readonly naming?: Naming;
  /** Issuer → the name of the registered EHR. */
  readonly siteName?: (issuer: string) => string | undefined;
}

/**
 * Feedback and the decision it answers as one computable record. Pure.
 * @param decision undefined where the feedback is not joined to one: the record then says only what was sent
 */
export function feedbackRecord(
  decision: Decision | undefined,
  received: ReceivedFeedback,
  options: RecordOptions = {},
): FeedbackRecord {
  const { feedback, issuer, receivedAt, status } = received;
  const { naming = 'left-out', siteName } = options;
  const user = decision && userAs(decision, naming);
  const patient = decision && patientAs(decision, naming);
  return {
    status,
    intervention: interventionOf(decision, received),
    action: {
      outcome: feedback.outcome,
      suggestions: (feedback.acceptedSuggestions ?? []).map(({ id }) =>
        suggestionName(id, feedback, decision),
      ),
    },
    ...userFeedbackOf(feedback),
    ...(user === undefined ? {} : { user }),
    date: {
      acted: utc(feedback.outcomeTimestamp),
      received: utc(receivedAt),
      ...(decision === undefined ? {} : { decided: utc(decision.decidedAt) }),
    },
    location: locationOf(decision, issuer, siteName?.(issuer), naming),
    ...(patient === undefined ? {} : { patient }),
  };
}

function interventionOf(
  decision: Decision | undefined,
  { service, feedback: { card } }: ReceivedFeedback,
): FeedbackRecord['intervention'] {
  if (decision === undefined) return { service, card, models: [] };
  const { title, reason, templates, id, models } = decision;
  const names = models.map(({ id, version, digest }) => ({ id, version, digest }));
  return { service, title, card, template: templates?.[card] ?? reason, decision: id, models: names };
}

function suggestionName(id: string, { card }: Feedback, decision: Decision | undefined): SuggestionName {
  const issued = decision?.cards.find(({ uuid }) => uuid === card)?.suggestions;
  const label = issued?.find(({ uuid }) => uuid === id)?.label;
  return label === undefined ? { id } : { id, label };
}

function userFeedbackOf({ overrideReason, extension }: Feedback): Pick<FeedbackRecord, 'userFeedback'> {
  const reasonsAsSent = extension?.['auscult.overrideReasons'];
  if (overrideReason === undefined && reasonsAsSent === undefined) return {};
  const { reason, userComment } = overrideReason ?? {};
  return {
    userFeedback: {
      ...(reason === undefined ? {} : { reason: codingOf(reason) }),
      ...(userComment === undefined ? {} : { comment: userComment }),
      ...(reasonsAsSent === undefined ? {} : { reasonsAsSent }),
    },
  };
}

const codingOf = ({ code, system, display }: Coding): Coding => ({
  code,
  ...(system === undefined ? {} : { system }),
  ...(display === undefined ? {} : { display }),
});

function locationOf(
  decision: Decision | undefined,
  site: string,
  siteName: string | undefined,
  naming: Naming,
): FeedbackRecord['location'] {
  const encounter = decision && encounterAs(decision, naming);
  return {
    site,
    ...(siteName === undefined ? {} : { siteName }),
    ...(encounter === undefined ? {} : { encounter }),
    ...(decision?.location === undefined ? {} : { place: decision.location }),
  };
}

/** What cannot be read as an instant stays as it was written. */
function utc(text: string): string {
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? text : instant.toISOString();
}
