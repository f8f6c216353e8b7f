import { errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { AuthorizationServer } from './authorization-server.ts';
import { OAuthError } from './oauth-error.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const longestLifeSeconds = 300;
const skewSeconds = 10;

const authentication = z.object({
  client_assertion_type: z.literal(assertionType),
  client_assertion: z.string(),
});

/**
 * Authenticates the app by private_key_jwt: iss = sub = client_id, aud = token URL, at most five minutes to
 * live, a `jti` never seen (SMART App Launch 2.2, client-confidential-asymmetric).
 * @throws OAuthError invalid_client (401), which says why to nobody.
 */
export async function authenticateClient(server: AuthorizationServer, form: unknown): Promise<void> {
  const given = authentication.safeParse(form);
  if (!given.success) {
    throw refused();
  }
  const { clientId, keys } = server.client;
  const verified = await jwtVerify(given.data.client_assertion, keys, {
    algorithms: ['RS384', 'ES384'],
    issuer: clientId,
    subject: clientId,
    audience: server.tokenUrl,
    requiredClaims: ['exp', 'jti'],
    clockTolerance: skewSeconds,
    currentDate: new Date(server.time()),
  }).catch((error: unknown) => {
    throw error instanceof errors.JOSEError
      ? refused()
      : new OAuthError('temporarily_unavailable', 'Keys unreadable.', 503);
  });
  const { exp = 0, jti = '' } = verified.payload;
  if (exp > server.time() / 1000 + longestLifeSeconds + skewSeconds || !isNew(server, jti, exp)) {
    throw refused();
  }
}

function isNew(server: AuthorizationServer, jti: string, exp: number): boolean {
  const { assertionIds, time } = server;
  for (const [seen, until] of assertionIds) {
    if (until < time() / 1000) {
      assertionIds.delete(seen);
    }
  }
  if (jti === '' || assertionIds.has(jti)) {
    return false;
  }
  assertionIds.set(jti, exp + skewSeconds);
  return true;
}

function refused(): OAuthError {
  return new OAuthError('invalid_client', 'The app could not be authenticated.', 401);
}
