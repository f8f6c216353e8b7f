/** Every address of the SMART app, on one screen. The pages themselves come from the shell. */
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import { asFault, Fault, toOperationOutcome } from '../errors.ts';
import type { Decision } from '../ledger/decision.ts';
import { asDecisionId } from '../ledger/id.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { onlyOne, protect, queryOf, sessionIdOf } from './browser.ts';
import type { ClientKey } from './client-key.ts';
import { createDiscover } from './discovery.ts';
import { beginLaunch, endLaunch, framedByAny } from './launch.ts';
import { type AppRegistration, ancestors } from './registration.ts';
import { createSessions, type Sessions, type View } from './session.ts';
import type { AppShell, Notice } from './shell.ts';

export interface SmartOptions {
  readonly registrations: readonly AppRegistration[];
  readonly ledger: Pick<Ledger, 'find'>;
  /** Public address of this server, without a trailing slash; redirects go there, whatever the Host header says. */
  readonly baseUrl: string;
  readonly clientKey: ClientKey;
  readonly shell: AppShell;
  /** Milliseconds, for the end of sessions; real time by default, also where the clinical clock is fixed. */
  readonly now?: () => number;
  /** Told of every fault this router answers, for logs and metrics. */
  readonly onFault?: (fault: Fault) => void;
}

interface Deps extends SmartOptions {
  readonly sessions: Sessions;
}

/**
 * The app under /app and its API under /api.
 * @throws Fault launch-refused when a registration's app origin is not an origin
 */
export function smartRoutes(options: SmartOptions): Router {
  const now = options.now ?? Date.now;
  const deps = { ...options, sessions: createSessions(now), discover: createDiscover(now) };
  for (const { app } of options.registrations) if (app !== undefined) ancestors(app.origin);
  const router = express.Router({ strict: true });
  router.use(['/app', '/api'], headers(deps));
  router.get('/app/jwks.json', publishKey(deps));
  router.get('/app/launch', beginLaunch(deps));
  router.get('/app/callback', endLaunch(deps));
  router.get('/app', (_, res) => void res.redirect(302, '/app/'));
  router.get('/app/', showPage(deps));
  router.get('/app/assets/:name', sendAsset(deps));
  router.get('/api/decisions/:id', sendDecision(deps));
  router.all(/^\/(app|api)\//, (req) => {
    throw new Fault(req.method === 'GET' ? 'unknown-path' : 'method-not-allowed');
  });
  router.use('/api', answerFault(deps));
  router.use('/app', answerWithNotice(deps));
  return router;
}

const headers =
  ({ registrations }: Deps): RequestHandler =>
  (_, res, next) => {
    protect(res, framedByAny(registrations));
    next();
  };

const publishKey =
  ({ clientKey }: Deps): RequestHandler =>
  (_, res) => {
    res.set('cache-control', 'public, max-age=300').json({ keys: [clientKey.publicJwk] });
  };

/** The chart this address names, of those this browser opened. Without a name there must be only one. */
const showPage =
  (deps: Deps): RequestHandler =>
  async (req, res) => {
    const views = deps.sessions.views(sessionIdOf(req));
    const named = queryOf(req).has('view');
    const view = named ? views.find(({ id }) => id === onlyOne(req, 'view')) : views[0];
    if (view === undefined) return notify(deps, res, 401, 'session-required');
    if (!named && views.length > 1) return notify(deps, res, 409, 'several-charts');
    protect(res, view.launcher.frameAncestors);
    const decision = await decisionOf(deps, view);
    res.type('html').send(deps.shell.page({ ...pageOf(view), decision, ...absence(view, decision) }));
  };

const pageOf = ({ id, patientId, launcher, needPatientBanner, banner }: View) => ({
  viewId: id,
  patientId,
  fhirServer: launcher.fhirServer,
  needPatientBanner,
  banner,
});

const absence = ({ decisionId }: View, decision: Decision | undefined) =>
  decision !== undefined
    ? {}
    : { absence: decisionId === undefined ? ('no-context' as const) : ('not-found' as const) };

async function decisionOf(
  { ledger }: Deps,
  { decisionId, launcher, patientId }: View,
): Promise<Decision | undefined> {
  return decisionId === undefined ? undefined : ledger.find(decisionId, launcher.issuer, patientId);
}

const sendAsset =
  ({ shell }: Deps): RequestHandler =>
  (req, res) => {
    const name = req.params.name;
    const asset = typeof name === 'string' ? shell.assets.get(name) : undefined;
    if (asset === undefined) throw new Fault('unknown-path');
    res
      .set('cache-control', 'public, max-age=31536000, immutable')
      .type(asset.type)
      .send(Buffer.from(asset.body));
  };

/**
 * GET /api/decisions/{id}: the whole record, to a session of its issuer and patient. A caller that says which
 * chart it is (`X-Auscult-View` or `?view=`) is answered for that chart only; otherwise for any chart that
 * this browser opened. Everyone else learns nothing: 404.
 */
const sendDecision =
  (deps: Deps): RequestHandler =>
  async (req, res) => {
    const views = deps.sessions.views(sessionIdOf(req));
    if (views.length === 0) throw new Fault('session-required');
    const wanted = req.get('x-auscult-view') ?? onlyOne(req, 'view');
    const id = asDecisionId(req.params.id);
    const asking = views.filter((view) => wanted === undefined || view.id === wanted);
    const found =
      id === undefined
        ? []
        : await Promise.all(asking.map((view) => decisionOf(deps, { ...view, decisionId: id })));
    const decision = found.find((each) => each !== undefined);
    if (decision === undefined) throw new Fault('decision-not-found');
    res.set('cross-origin-resource-policy', 'same-origin').json(decision);
  };

const answerFault =
  ({ onFault }: Deps): ErrorRequestHandler =>
  (thrown, _req, res: Response, next) => {
    if (res.headersSent) return next(thrown);
    const fault = faultOf(thrown);
    onFault?.(fault);
    res
      .status(fault.status)
      .type('application/fhir+json')
      .send(JSON.stringify(toOperationOutcome(fault)));
  };

/** People see a page, never an OperationOutcome. */
const answerWithNotice =
  (deps: Deps): ErrorRequestHandler =>
  (thrown, _req: Request, res: Response, next) => {
    if (res.headersSent) return next(thrown);
    const fault = faultOf(thrown);
    deps.onFault?.(fault);
    const notice = fault.status >= 500 ? 'failed' : 'refused';
    notify(deps, res, fault.status, notice, fault.details);
  };

/** An address that cannot be decoded is no address. */
const faultOf = (thrown: unknown): Fault =>
  thrown instanceof URIError ? new Fault('unknown-path') : asFault(thrown);

function notify(
  { shell }: Deps,
  res: Response,
  status: number,
  notice: Notice,
  details: readonly string[] = [],
): void {
  res.status(status).type('html').send(shell.notice(notice, details));
}
