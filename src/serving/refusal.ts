/**
 * What the inference API refuses, beside the faults of errors.ts: code → HTTP status → OperationOutcome issue. Texts are
 * fixed; details name inputs, rows and rules, never a value that was sent.
 */
import { errorTable, type Fault } from '../errors.ts';

export const refusalTable = {
  'malformed-inference': {
    status: 400,
    issue: 'structure',
    text: 'The request breaks the Open Inference Protocol.',
  },
  abstained: {
    status: 400,
    issue: 'business-rule',
    text: 'The model abstains; parameters.allow_abstention answers the other rows.',
  },
  'not-allowed': { status: 403, issue: 'forbidden', text: 'This client may not do that.' },
  'unknown-version': { status: 404, issue: 'not-found', text: 'There is no such version of this model.' },
  'unreadable-bundle': {
    status: 422,
    issue: 'structure',
    text: 'The body is not one Bundle about one patient.',
  },
  'rate-limited': { status: 429, issue: 'throttled', text: 'Too many requests; try again later.' },
  'model-unloaded': { status: 503, issue: 'exception', text: 'This model is not served at the moment.' },
} as const;

export type RefusalCode = keyof typeof refusalTable;

/** A request that the inference API does not answer. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: RefusalCode;
  readonly details: readonly string[];
  /** Whole seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(code: RefusalCode, details: readonly string[] = [], retryAfter?: number) {
    super(refusalTable[code].text);
    this.code = code;
    this.details = details;
    this.retryAfter = retryAfter;
  }

  get status(): number {
    return refusalTable[this.code].status;
  }
}

/** Faults whose own text speaks of CDS Hooks calls. */
const otherWords: Partial<Record<Fault['code'], string>> = {
  'malformed-request': refusalTable['malformed-inference'].text,
  'unsupported-media-type':
    'The body must be application/json, application/fhir+json or application/octet-stream, without content encoding.',
  'wrong-patient': 'The Bundle carries data that belong to another patient.',
  internal: 'The server failed.',
};

/** One sentence for the engineer on the other side; a 401 says why to nobody. */
export function sentenceOf(thrown: Fault | Refusal): string {
  const { code, status, details } = thrown;
  const text =
    thrown instanceof Refusal ? thrown.message : (otherWords[thrown.code] ?? errorTable[thrown.code].text);
  return status === 401 || details.length === 0 || code === 'internal'
    ? text
    : `${text} ${details.join('; ')}`;
}
