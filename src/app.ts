/** Every route on one screen, and what an HTTP answer looks like. The decisions are made elsewhere. */
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { Call, Deps } from './call.ts';
import type { Offer } from './card/offer.ts';
import { ranked } from './card/verdict.ts';
import { decide } from './decide.ts';
import { asFault, Fault, toOperationOutcome } from './errors.ts';
import { deadlineIn } from './fhir/deadline.ts';
import { parseJsonObject } from './fhir/json.ts';
import { callerOf as credentialsOf } from './hooks/caller.ts';
import { type AllowedOrigins, corsAnswer } from './hooks/cors.ts';
import { discovery } from './hooks/discovery.ts';
import { parseEnvelope } from './hooks/envelope.ts';
import { parseFeedback } from './hooks/feedback.ts';
import { type ClientProfile, profileOf } from './hooks/profile.ts';
import { mayCall, type Registration } from './hooks/registration.ts';
import type { Authenticate } from './hooks/trust.ts';
import type { Decision } from './ledger/decision.ts';
import type { Gate } from './ops/gate.ts';
import { frameOf, type Log } from './ops/log.ts';
import type { Metrics } from './ops/metrics.ts';
import type { Settings } from './settings.ts';

export interface AppDeps extends Deps {
  /** By the id they are called by. */
  readonly offers: ReadonlyMap<string, Offer>;
  /** Who calls the endpoint at this path. @throws Fault unauthorized */
  readonly authenticate: Authenticate;
  /** By id: what each kind of client sends and accepts. */
  readonly profiles: ReadonlyMap<string, ClientProfile>;
  readonly settings: Pick<Settings, 'MAX_BODY_BYTES' | 'DEADLINE_MS' | 'FHIR_DEADLINE_MS'>;
  readonly ready: () => boolean;
  readonly gate: Gate;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Origins whose pages may call the CDS endpoints. */
  readonly origins: AllowedOrigins;
  /** Host names this server answers to; undefined where a proxy in front checks that. */
  readonly hosts: readonly string[] | undefined;
  readonly smart: RequestHandler;
  /** The inference API: /v2 and /openapi.json. */
  readonly serving?: RequestHandler;
  /** The embedded EHR: its page at `/`, everything else of it under `/sandbox`. */
  readonly sandbox?: RequestHandler;
}

export function createApp(deps: AppDeps): Express {
  const json = jsonReader(deps.settings.MAX_BODY_BYTES);
  const app = express().disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(oneHost, knownHost(deps.hosts));
  app.route('/health/live').get(live).all(takesOnly('GET'));
  app.route('/health/ready').get(ready(deps)).all(takesOnly('GET'));
  app.route('/metrics').get(metrics(deps)).all(takesOnly('GET'));
  app.use('/cds-services', cors(deps.origins), noStore);
  app.route('/cds-services').get(discover(deps)).all(takesOnly('GET'));
  app.route('/cds-services/:id').post(answerHook(deps, json)).all(takesOnly('POST'));
  app.route('/cds-services/:id/feedback').post(takeFeedback(deps, json)).all(takesOnly('POST'));
  app.use('/cds-services', nothingHere);
  app.use(deps.smart);
  if (deps.serving) app.use(deps.serving);
  if (deps.sandbox) app.all(['/', '/sandbox{/*path}'], deps.sandbox);
  app.use(nothingHere);
  app.use(answerFault(deps));
  return app;
}

const live: RequestHandler = (_, res) => void res.json({ status: 'live' });

const ready =
  (deps: AppDeps): RequestHandler =>
  (_, res) =>
    void res.status(deps.ready() ? 200 : 503).json({ ready: deps.ready() });

const metrics =
  (deps: AppDeps): RequestHandler =>
  async (_, res) =>
    void res.type(deps.metrics.contentType).send(await deps.metrics.text());

const discover =
  (deps: AppDeps): RequestHandler =>
  async (req, res) => {
    const { registration, profile } = await callerOf(deps, req);
    const offers = [...deps.offers.values()].filter(({ id }) => mayCall(registration, id));
    res.json(discovery(offers, profile));
  };

const answerHook =
  (deps: AppDeps, json: JsonReader): RequestHandler =>
  async (req, res) => {
    const started = performance.now();
    const { registration, profile } = await callerOf(deps, req);
    const offer = offerOf(deps, req.params.id, registration);
    const request = parseEnvelope(await json(req, res), offer.hook, profile);
    using deadline = deadlineIn(deps.settings.DEADLINE_MS);
    const { signal, endsAt } = deadline;
    const call: Call = { request, registration, profile, signal, endsAt };
    const decisions = await deps.gate.enter(() => inTime(decide(call, offer, deps), signal));
    const seconds = (performance.now() - started) / 1000;
    for (const decision of decisions) told(decision, profile, seconds, deps);
    res.json({ cards: ranked(decisions.flatMap(({ cards }) => cards)) });
  };

function told(decision: Decision, { id }: ClientProfile, seconds: number, { metrics, log }: AppDeps): void {
  const { package: service, outcome, dropped = [] } = decision;
  metrics.answered(service, outcome, seconds);
  for (const part of dropped) metrics.dropped(id, part);
  log({ event: 'hook-answered', service, outcome, ms: Math.round(seconds * 1000) });
}

const takeFeedback =
  (deps: AppDeps, json: JsonReader): RequestHandler =>
  async (req, res) => {
    const { registration, profile } = await callerOf(deps, req);
    const offer = offerOf(deps, req.params.id, registration);
    const feedback = parseFeedback(await json(req, res), profile);
    const { joined, repeated, quarantined } = await deps.ledger.recordFeedback(
      offer.id,
      registration.id,
      feedback,
    );
    deps.metrics.feedback(joined, repeated, quarantined);
    deps.log({ event: 'feedback-recorded', service: offer.id, count: joined });
    res.status(200).end();
  };

/** Who calls, and in which dialect. @throws Fault unauthorized */
async function callerOf({ authenticate, profiles }: AppDeps, req: Request) {
  const registration = await authenticate(credentialsOf(req), req.baseUrl + req.path);
  return { registration, profile: profileOf(profiles, registration.profile) };
}

/** A service that this caller may not call is to it as one that does not exist. @throws Fault unknown-service */
function offerOf(deps: AppDeps, id: string | string[] | undefined, registration: Registration): Offer {
  const offer = typeof id === 'string' && mayCall(registration, id) ? deps.offers.get(id) : undefined;
  if (offer === undefined) throw new Fault('unknown-service');
  return offer;
}

/** What comes after the deadline is discarded, and nobody waits for it. @throws Fault deadline-passed */
async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = (): void => reject(new Fault('deadline-passed'));
  signal.addEventListener('abort', late, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', late);
  }
}

/**
 * The body as one JSON object. Nothing of it is read before this is called, so nobody unknown makes us read.
 * @throws Fault unsupported-media-type, too-large, malformed-json, unsafe-json
 */
type JsonReader = (req: Request, res: Response) => Promise<Record<string, unknown>>;

function jsonReader(limit: number): JsonReader {
  const raw = express.raw({ type: () => true, limit });
  return async (req, res) => {
    if (!isJson(req.headers['content-type'] ?? '')) throw new Fault('unsupported-media-type');
    await new Promise<void>((resolve, reject) => {
      raw(req, res, (thrown?: unknown) => (thrown === undefined ? resolve() : reject(bodyFault(thrown))));
    });
    return parseJsonObject(Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0));
  };
}

/** application/json in UTF-8, said or unsaid; other parameters do not matter. */
function isJson(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const charset = parameters.map((part) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(part)?.[1] ?? 'utf-8');
  return type.trim() === 'application/json' && charset.every((name) => name === 'utf-8' || name === 'utf8');
}

/** Express's own body errors in our table. What is left is a body that breaks off or that does not decompress. */
function bodyFault(thrown: unknown): Fault {
  const type = (thrown as { type?: unknown }).type;
  if (type === 'entity.too.large') return new Fault('too-large');
  if (type === 'encoding.unsupported') return new Fault('unsupported-media-type');
  return new Fault('malformed-json', [], thrown);
}

const nothingHere: RequestHandler = () => {
  throw new Fault('unknown-path');
};

const takesOnly =
  (method: 'GET' | 'POST'): RequestHandler =>
  (_, res) => {
    res.set('allow', method === 'GET' ? 'GET, HEAD' : method);
    throw new Fault('method-not-allowed');
  };

const noStore: RequestHandler = (_, res, next) => {
  res.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  next();
};

/** K9: browser clients call from other origins. */
const cors =
  (origins: AllowedOrigins): RequestHandler =>
  ({ method, headers: { origin } }, res, next) => {
    const { headers, preflight } = corsAnswer(origins, { method, origin });
    res.set(headers);
    if (preflight) res.status(204).end();
    else next();
  };

/** Two Host headers are two opinions on who is asked: a proxy may have judged the other (RFC 9112 §3.2). */
const oneHost: RequestHandler = ({ headersDistinct }, _, next) => {
  if ((headersDistinct.host?.length ?? 0) > 1) throw new Fault('malformed-request', ['Host']);
  next();
};

/** Refuses foreign Host headers where no token protects us: a page on the internet could rebind its name to loopback. */
const knownHost =
  (hosts: readonly string[] | undefined): RequestHandler =>
  (req, _, next) => {
    if (hosts !== undefined && !hosts.includes(req.hostname)) throw new Fault('unknown-path');
    next();
  };

const answerFault =
  (deps: AppDeps): ErrorRequestHandler =>
  (thrown, _req, res: Response, _next) => {
    if (res.headersSent) return void res.destroy();
    const fault = thrown instanceof URIError ? new Fault('unknown-path') : asFault(thrown);
    deps.metrics.failed(fault.code);
    const at = fault.code === 'internal' ? frameOf(fault) : undefined;
    deps.log({
      event: 'request-failed',
      code: fault.code,
      status: fault.status,
      ...(at === undefined ? {} : { at }),
    });
    if (fault.status === 503) res.set('retry-after', '1');
    res
      .status(fault.status)
      .type('application/fhir+json')
      .send(JSON.stringify(toOperationOutcome(fault)));
  };
