/**
 * Browser sessions, in memory: what launches are under way in a browser, and what charts it may look at. A
 * browser may hold several charts at once; each is a view with its own id, so that two tabs never mix
 * patients. No token is kept here, and nothing of here reaches the browser but random ids.
 */
import { randomBytes } from 'node:crypto';
import type { DecisionId } from '../ledger/decision.ts';
import type { PendingLaunch } from './authorization.ts';
import type { Banner } from './patient-banner.ts';
import type { Launcher } from './registration.ts';

const idleMs = 60 * 60_000;
const lifeMs = 12 * 60 * 60_000;
const launchMs = 10 * 60_000;
const maxSessions = 10_000;
const maxPerSession = 32;

/** One chart opened by one launch. */
export interface View {
  readonly id: string;
  readonly launcher: Launcher;
  readonly patientId: string;
  /** From the launch's `appContext`; absent when the app was not opened from a card. */
  readonly decisionId: DecisionId | undefined;
  readonly needPatientBanner: boolean;
  readonly banner: Banner | undefined;
}

interface Session {
  readonly startedAt: number;
  usedAt: number;
  readonly pending: Map<string, { readonly launch: PendingLaunch; readonly at: number }>;
  readonly views: Map<string, View>;
}

export interface Sessions {
  /** Adds a launch under way to the browser's session, or to a new one. Returns the session's id. */
  begin(id: string | undefined, launch: PendingLaunch): string;
  /** The launch of that state if it began in this very session; it can be taken once. */
  take(id: string | undefined, state: string): PendingLaunch | undefined;
  /** Adds a view and gives the session a new id: the old one is worth nothing from here on. */
  admit(id: string, view: View): string;
  /** The views of a live session, oldest first; none when there is no such session. */
  views(id: string | undefined): readonly View[];
}

/** 256 random bits as base64url. */
export const randomId = (): string => randomBytes(32).toString('base64url');

/** @param now milliseconds; sessions end one hour after their last use, at the latest after twelve */
export function createSessions(now: () => number): Sessions {
  /** With a launch under way and no chart yet. Anybody can begin one, so these push out each other only. */
  const begun = new Map<string, Session>();
  /** With a chart that an EHR opened. */
  const admitted = new Map<string, Session>();

  function forget(id: string): void {
    begun.delete(id);
    admitted.delete(id);
  }

  function live(id: string | undefined): Session | undefined {
    const session = id === undefined ? undefined : (admitted.get(id) ?? begun.get(id));
    if (id === undefined || session === undefined) return undefined;
    if (now() - session.usedAt > idleMs || now() - session.startedAt > lifeMs) {
      forget(id);
      return undefined;
    }
    session.usedAt = now();
    return session;
  }

  return {
    begin(id, launch) {
      const known = live(id);
      const session = known ?? { startedAt: now(), usedAt: now(), pending: new Map(), views: new Map() };
      const sessionId = known !== undefined && id !== undefined ? id : randomId();
      if (known === undefined) begun.set(sessionId, session);
      session.pending.set(launch.state, { launch, at: now() });
      trim(session.pending, maxPerSession);
      trim(begun, maxSessions);
      return sessionId;
    },
    take(id, state) {
      const session = live(id);
      const found = session?.pending.get(state);
      session?.pending.delete(state);
      return found !== undefined && now() - found.at <= launchMs ? found.launch : undefined;
    },
    admit(id, view) {
      const session = live(id) ?? { startedAt: now(), usedAt: now(), pending: new Map(), views: new Map() };
      session.views.set(view.id, view);
      trim(session.views, maxPerSession);
      forget(id);
      const next = randomId();
      admitted.set(next, session);
      trim(admitted, maxSessions);
      return next;
    },
    views: (id) => [...(live(id)?.views.values() ?? [])],
  };
}

/** Drops the oldest entries until at most `size` are left. */
function trim(map: Map<string, unknown>, size: number): void {
  for (const key of map.keys()) {
    if (map.size <= size) return;
    map.delete(key);
  }
}
