import { Fault } from '../errors.ts';
import { fhirBase } from '../fhir/base.ts';

/** The part of an EHR's registration that a SMART launch needs; `Registration` of hooks/ has this shape. */
export interface AppRegistration {
  /** Becomes the issuer that the session and its decisions must share. */
  readonly id: string;
  /** FHIR bases as the launch names them in `iss`. */
  readonly fhirServers: readonly string[];
  /** An EHR on the site's own network; default false. */
  readonly allowPrivateNetwork?: boolean | undefined;
  /** Absent: this EHR does not launch the app. */
  readonly app?:
    | {
        readonly clientId: string;
        /** Origin of the pages that may frame the app, `'self'`, or several of these; absent: none may. */
        readonly origin?: string | undefined;
        /** Scopes to ask for; by default `launch` and reading the one Patient for the banner. */
        readonly scope?: string | undefined;
      }
    | undefined;
}

/** A registration that launches the app, and the registered base that this launch named. */
export interface Launcher {
  readonly issuer: string;
  readonly fhirServer: string;
  readonly allowPrivateNetwork: boolean;
  readonly clientId: string;
  readonly scope: string | undefined;
  /** Value of CSP `frame-ancestors`. */
  readonly frameAncestors: string;
}

/**
 * Whose FHIR base is this? Bases are compared after URL parsing, without a trailing slash; nothing is fetched
 * before this has answered (SMART App Launch 2.2; smart-app.md §1 row 1).
 * @throws Fault launch-refused when no registration lists it
 */
export function launcherOf(registrations: readonly AppRegistration[], iss: string): Launcher {
  const fhirServer = fhirBase(iss);
  for (const { id, fhirServers, app, allowPrivateNetwork = false } of registrations) {
    if (app === undefined || fhirServer === undefined) continue;
    if (!fhirServers.some((base) => fhirBase(base) === fhirServer)) continue;
    const { clientId, origin, scope } = app;
    const frameAncestors = ancestors(origin);
    return { issuer: id, fhirServer, allowPrivateNetwork, clientId, scope, frameAncestors };
  }
  throw new Fault('launch-refused', ['iss is not registered']);
}

/** @throws Fault launch-refused when a registration's origin could add a directive to the policy */
export function ancestors(origin: string | undefined): string {
  const tokens = (origin ?? "'none'").trim().split(/\s+/);
  const sound = tokens.every(
    (token) => token === "'self'" || origin === undefined || /^https?:\/\/[a-z0-9.[\]:-]+$/i.test(token),
  );
  if (!sound) throw new Fault('launch-refused', ['the registered origin is not an origin']);
  return tokens.join(' ');
}
