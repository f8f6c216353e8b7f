/** The two ends of a launch: the EHR opens /app/launch, the authorization server comes back to /app/callback. */
import type { Request, Response } from 'express';
import { Fault } from '../errors.ts';
import { asDecisionId } from '../ledger/id.ts';
import {
  authorizationUrl,
  exchangeCode,
  type PendingLaunch,
  pkcePair,
  type TokenResponse,
} from './authorization.ts';
import { giveCookie, onlyOne, protect, sessionIdOf } from './browser.ts';
import type { ClientKey } from './client-key.ts';
import type { Discover } from './discovery.ts';
import { readBanner } from './patient-banner.ts';
import { type AppRegistration, ancestors, launcherOf } from './registration.ts';
import { randomId, type Sessions, type View } from './session.ts';
import type { AppShell, Notice } from './shell.ts';

export interface LaunchDeps {
  readonly registrations: readonly AppRegistration[];
  readonly baseUrl: string;
  readonly clientKey: ClientKey;
  readonly sessions: Sessions;
  readonly discover: Discover;
  readonly shell: AppShell;
}

/**
 * Starts the flow. Of the query only `iss` and `launch` are read, each exactly once. A request by another
 * name of this host is sent to the configured one first, or the cookie would be set where the callback is not.
 * @throws Fault launch-refused before anything is fetched when the EHR is not registered
 */
export const beginLaunch = (deps: LaunchDeps) => async (req: Request, res: Response) => {
  const [iss, launch] = [onlyOne(req, 'iss'), onlyOne(req, 'launch')];
  if (iss === undefined || launch === undefined)
    throw new Fault('launch-refused', ['iss and launch are needed once each']);
  const launcher = launcherOf(deps.registrations, iss);
  protect(res, launcher.frameAncestors);
  const base = new URL(deps.baseUrl);
  if (req.headers.host !== base.host) {
    const query = new URLSearchParams({ iss, launch });
    return res.redirect(302, `${base.origin}/app/launch?${query}`);
  }
  const configuration = await deps.discover(launcher);
  const { codeChallenge, codeVerifier } = await pkcePair();
  const redirectUri = `${deps.baseUrl}/app/callback`;
  const pending: PendingLaunch = { state: randomId(), launcher, configuration, codeVerifier, redirectUri };
  giveCookie(res, deps.sessions.begin(sessionIdOf(req), pending));
  res.redirect(302, authorizationUrl(pending, launch, codeChallenge));
};

/**
 * Ends the flow: the state must have begun in this very browser session and is good for one callback, even
 * one that fails. The session gets a new id; the chart becomes a view of it.
 * @throws Fault launch-refused when the EHR gives no token
 */
export const endLaunch = (deps: LaunchDeps) => async (req: Request, res: Response) => {
  protect(res, framedByAny(deps.registrations));
  const sessionId = sessionIdOf(req);
  const state = onlyOne(req, 'state');
  const pending = state === undefined ? undefined : deps.sessions.take(sessionId, state);
  if (pending === undefined || sessionId === undefined) {
    return refuse(sessionId === undefined ? 'cookie-refused' : 'other-browser');
  }
  protect(res, pending.launcher.frameAncestors);
  const code = onlyOne(req, 'code');
  if (code === undefined || mixedUp(req, pending)) return refuse('denied');
  const token = await exchangeCode(pending, code, deps.clientKey, `${deps.baseUrl}/app/jwks.json`);
  if (token.patient === undefined) return refuse('no-patient');
  const view = await viewOf(pending, token, token.patient);
  giveCookie(res, deps.sessions.admit(sessionId, view));
  res.redirect(303, `${deps.baseUrl}/app/?view=${view.id}`);

  function refuse(notice: Notice): void {
    res.status(403).type('html').send(deps.shell.notice(notice));
  }
};

async function viewOf(pending: PendingLaunch, token: TokenResponse, patientId: string): Promise<View> {
  const { launcher } = pending;
  const { needPatientBanner, accessToken } = token;
  const banner = needPatientBanner ? await readBanner(launcher, patientId, accessToken) : undefined;
  return {
    id: randomId(),
    launcher,
    patientId,
    decisionId: asDecisionId(token.appContext),
    needPatientBanner,
    banner,
  };
}

/** RFC 9207: an answer that names another authorization server than the one asked is a mix-up. */
function mixedUp(req: Request, { configuration }: PendingLaunch): boolean {
  const iss = onlyOne(req, 'iss');
  return iss !== undefined && configuration.issuer !== undefined && iss !== configuration.issuer;
}

/** A refusal whose EHR is not known may still have to show inside the frame of one of them. */
export function framedByAny(registrations: readonly AppRegistration[]): string {
  const framing = registrations.flatMap(({ app }) =>
    app?.origin === undefined ? [] : [ancestors(app.origin)],
  );
  return framing.length === 0 ? ancestors(undefined) : [...new Set(framing)].join(' ');
}
