/** Every route on one screen, and what an HTTP answer looks like. The decisions are made elsewhere. */
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import type { Service } from './card/service.ts';
import { type Call, type Deps, decide } from './decide.ts';
import { asFault, Fault, toOperationOutcome } from './errors.ts';
import { parseJsonObject } from './fhir/json.ts';
import { discovery } from './hooks/discovery.ts';
import { parseEnvelope } from './hooks/envelope.ts';
import { parseFeedback } from './hooks/feedback.ts';
import type { Registration } from './hooks/registration.ts';
import type { Gate } from './ops/gate.ts';
import { frameOf, type Log } from './ops/log.ts';
import type { Metrics } from './ops/metrics.ts';
import type { Settings } from './settings.ts';

export interface AppDeps extends Deps {
  readonly services: ReadonlyMap<string, Service>;
  /** Who calls: the registration behind the Authorization header for this path. @throws Fault unauthorized */
  readonly authenticate: (authorization: string | undefined, path: string) => Promise<Registration>;
  readonly settings: Pick<Settings, 'MAX_BODY_BYTES' | 'DEADLINE_MS' | 'FHIR_DEADLINE_MS'>;
  readonly ready: () => boolean;
  readonly gate: Gate;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Origins whose pages may call the CDS endpoints; `*` in the sandbox. */
  readonly corsOrigin: string | undefined;
  /** Host names this server answers to; undefined where a proxy in front checks that. */
  readonly hosts: readonly string[] | undefined;
  readonly smart: RequestHandler;
  readonly sandbox?: RequestHandler;
}

export function createApp(deps: AppDeps): Express {
  const body = express.raw({ type: 'application/json', limit: deps.settings.MAX_BODY_BYTES });
  const app = express().disable('x-powered-by').set('query parser', 'simple');
  app.use(knownHost(deps.hosts));
  app.get('/health/live', (_, res) => void res.json({ status: 'live' }));
  app.get(
    '/health/ready',
    (_, res) => void res.status(deps.ready() ? 200 : 503).json({ ready: deps.ready() }),
  );
  app.get(
    '/metrics',
    async (_, res) => void res.type(deps.metrics.contentType).send(await deps.metrics.text()),
  );
  app.use('/cds-services', cors(deps.corsOrigin), noStore);
  app.get('/cds-services', discover(deps));
  app.post('/cds-services/:id', body, answerHook(deps));
  app.post('/cds-services/:id/feedback', body, takeFeedback(deps));
  app.use(deps.smart);
  if (deps.sandbox) app.use(deps.sandbox);
  app.use(() => {
    throw new Fault('unknown-path');
  });
  app.use(answerFault(deps));
  return app;
}

const discover =
  (deps: AppDeps): RequestHandler =>
  async (req, res) => {
    await deps.authenticate(req.headers.authorization, req.path);
    res.json(discovery([...deps.services.values()]));
  };

const answerHook =
  (deps: AppDeps): RequestHandler =>
  async (req, res) => {
    const started = performance.now();
    const registration = await deps.authenticate(req.headers.authorization, req.path);
    const service = serviceOf(deps, req.params['id']);
    const request = parseEnvelope(jsonBody(req), service.hook);
    const signal = AbortSignal.timeout(deps.settings.DEADLINE_MS);
    const call: Call = { request, registration, signal };
    const decision = await deps.gate.enter(() => decide(call, service, deps));
    if (signal.aborted) throw new Fault('deadline-passed');
    const seconds = (performance.now() - started) / 1000;
    deps.metrics.answered(service.id, decision.outcome, seconds);
    deps.log({
      event: 'hook-answered',
      service: service.id,
      outcome: decision.outcome,
      ms: Math.round(seconds * 1000),
    });
    res.json({ cards: decision.cards });
  };

const takeFeedback =
  (deps: AppDeps): RequestHandler =>
  async (req, res) => {
    const registration = await deps.authenticate(req.headers.authorization, req.path);
    const service = serviceOf(deps, req.params['id']);
    const feedback = parseFeedback(jsonBody(req));
    const { joined, repeated, quarantined } = await deps.ledger.recordFeedback(
      service.id,
      registration.id,
      feedback,
    );
    deps.metrics.feedback(joined, repeated, quarantined);
    deps.log({ event: 'feedback-recorded', service: service.id, count: joined });
    res.status(200).end();
  };

function serviceOf(deps: AppDeps, id: string | string[] | undefined): Service {
  const service = typeof id === 'string' ? deps.services.get(id) : undefined;
  if (service === undefined) throw new Fault('unknown-service');
  return service;
}

/** @throws Fault unsupported-media-type where Express left the body alone because of its type. */
function jsonBody(req: express.Request): Record<string, unknown> {
  const charset = /charset=("?)([\w-]+)\1/i.exec(req.headers['content-type'] ?? '')?.[2];
  const utf8 = charset === undefined || /^utf-?8$/i.test(charset);
  if (!Buffer.isBuffer(req.body) || !utf8) throw new Fault('unsupported-media-type');
  return parseJsonObject(req.body);
}

const noStore: RequestHandler = (_, res, next) => {
  res.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  next();
};

/** K9: browser clients call from other origins; they send a token in a header, never a cookie. */
const cors =
  (origin: string | undefined): RequestHandler =>
  (req, res, next) => {
    if (origin === undefined) return next();
    res.set({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'authorization, content-type',
    });
    if (req.method !== 'OPTIONS') return next();
    res.set('access-control-allow-methods', 'GET, POST').status(204).end();
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
  (thrown, _req, res: Response, next) => {
    if (res.headersSent) return next(thrown);
    const fault = bodyFault(thrown) ?? asFault(thrown);
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

/** Express's own body errors in our table. */
function bodyFault(thrown: unknown): Fault | undefined {
  const type = (thrown as { type?: unknown } | undefined)?.type;
  if (type === 'entity.too.large') return new Fault('too-large');
  if (type === 'encoding.unsupported') return new Fault('unsupported-media-type');
  if (type === 'request.aborted' || type === 'request.size.invalid') return new Fault('malformed-json');
  if (thrown instanceof URIError) return new Fault('unknown-path');
  return undefined;
}
