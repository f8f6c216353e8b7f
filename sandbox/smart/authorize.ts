/** The authorization endpoint: EHR launch only, approved without a screen (SMART App Launch 2.2, app-launch). */
import { z } from 'zod';
import type { AuthorizationServer } from './authorization-server.ts';
import { OAuthError } from './oauth-error.ts';

const addressee = z.object({ client_id: z.string(), redirect_uri: z.string() });

const request = z.object({
  response_type: z.literal('code'),
  scope: z.string().min(1),
  state: z.string().min(1),
  aud: z.string(),
  launch: z.string(),
  code_challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  code_challenge_method: z.literal('S256'),
  nonce: z.string().optional(),
});

/**
 * Where the browser goes next: back to the app with a code, or with an `error`.
 * @throws OAuthError when the app or its redirect_uri is not the registered one: then nobody is redirected.
 */
export function authorize(server: AuthorizationServer, parameters: unknown): string {
  const to = addressee.safeParse(parameters);
  if (!to.success || to.data.client_id !== server.client.clientId) {
    throw new OAuthError('invalid_client', 'This app is not registered here.');
  }
  if (!server.client.redirectUris.includes(to.data.redirect_uri)) {
    throw new OAuthError('invalid_request', 'The redirect_uri is not one the app registered.');
  }
  const back = new URL(to.data.redirect_uri);
  const state: unknown = Reflect.get(Object(parameters), 'state');
  if (typeof state === 'string') {
    back.searchParams.set('state', state);
  }
  try {
    back.searchParams.set('code', issueCode(server, parameters, to.data.redirect_uri));
  } catch (error) {
    const { code, message } =
      error instanceof OAuthError ? error : new OAuthError('server_error', 'The server failed.');
    back.searchParams.set('error', code);
    back.searchParams.set('error_description', message);
  }
  return back.href;
}

function issueCode(server: AuthorizationServer, parameters: unknown, redirectUri: string): string {
  const parsed = request.safeParse(parameters);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))];
    throw new OAuthError('invalid_request', `Missing or not acceptable: ${names.join(', ')}.`);
  }
  const { scope, aud, launch, nonce, code_challenge } = parsed.data;
  if (aud.replace(/\/$/, '') !== server.fhirBase) {
    throw new OAuthError('invalid_request', 'aud is not this FHIR server.');
  }
  const granted = grantedScopes(scope);
  if (!granted.includes('launch')) {
    throw new OAuthError('invalid_scope', 'An EHR launch asks for the scope launch.');
  }
  const context = server.launches.take(launch);
  if (context === undefined) {
    throw new OAuthError('invalid_request', 'This launch is unknown, used or expired.');
  }
  return server.codes.issue({
    clientId: server.client.clientId,
    redirectUri,
    codeChallenge: code_challenge,
    scope: granted.join(' '),
    nonce,
    context,
  });
}

const readScope = /^(patient|user)\/(\*|[A-Z][A-Za-z]+)\.(read|rs|r|s)(\?\S*)?$/;

/** Of the scopes asked for, those this EHR gives: launch, sign-in and reading. */
function grantedScopes(scope: string): readonly string[] {
  return scope
    .split(' ')
    .filter((one) => ['launch', 'openid', 'fhirUser', 'profile'].includes(one) || readScope.test(one));
}
