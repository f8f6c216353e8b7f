/** The token endpoint: authorization code for an access token, once (SMART App Launch 2.2, app-launch). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { clinician } from '../fhir/repository.ts';
import { type AuthorizationServer, accessTokenSeconds, type Grant } from './authorization-server.ts';
import { authenticateClient } from './client-assertion.ts';
import { OAuthError } from './oauth-error.ts';

const tokenForm = z.object({
  grant_type: z.string(),
  code: z.string(),
  redirect_uri: z.string(),
  code_verifier: z.string().min(43).max(128),
});

export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope: string;
  readonly patient: string;
  readonly appContext?: string;
  /** The chart keeps its own banner in view. */
  readonly need_patient_banner: false;
  readonly id_token?: string;
}

/** @throws OAuthError invalid_client, invalid_grant, invalid_request or unsupported_grant_type. */
export async function exchangeCode(server: AuthorizationServer, form: unknown): Promise<TokenResponse> {
  await authenticateClient(server, form);
  const parsed = tokenForm.safeParse(form);
  if (!parsed.success) {
    throw new OAuthError('invalid_request', 'grant_type, code, redirect_uri and code_verifier are needed.');
  }
  const { grant_type, code, redirect_uri, code_verifier } = parsed.data;
  if (grant_type !== 'authorization_code') {
    throw new OAuthError('unsupported_grant_type', 'Only authorization_code is served.');
  }
  const grant = takeGrant(server, code);
  if (grant.redirectUri !== redirect_uri || !provesChallenge(code_verifier, grant.codeChallenge)) {
    throw new OAuthError('invalid_grant', 'The code does not belong to this request.');
  }
  const accessToken = server.accessTokens.issue(grant);
  server.redeemed.set(code, accessToken);
  return tokenResponse(server, grant, accessToken);
}

function takeGrant(server: AuthorizationServer, code: string): Grant {
  const grant = server.codes.take(code);
  if (grant === undefined) {
    server.accessTokens.take(server.redeemed.get(code) ?? '');
    throw new OAuthError('invalid_grant', 'The code is unknown, used or expired.');
  }
  return grant;
}

function provesChallenge(verifier: string, challenge: string): boolean {
  const hash = createHash('sha256').update(verifier).digest();
  const expected = Buffer.from(challenge, 'base64url');
  return hash.length === expected.length && timingSafeEqual(hash, expected);
}

async function tokenResponse(
  server: AuthorizationServer,
  grant: Grant,
  accessToken: string,
): Promise<TokenResponse> {
  const { patientId, appContext } = grant.context;
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: accessTokenSeconds,
    scope: grant.scope,
    patient: patientId,
    ...(appContext === undefined ? {} : { appContext }),
    need_patient_banner: false,
    ...(grant.scope.split(' ').includes('openid') ? { id_token: await idToken(server, grant) } : {}),
  };
}

function idToken(server: AuthorizationServer, grant: Grant): Promise<string> {
  const { kid, privateKey } = server.signingKey();
  const seconds = Math.floor(server.time() / 1000);
  const fhirUser = `${server.fhirBase}/Practitioner/${clinician.id}`;
  return new SignJWT({ fhirUser, ...(grant.nonce === undefined ? {} : { nonce: grant.nonce }) })
    .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
    .setIssuer(server.issuer)
    .setSubject(clinician.id)
    .setAudience(grant.clientId)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 300)
    .sign(privateKey);
}
