/** `auscult evaluate`: one hook request a line in, one outcome a line out, with no server and no network. */
import type { Card } from 'cds-hooks-types';
import type { Deps } from './call.ts';
import type { Service } from './card/service.ts';
import { decide } from './decide.ts';
import { asFault, type OperationOutcomeBody, toOperationOutcome } from './errors.ts';
import { parseJsonObject } from './fhir/json.ts';
import { parseEnvelope } from './hooks/envelope.ts';
import { type ClientProfile, defaultProfile } from './hooks/profile.ts';
import type { Registration } from './hooks/registration.ts';
import type { Outcome } from './ledger/decision.ts';

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
  service: Service,
  profile: ClientProfile,
  deps: Deps,
): Promise<Evaluation> {
  try {
    const request = parseEnvelope(parseJsonObject(Buffer.from(line)), service.hook, profile);
    const call = { request, registration: nobody, profile, signal: new AbortController().signal };
    const { cards, outcome, reason } = await decide(call, service, deps);
    return { cards, outcome, reason };
  } catch (thrown) {
    const fault = asFault(thrown);
    const reason = fault.details.length === 0 ? fault.code : `${fault.code}: ${fault.details.join('; ')}`;
    return { cards: [], outcome: 'undetermined', reason, error: toOperationOutcome(fault) };
  }
}
