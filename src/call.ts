/** What one decision is made of: a call from an EHR, and what the story needs from outside. */
import type { Service } from './card/service.ts';
import type { Vocabulary } from './features/vocabulary.ts';
import type { Clock } from './fhir/chart.ts';
import type { FhirReader } from './fhir/reader.ts';
import type { HookRequest } from './hooks/envelope.ts';
import type { ClientProfile } from './hooks/profile.ts';
import type { Registration } from './hooks/registration.ts';
import type { ModelRegistry } from './inference/registry.ts';
import type { Urgency } from './inference/urgency.ts';
import type { Ledger } from './ledger/ledger.ts';

/** Ends with its `signal`, at `endsAt`. */
export interface Call extends Pick<Urgency, 'endsAt'> {
  readonly request: HookRequest;
  readonly registration: Registration;
  /** What the caller's kind of client can be told. */
  readonly profile: ClientProfile;
  /** Ends the whole answer. */
  readonly signal: AbortSignal;
}

export interface Deps {
  readonly clock: Clock;
  readonly vocabulary: Vocabulary;
  readonly models: ModelRegistry;
  readonly ledger: Ledger;
  /** The caller's own FHIR server with the caller's own token; none where none was offered. @throws Fault fhir-server-not-allowed */
  readonly readerFor: (call: Call) => FhirReader | undefined;
  /** May this service speak here? One that awaits clinical review decides, but stays silent under `serve`. */
  readonly mayShow: (service: Service) => boolean;
  /** Address of the SMART app's launch. */
  readonly appUrl: string;
  /** Milliseconds for all FHIR reads together. */
  readonly settings: { readonly FHIR_DEADLINE_MS: number };
}
