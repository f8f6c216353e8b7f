/** Every address of the inference API over HTTP, on one screen. */
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import { asFault, errorTable, Fault } from '../errors.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Clock } from '../fhir/chart.ts';
import { deadlineIn } from '../fhir/deadline.ts';
import { parseJsonObject } from '../fhir/json.ts';
import { callerOf } from '../hooks/caller.ts';
import { type Access, type Client, demandAdmin, mayInfer, mayKnow } from './access.ts';
import { chartOf } from './bundle.ts';
import { createCourtesy } from './courtesy.ts';
import type { DataPlane, ServedModels } from './data-plane.ts';
import { answerExplain } from './explain-rest.ts';
import { patienceOf } from './hurry.ts';
import { readLongJson } from './long-json.ts';
import { openApi } from './openapi.ts';
import { createPace, type Pace } from './pace.ts';
import { Refusal, sentenceOf } from './refusal.ts';
import { bytesOfRequest } from './request-bytes.ts';
import { writeInference } from './rest-body.ts';
import { inferenceIn, type ServingLimits, sendParts } from './rest-inference.ts';
import { assess } from './risk-assessment.ts';
import { indexRequestSchema, loadRequestSchema, readAs } from './schema.ts';
import type { Enter } from './share.ts';
import { inTurns } from './steps.ts';
import { tokenPath } from './token.ts';

export interface ServingDeps {
  readonly dataPlane: DataPlane;
  readonly models: ServedModels;
  readonly vocabulary: Vocabulary;
  readonly clock: Clock;
  readonly access: Access;
  /** The token endpoint, for those who are not known yet; without it there is none. */
  readonly token?: RequestHandler;
  /** The one that gRPC has too, so that a client has one pace at both; without it REST keeps its own. */
  readonly pace?: Pace;
  /** A gate of its own, so that bulk never takes a hook's place. Bodies are read inside, so that few are held at once. */
  readonly enter: Enter;
  /** Public address of this server, without a trailing slash. */
  readonly baseUrl: string;
  readonly limits: ServingLimits;
  /** Told of every request that is refused or fails, for logs and metrics. */
  readonly onFault?: (thrown: Fault) => void;
}

const described = '/openapi.json';
const ours = ['/v2', described];

/** The Open Inference Protocol under /v2, and what describes it at /openapi.json. */
export function servingRoutes(deps: ServingDeps): Router {
  const { dataPlane } = deps;
  const router = express.Router();
  router.use(ours, noStore);
  if (deps.token !== undefined) at(router, 'POST', tokenPath, deps.token);
  router.use(ours, identified(deps));
  for (const model of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    at(router, 'POST', `${model}/infer`, infer(deps));
    at(router, 'POST', `${model}/explain`, explain(deps));
    at(router, 'GET', model, modelMetadata(deps));
    at(router, 'GET', `${model}/ready`, modelReady(deps));
  }
  at(router, 'GET', '/v2', (_, res) => void res.json(dataPlane.serverMetadata()));
  at(router, 'GET', '/v2/health/live', (_, res) => void res.json({ live: dataPlane.serverLive() }));
  at(router, 'GET', '/v2/health/ready', serverReady(deps));
  at(router, 'POST', '/v2/repository/index', index(deps));
  at(router, 'POST', '/v2/repository/models/:model/load', control(deps, dataPlane.load));
  at(router, 'POST', '/v2/repository/models/:model/unload', control(deps, dataPlane.unload));
  at(router, 'GET', described, describe(deps));
  router.use(ours, () => {
    throw new Fault('unknown-path');
  });
  router.use(ours, answerFault(deps));
  return router;
}

function at(router: Router, method: 'GET' | 'POST', path: string, handle: RequestHandler): void {
  const wrong: RequestHandler = (_, res) => {
    res.set('allow', method === 'GET' ? 'GET, HEAD' : method);
    throw new Fault('method-not-allowed');
  };
  const route = router.route(path);
  (method === 'GET' ? route.get(handle) : route.post(handle)).all(wrong);
}

const noStore: RequestHandler = (_, res, next) => {
  res.setHeader('cache-control', 'no-store').setHeader('x-content-type-options', 'nosniff');
  next();
};

/** Nothing is read, and no address is told from another, before it is known who asks. */
function identified({ access, pace = createPace() }: ServingDeps): RequestHandler {
  return async (req, res, next) => {
    const client = await access(callerOf(req), req.originalUrl.split('?', 1)[0] ?? '');
    pace(client);
    res.locals.client = client;
    next();
  };
}

const clientOf = (res: Response): Client => res.locals.client as Client;

/** The document as far as the client may know the models that it names. */
const describe =
  (deps: ServingDeps): RequestHandler =>
  (_, res) => {
    const client = clientOf(res);
    const knows = (model: string) => mayKnow(client, model);
    res.json(openApi({ ...deps, hasTokens: deps.token !== undefined, knows }));
  };

interface Named {
  readonly name: string;
  readonly version?: string;
}

/** The model that an address names; one that the client may not know is to it as one that does not exist. */
function namedIn(req: Request, res: Response): Named {
  const { model, version } = req.params;
  if (typeof model !== 'string' || !mayKnow(clientOf(res), model)) throw new Fault('unknown-model');
  return { name: model, ...(typeof version === 'string' ? { version } : {}) };
}

const serverReady =
  ({ dataPlane }: ServingDeps): RequestHandler =>
  (_, res) => {
    const ready = dataPlane.serverReady();
    res.status(ready ? 200 : 503).json({ live: dataPlane.serverLive(), ready });
  };

const modelMetadata =
  ({ dataPlane }: ServingDeps): RequestHandler =>
  (req, res) => {
    const { name, version } = namedIn(req, res);
    res.json(dataPlane.modelMetadata(name, version));
  };

const modelReady =
  ({ dataPlane }: ServingDeps): RequestHandler =>
  (req, res) => {
    const { name, version } = namedIn(req, res);
    const ready = dataPlane.modelReady(name, version);
    res.status(ready ? 200 : 503).json({ name, ready });
  };

/** @throws Fault unknown-model; Refusal not-allowed, to an admin who may not infer */
function mayBeAskedIn(req: Request, res: Response): Named {
  const named = namedIn(req, res);
  if (!mayInfer(clientOf(res), named.name)) throw new Refusal('not-allowed');
  return named;
}

const explain =
  (deps: ServingDeps): RequestHandler =>
  async (req, res) => {
    const { served } = deps.dataPlane;
    await answerExplain({ ...deps, served, client: clientOf(res).id }, mayBeAskedIn(req, res), req, res);
  };

/** Tensors are answered with tensors, a Bundle with a RiskAssessment. */
const infer =
  (deps: ServingDeps): RequestHandler =>
  async (req, res) => {
    const named = mayBeAskedIn(req, res);
    const type = typeOf(req);
    if (type !== '' && !bodyTypes.includes(type))
      throw new Fault('unsupported-media-type', [`content-type: is none of ${bodyTypes.join(', ')}`]);
    await (type === fhirJson ? answerBundle : answerTensors)(deps, named, req, res);
  };

const fhirJson = 'application/fhir+json';
const bodyTypes = ['application/json', 'application/octet-stream', fhirJson];
const typeOf = ({ headers }: Request): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

async function answerTensors(
  { dataPlane, enter, limits }: ServingDeps,
  { name, version }: Named,
  req: Request,
  res: Response,
): Promise<void> {
  const answer = await enter(async () => {
    const { request, inBytes } = await inferenceIn(req, limits);
    using deadline = deadlineIn(patienceOf(request, limits.deadlineMs));
    const named = { ...request, model: name, ...(version === undefined ? {} : { version }) };
    return await writeInference(await dataPlane.infer(named, deadline), inBytes);
  }, clientOf(res).id);
  sendParts(res, answer);
}

/** `?record=whole`: the Bundle is all that is known of the patient. */
async function answerBundle(
  { dataPlane, vocabulary, clock, enter, limits }: ServingDeps,
  { name, version }: Named,
  req: Request,
  res: Response,
): Promise<void> {
  const assessed = await enter(async () => {
    const bytes = await bytesOfRequest(req, limits.jsonBytes ?? limits.bodyBytes);
    const body = await inTurns(readLongJson(bytes), createCourtesy());
    const model = dataPlane.model(name, version);
    const whole = req.query.record === 'whole';
    const chart = chartOf(body, model.manifest, { vocabulary, now: clock(), whole });
    using deadline = deadlineIn(limits.deadlineMs);
    return await assess(model, chart, vocabulary, deadline);
  }, clientOf(res).id);
  res.status(assessed.resourceType === 'RiskAssessment' ? 200 : 422);
  res.type(fhirJson).send(JSON.stringify(assessed));
}

const index =
  ({ dataPlane, limits }: ServingDeps): RequestHandler =>
  async (req, res) => {
    const { ready = false } = readAs(indexRequestSchema, await objectOf(req, limits));
    const client = clientOf(res);
    const entries = dataPlane
      .index()
      .filter(({ name }) => mayKnow(client, name))
      .filter(({ state }) => !ready || state === 'READY');
    res.json(entries);
  };

const control =
  ({ limits }: ServingDeps, act: (name: string) => void): RequestHandler =>
  async (req, res) => {
    demandAdmin(clientOf(res));
    const { name } = namedIn(req, res);
    readAs(loadRequestSchema, await objectOf(req, limits));
    act(name);
    res.status(200).end();
  };

/** Bodies of the repository may be left out. */
async function objectOf(req: Request, { bodyBytes }: ServingDeps['limits']): Promise<unknown> {
  const bytes = await bytesOfRequest(req, bodyBytes);
  return bytes.length === 0 ? {} : parseJsonObject(bytes);
}

/** `{"error": …}` as the protocol has it; whoever sent FHIR is answered in FHIR. */
const answerFault =
  ({ onFault }: ServingDeps): ErrorRequestHandler =>
  (thrown, req, res: Response, _next) => {
    if (res.headersSent) return void res.destroy();
    const refused = refusedBy(thrown);
    onFault?.(refused);
    const { status } = refused;
    const retryAfter = refused instanceof Refusal ? refused.retryAfter : undefined;
    if (retryAfter !== undefined || status === 503) res.set('retry-after', String(retryAfter ?? 1));
    // What was not read of the body is not waited for.
    if (!req.complete) res.set('connection', 'close');
    res.status(status);
    if (typeOf(req) !== fhirJson || status === 401) return void res.json({ error: sentenceOf(refused) });
    res.type(fhirJson).send(JSON.stringify(outcomeOf(refused)));
  };

const refusedBy = (thrown: unknown): Fault =>
  thrown instanceof URIError ? new Fault('unknown-path') : asFault(thrown);

const outcomeOf = (refused: Fault) => ({
  resourceType: 'OperationOutcome',
  issue: [
    {
      severity: 'error',
      code: errorTable[refused.code].issue,
      details: { text: sentenceOf(refused) },
    },
  ],
});
