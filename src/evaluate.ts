/** `auscult evaluate`: one hook request a line in, one outcome a line out, with no server and no network. */
import type { Card } from 'cds-hooks-types';
import type { Deps } from './call.ts';
import type { Offer } from './card/offer.ts';
import { ranked } from './card/verdict.ts';
import { decide } from './decide.ts';
import { asFault, type OperationOutcomeBody, toOperationOutcome } from './errors.ts';
import { parseJsonObject } from './fhir/json.ts';
import { parseEnvelope } from './hooks/envelope.ts';
import { type ClientProfile, defaultProfile } from './hooks/profile.ts';
import type { Registration } from './hooks/registration.ts';
import type { Decision, Outcome } from './ledger/decision.ts';

export interface Evaluation {
  readonly cards: readonly Card[];
  /** A request that would be refused over HTTP is `undetermined`: nothing was decided. */
  readonly outcome: Outcome;
  readonly reason: string;
  /** The body that the refusal would carry over HTTP. */
  readonly error?: OperationOutcomeBody;
}

/** No EHR calls and no FHIR server is asked: a request stands for itself. */
const nobody: Registration = {
  id: 'evaluate',
  name: 'auscult evaluate',
  fhirServers: [],
  profile: defaultProfile,
};

/** Never rejects: a line that cannot be decided says why and costs no other line. */
export async function evaluateLine(
  line: string,
  offer: Offer,
  profile: ClientProfile,
  deps: Deps,
): Promise<Evaluation> {
  try {
    const request = parseEnvelope(parseJsonObject(Buffer.from(line)), offer.hook, profile);
    const call = { request, registration: nobody, profile, signal: new AbortController().signal };
    return summed(await decide(call, offer, deps));
  } catch (thrown) {
    const fault = asFault(thrown);
    const reason = fault.details.length === 0 ? fault.code : `${fault.code}: ${fault.details.join('; ')}`;
    return { cards: [], outcome: 'undetermined', reason, error: toOperationOutcome(fault) };
  }
}

const telling: readonly Outcome[] = ['show', 'undetermined', 'abstained', 'silent'];

/** Of several services called as one: all their cards, what any of them came to, and each one's reason by its name. */
function summed(decisions: readonly Decision[]): Evaluation {
  const outcome = telling.find((each) => decisions.some((decision) => decision.outcome === each)) ?? 'silent';
  const named = decisions.map((decision) => `${decision.package}: ${decision.reason}`).join('; ');
  const [only, ...more] = decisions;
  const reason = only !== undefined && more.length === 0 ? only.reason : named;
  return { cards: ranked(decisions.flatMap(({ cards }) => cards)), outcome, reason };
}
