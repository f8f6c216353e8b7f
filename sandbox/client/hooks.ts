/** The EHR's side of CDS Hooks 2.0: discovery, prefetch, the hook call, feedback. */
import { type Card, type Coding, readCards, readServices, type Service } from './cards.ts';
import { type Exchange, type ExchangeLog, succeeded } from './exchange-log.ts';

export interface ChartContext {
  readonly patientId: string;
  readonly userId: string;
  /** Public address of the FHIR server, as the service may reach it. */
  readonly fhirServer: string;
  /** The encounter in progress, if there is one. */
  readonly encounterId?: string;
  /** It is a hospital stay. */
  readonly isInpatient?: boolean;
}

export type Answer =
  | {
      readonly kind: 'answered';
      readonly service: Service;
      readonly cards: readonly Card[];
      readonly milliseconds: number;
    }
  | {
      readonly kind: 'failed';
      readonly service: Service;
      readonly status: number;
      readonly milliseconds: number;
    };

/** The same server for the page itself, whatever name it was opened under. */
const fhirPath = '/sandbox/fhir';

/** The services of every hook; undefined when discovery fails. */
export async function discover(log: ExchangeLog): Promise<readonly Service[] | undefined> {
  const exchange = await log.send('discovery', 'GET', '/cds-services');
  return succeeded(exchange) ? readServices(exchange.response) : undefined;
}

/**
 * Whom this EHR subscribes a hook to: `all-<hook>`, which bundles the packages of the hook, where there is one, and
 * beside it the services that a site signs on by itself and that no bundle holds; else each service.
 */
export function subscribed(services: readonly Service[], hook: string): readonly Service[] {
  const listening = services.filter((service) => service.hook === hook);
  const bundle = listening.filter(({ id }) => id === `all-${hook}`);
  return bundle.length === 0
    ? listening
    : [...bundle, ...listening.filter(({ id }) => signedOnAlone.some((name) => id.startsWith(name)))];
}

/** Discovery does not say which services are no part of a bundle; this EHR knows them by name. */
const signedOnAlone: readonly string[] = ['deterioration'];

/** The hooks that this EHR fires. */
export type FiredHook =
  | 'patient-view'
  | 'encounter-start'
  | 'order-select'
  | 'order-sign'
  | 'encounter-discharge';

/** What a hook carries besides the patient and the user. */
export interface Firing {
  readonly hook: FiredHook;
  readonly context?: Readonly<Record<string, unknown>>;
}

/**
 * Fires a hook at every service it is subscribed to, all at once; `onAnswer` hears each as it comes. Equal prefetch
 * queries are read once. Where nobody listens nothing is sent.
 */
export async function fire(
  log: ExchangeLog,
  firing: Firing,
  services: readonly Service[],
  chart: ChartContext,
  onAnswer: (answer: Answer) => void,
): Promise<void> {
  const reads = new Map<string, Promise<unknown>>();
  const read = (query: string) => {
    const known = reads.get(query) ?? log.send('prefetch', 'GET', `${fhirPath}/${query}`).then(prefetched);
    reads.set(query, known);
    return known;
  };
  const listening = subscribed(services, firing.hook);
  await Promise.all(
    listening.map(async (service) => onAnswer(await call(log, firing, service, chart, read))),
  );
}

async function call(
  log: ExchangeLog,
  { hook, context }: Firing,
  service: Service,
  chart: ChartContext,
  read: (query: string) => Promise<unknown>,
): Promise<Answer> {
  const { patientId, userId, fhirServer, encounterId } = chart;
  const atScreen = { userId, patientId, ...(encounterId === undefined ? {} : { encounterId }) };
  const prefetch = await fillPrefetch(service.prefetch ?? {}, chart, read);
  const exchange = await log.send('hook', 'POST', `/cds-services/${encodeURIComponent(service.id)}`, {
    hook,
    hookInstance: crypto.randomUUID(),
    fhirServer,
    context: { ...atScreen, ...context },
    ...(Object.keys(prefetch).length > 0 ? { prefetch } : {}),
  });
  const { status, milliseconds, response } = exchange;
  return succeeded(exchange)
    ? { kind: 'answered', service, cards: readCards(response), milliseconds }
    : { kind: 'failed', service, status, milliseconds };
}

/** A key that cannot be filled is left out: the service then reads it itself (CDS Hooks 2.0, "Prefetch Template"). */
async function fillPrefetch(
  templates: Readonly<Record<string, string>>,
  chart: ChartContext,
  read: (query: string) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const filled = await Promise.all(
    Object.entries(templates).map(async ([key, template]): Promise<[string, unknown]> => {
      const query = resolveTokens(template, chart);
      return [key, query === undefined ? undefined : await read(query)];
    }),
  );
  return Object.fromEntries(filled.filter(([, resource]) => resource !== undefined));
}

/** The query with its tokens replaced; undefined when one is not known here. */
export function resolveTokens(
  template: string,
  { patientId, userId, encounterId }: ChartContext,
): string | undefined {
  const tokens = new Map([
    ['context.patientId', patientId],
    ['context.userId', userId],
    ['userPractitionerId', userId.replace(/^Practitioner\//, '')],
    ...(encounterId === undefined ? [] : [['context.encounterId', encounterId] as const]),
  ]);
  const names = [...template.matchAll(/\{\{(.*?)\}\}/g)].map(([, name = '']) => name.trim());
  return names.every((name) => tokens.has(name))
    ? template.replaceAll(/\{\{(.*?)\}\}/g, (_, name: string) => tokens.get(name.trim()) ?? '')
    : undefined;
}

/** What a read gave: the resource, null for "there is none", undefined for a failure. */
function prefetched(exchange: Exchange): unknown {
  return succeeded(exchange) ? exchange.response : exchange.status === 404 ? null : undefined;
}

export type Outcome =
  | { readonly outcome: 'accepted'; readonly acceptedSuggestions: readonly { readonly id: string }[] }
  | {
      readonly outcome: 'overridden';
      readonly overrideReason?: { readonly reason?: Coding; readonly userComment?: string };
    };

/** Tells the service what became of its card. A card without uuid asks for no feedback. */
export async function sendFeedback(
  log: ExchangeLog,
  service: Service,
  card: Card,
  outcome: Outcome,
): Promise<void> {
  if (card.uuid !== undefined) {
    const feedback = [{ card: card.uuid, ...outcome, outcomeTimestamp: new Date().toISOString() }];
    await log.send('feedback', 'POST', `/cds-services/${encodeURIComponent(service.id)}/feedback`, {
      feedback,
    });
  }
}
