/**
 * The SMART authorization code flow with PKCE, as a confidential client: fhirclient 2.6.3, wrapped. This is
 * the only file that knows it. What is used of it, and what is done here instead (smart-app.md §1):
 *
 * - PKCE pair: fhirclient (96 random bytes, S256), always, never "if supported" (row 5).
 * - Authorization request: done here. `authorize()` lets `fhirServiceUrl`, `patientId` and `clientId` of the
 *   browser's URL override its options and can skip OAuth (row 14); its state has about 95 bits (row 4).
 * - Token request: built by fhirclient's `buildTokenRequest` (assertion, PKCE, form). It does not encode the
 *   code, so the code is given to it encoded; the private key is passed per call and is never part of a
 *   stored state (row 7).
 * - Sending: done here, because `ready()` follows redirects, has no deadline and keeps the token (row 13).
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import adapters from 'fhirclient/lib/adapters/NodeAdapter.js';
import { buildTokenRequest } from 'fhirclient/lib/smart.js';
import { z } from 'zod';
import { Fault } from '../errors.ts';
import { askEhr } from './ask-ehr.ts';
import type { ClientKey } from './client-key.ts';
import type { SmartConfiguration } from './discovery.ts';
import type { Launcher } from './registration.ts';

/** A launch on its way through the EHR's authorization server. */
export interface PendingLaunch {
  /** 256 random bits; comes back in the callback and is good for one. */
  readonly state: string;
  readonly launcher: Launcher;
  readonly configuration: SmartConfiguration;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

/** What the app keeps of a token response. The access token is dropped as soon as the banner is read. */
export interface TokenResponse {
  readonly accessToken: string;
  readonly patient: string | undefined;
  readonly appContext: string | undefined;
  readonly needPatientBanner: boolean;
}

const tokenResponse = z.object({
  access_token: z.string().min(1),
  token_type: z.string().regex(/^bearer$/i),
  patient: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,64}$/)
    .optional(),
  appContext: z.string().max(4096).optional(),
  need_patient_banner: z.boolean().default(true),
});

/** fhirclient wants a request to read URLs from: an empty one, so that nothing of the browser's reaches it. */
function adapter() {
  const request = new IncomingMessage(new Socket());
  return new adapters.default({ request, response: new ServerResponse(request) });
}

/** A fresh PKCE pair (RFC 7636, S256). */
export const pkcePair = (): Promise<{ codeChallenge: string; codeVerifier: string }> =>
  adapter().security.generatePKCEChallenge();

/** Where to send the browser: the authorization request with all its parameters encoded. */
export function authorizationUrl(pending: PendingLaunch, launch: string, codeChallenge: string): string {
  const { launcher, configuration, redirectUri, state } = pending;
  const url = new URL(configuration.authorizationEndpoint);
  const parameters = {
    response_type: 'code',
    client_id: launcher.clientId,
    redirect_uri: redirectUri,
    scope: launcher.scope ?? `launch patient/Patient.${configuration.scopesV2 ? 'r' : 'read'}`,
    state,
    aud: launcher.fhirServer,
    launch,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  url.search = url.search.replaceAll('+', '%20');
  return url.href;
}

/**
 * Exchanges the code at the EHR's token endpoint, authenticated by a signed assertion (private_key_jwt).
 * @throws Fault launch-refused when the EHR refuses or answers something that is no token response
 */
export async function exchangeCode(
  pending: PendingLaunch,
  code: string,
  key: ClientKey,
  jwksUrl: string,
): Promise<TokenResponse> {
  const { launcher, configuration } = pending;
  const { headers, body } = await buildTokenRequest(adapter(), {
    code: encodeURIComponent(code),
    state: stateOf(pending),
    clientPublicKeySetUrl: jwksUrl,
    privateKey: { key: key.privateKey, alg: key.alg, kid: key.kid },
  });
  const answer = await askEhr(configuration.tokenEndpoint, {
    method: 'POST',
    headers: headers as Record<string, string>,
    body: String(body),
    allowPrivateNetwork: launcher.allowPrivateNetwork,
  }).catch((error) => {
    throw new Fault('launch-refused', ['the token endpoint did not answer'], error);
  });
  const read = tokenResponse.safeParse(answer.json);
  if (answer.status !== 200 || !read.success) throw new Fault('launch-refused', ['the EHR gave no token']);
  const { access_token, patient, appContext, need_patient_banner } = read.data;
  return { accessToken: access_token, patient, appContext, needPatientBanner: need_patient_banner };
}

/** fhirclient's own shape of the state; neither key nor secret is in it. */
function stateOf({ launcher, configuration, codeVerifier, redirectUri }: PendingLaunch) {
  return {
    serverUrl: launcher.fhirServer,
    clientId: launcher.clientId,
    tokenUri: configuration.tokenEndpoint,
    redirectUri,
    codeVerifier,
  };
}
