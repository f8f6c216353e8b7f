/**
 * The one table of everything that can go wrong: code → HTTP status → OperationOutcome issue.
 *
 * Text here is fixed and public. A fault may add `details` that name fields, prefetch keys or
 * models, never values from a chart, tokens or URLs with identifiers.
 */

interface ErrorRow {
  /** HTTP status of the answer (CDS Hooks 3.0 "HTTP Status Codes"; our choice where it is silent). */
  readonly status: number;
  /** http://hl7.org/fhir/issue-type */
  readonly issue: string;
  /** One sentence for the engineer on the other side. */
  readonly text: string;
}

export const errorTable = {
  'malformed-json': { status: 400, issue: 'invalid', text: 'The body is not one JSON object in UTF-8.' },
  'unsafe-json': {
    status: 400,
    issue: 'invalid',
    text: 'The JSON repeats a key, uses a forbidden key or is nested too deeply.',
  },
  'malformed-request': {
    status: 400,
    issue: 'structure',
    text: 'The request breaks the CDS Hooks request structure.',
  },
  'hook-mismatch': { status: 400, issue: 'business-rule', text: 'This service does not serve that hook.' },
  unauthorized: { status: 401, issue: 'login', text: 'Not authorized.' },
  'session-required': { status: 401, issue: 'login', text: 'Open this app from the chart.' },
  'fhir-server-not-allowed': {
    status: 403,
    issue: 'forbidden',
    text: 'This fhirServer is not registered for the calling EHR.',
  },
  'launch-refused': { status: 403, issue: 'forbidden', text: 'The launch was refused.' },
  'unknown-service': { status: 404, issue: 'not-found', text: 'There is no such CDS service.' },
  'unknown-path': { status: 404, issue: 'not-found', text: 'There is nothing at this address.' },
  'unknown-model': { status: 404, issue: 'not-found', text: 'There is no such model.' },
  'decision-not-found': {
    status: 404,
    issue: 'not-found',
    text: 'There is no such decision for this patient.',
  },
  'method-not-allowed': {
    status: 405,
    issue: 'not-supported',
    text: 'This address does not take that method.',
  },
  'required-data-unavailable': {
    status: 412,
    issue: 'incomplete',
    text: 'Data that the service needs were neither sent nor readable.',
  },
  'too-large': { status: 413, issue: 'too-long', text: 'The body is larger than this server accepts.' },
  'unsupported-media-type': {
    status: 415,
    issue: 'not-supported',
    text: 'The body must be application/json, UTF-8, with at most one known content encoding.',
  },
  'wrong-patient': {
    status: 422,
    issue: 'business-rule',
    text: 'The request carries data that belong to a patient other than context.patientId.',
  },
  internal: { status: 500, issue: 'exception', text: 'The server failed; nothing was decided.' },
  overloaded: { status: 503, issue: 'throttled', text: 'The server is busy; try again later.' },
  'deadline-passed': {
    status: 503,
    issue: 'timeout',
    text: 'The answer was not ready in time and was discarded.',
  },
  'model-unavailable': {
    status: 503,
    issue: 'exception',
    text: 'A model that the service needs cannot run.',
  },
  'ledger-unavailable': {
    status: 503,
    issue: 'exception',
    text: 'The decision could not be recorded, so none is given.',
  },
  'malformed-inference': {
    status: 400,
    issue: 'structure',
    text: 'The request does not fit the inference API or the model.',
  },
  abstained: { status: 400, issue: 'business-rule', text: 'The model abstains.' },
  'not-allowed': { status: 403, issue: 'forbidden', text: 'This client may not do that.' },
  'unknown-version': { status: 404, issue: 'not-found', text: 'There is no such version of this model.' },
  'unreadable-bundle': {
    status: 422,
    issue: 'structure',
    text: 'The body is not one Bundle about one patient.',
  },
  'rate-limited': { status: 429, issue: 'throttled', text: 'Too many requests; try again later.' },
  'model-unloaded': { status: 503, issue: 'exception', text: 'This model is not served at the moment.' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

/** A broken promise. Abstaining and staying silent are results, not faults. */
export class Fault extends Error {
  readonly code: ErrorCode;
  /** Names of fields, keys or models only: safe to send and to log. */
  readonly details: readonly string[];

  constructor(code: ErrorCode, details: readonly string[] = [], cause?: unknown) {
    super(errorTable[code].text, cause === undefined ? undefined : { cause });
    this.name = 'Fault';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}

/** Anything thrown, as a Fault: what is not one of ours is `internal` and says nothing more. */
export function asFault(thrown: unknown): Fault {
  return thrown instanceof Fault ? thrown : new Fault('internal', [], thrown);
}

export interface OperationOutcomeBody {
  readonly resourceType: 'OperationOutcome';
  readonly issue: readonly {
    readonly severity: 'error';
    readonly code: string;
    readonly details: {
      readonly coding: readonly { readonly system: string; readonly code: ErrorCode }[];
      readonly text: string;
    };
    readonly diagnostics?: string;
  }[];
}

/** The FHIR body of an error answer (CDS Hooks 3.0 "Returning OperationOutcome"). A 401 says why to nobody. */
export function toOperationOutcome(fault: Fault): OperationOutcomeBody {
  const { issue, text } = errorTable[fault.code];
  const tell = fault.details.length > 0 && fault.status !== 401;
  return {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code: issue,
        details: { coding: [{ system: 'urn:auscult:error', code: fault.code }], text },
        ...(tell ? { diagnostics: fault.details.join('; ') } : {}),
      },
    ],
  };
}
