/** What the inference API refuses: a fault of errors.ts that may say when to come again. */
import { errorTable, Fault } from '../errors.ts';

export type RefusalCode =
  | 'malformed-inference'
  | 'abstained'
  | 'not-allowed'
  | 'unknown-version'
  | 'unreadable-bundle'
  | 'rate-limited'
  | 'model-unloaded';

/** A request that the inference API does not answer; details name inputs, rows and rules, never a value that was sent. */
export class Refusal extends Fault {
  /** Whole seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(code: RefusalCode, details: readonly string[] = [], retryAfter?: number) {
    super(code, details);
    this.retryAfter = retryAfter;
  }
}

/** Faults whose own text speaks of CDS Hooks calls. */
const otherWords: Partial<Record<Fault['code'], string>> = {
  'malformed-request': errorTable['malformed-inference'].text,
  'unsupported-media-type': 'The content type or content encoding is none that this address takes.',
  'wrong-patient': 'The Bundle carries data that belong to another patient.',
  internal: 'The server failed.',
};

/** One sentence for the engineer on the other side; a 401 says why to nobody. */
export function sentenceOf({ code, status, details }: Fault): string {
  const text = otherWords[code] ?? errorTable[code].text;
  return status === 401 || details.length === 0 || code === 'internal'
    ? text
    : `${text} ${details.join('; ')}`;
}
