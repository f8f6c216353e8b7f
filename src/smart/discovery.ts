/**
 * SMART discovery, done here and not by fhirclient 2.6.3: its copy keeps a failed answer until the process
 * restarts, follows redirects and does not resolve relative endpoints (smart-app.md §1 row 2).
 */
import { z } from 'zod';
import { Fault } from '../errors.ts';
import { askEhr } from './ask-ehr.ts';
import type { Launcher } from './registration.ts';

const freshMs = 10 * 60_000;

const document = z.object({
  issuer: z.string().optional(),
  authorization_endpoint: z.string().min(1),
  token_endpoint: z.string().min(1),
  capabilities: z.array(z.string()).default([]),
  code_challenge_methods_supported: z.array(z.string()).default([]),
});

/** What a launch needs to know of an EHR's authorization server. Endpoints are absolute. */
export interface SmartConfiguration {
  readonly issuer: string | undefined;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Scopes of SMART 2 (`.rs`); otherwise those of SMART 1 (`.read`). */
  readonly scopesV2: boolean;
}

export type Discover = (launcher: Launcher) => Promise<SmartConfiguration>;

/**
 * A discoverer that keeps what it read for ten minutes, and a failure not at all.
 * Its calls throw Fault launch-refused when the document is unreadable or does not offer PKCE with S256.
 */
export function createDiscover(now: () => number): Discover {
  const kept = new Map<string, { readonly at: number; readonly found: SmartConfiguration }>();
  return async (launcher) => {
    const { fhirServer } = launcher;
    const known = kept.get(fhirServer);
    if (known !== undefined && now() - known.at < freshMs) return known.found;
    const found = await discover(launcher);
    kept.set(fhirServer, { at: now(), found });
    return found;
  };
}

async function discover({ fhirServer, allowPrivateNetwork }: Launcher): Promise<SmartConfiguration> {
  const address = `${fhirServer}/.well-known/smart-configuration`;
  const headers = { accept: 'application/json' };
  const answer = await askEhr(address, { headers, allowPrivateNetwork }).catch((error) => {
    throw new Fault('launch-refused', ['the SMART configuration is unreachable'], error);
  });
  const read = document.safeParse(answer.json);
  if (answer.status !== 200 || !read.success) {
    throw new Fault('launch-refused', ['the SMART configuration is unreadable']);
  }
  if (!read.data.code_challenge_methods_supported.includes('S256')) {
    throw new Fault('launch-refused', ['the authorization server does not offer PKCE with S256']);
  }
  return {
    issuer: read.data.issuer,
    authorizationEndpoint: endpoint(read.data.authorization_endpoint, address, fhirServer),
    tokenEndpoint: endpoint(read.data.token_endpoint, address, fhirServer),
    scopesV2: read.data.capabilities.includes('permission-v2'),
  };
}

/** Absolute; https unless the FHIR base itself is plain http (the sandbox on loopback). */
function endpoint(text: string, address: string, fhirServer: string): string {
  const url = URL.parse(text, address);
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && fhirServer.startsWith('http:'));
  if (url === null || !secure)
    throw new Fault('launch-refused', ['an endpoint of the SMART configuration is unsafe']);
  return url.href;
}
