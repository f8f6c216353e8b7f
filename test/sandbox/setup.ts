import { createHash, randomUUID } from 'node:crypto';
import type { Express } from 'express';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import request from 'supertest';
import { createSandbox } from '../../sandbox/app.ts';

export const origin = 'http://localhost:3000';
export const fhirBase = `${origin}/sandbox/fhir`;
export const redirectUri = `${origin}/app/callback`;
export const now = new Date('2026-11-21T12:00:00Z');

/** Real time of the sandbox under test, movable. */
export const time = { ms: Date.now() };

const { privateKey, publicKey } = await generateKeyPair('ES384');
const keys = createLocalJWKSet({
  keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES384', use: 'sig' }],
});

let started: Promise<Express> | undefined;

/** One sandbox for all tests of a run that do not change it beyond their own resources. */
export function sandbox(): Promise<Express> {
  started ??= createSandbox({
    origin,
    now,
    time: () => time.ms,
    client: { clientId: 'auscult', redirectUris: [redirectUri], keys },
  });
  return started;
}

export const verifier = 'v'.repeat(64);
export const challenge = createHash('sha256').update(verifier).digest('base64url');

/** A client assertion that is right, but for what `changes` says. */
export function assertion(changes: JWTPayload = {}): Promise<string> {
  const seconds = Math.floor(time.ms / 1000);
  const right = {
    iss: 'auscult',
    sub: 'auscult',
    aud: `${origin}/sandbox/token`,
    exp: seconds + 60,
    jti: randomUUID(),
  };
  return new SignJWT({ ...right, ...changes })
    .setProtectedHeader({ alg: 'ES384', kid: 'k1' })
    .sign(privateKey);
}

/** A launch id minted as the chart page does. */
export async function launch(patientId = 'high-risk-untreated', appContext?: string): Promise<string> {
  const answer = await request(await sandbox())
    .post('/sandbox/launch')
    .send({ patientId, appContext });
  return String(answer.body.launch);
}

/** The authorize answer's redirect target; `changes` with undefined leaves a parameter out. */
export async function authorized(changes: Readonly<Record<string, string | undefined>> = {}): Promise<URL> {
  const parameters = {
    response_type: 'code',
    client_id: 'auscult',
    redirect_uri: redirectUri,
    scope: 'launch openid fhirUser patient/*.rs patient/*.cruds offline_access',
    state: 'state-1',
    aud: fhirBase,
    launch: 'launch' in changes ? changes.launch : await launch(),
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  };
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const answer = await request(await sandbox()).get(`/sandbox/authorize?${new URLSearchParams(given)}`);
  if (answer.status !== 302) {
    throw new Error(`authorize answered ${answer.status} ${answer.body.error}`);
  }
  return new URL(answer.get('location') ?? '');
}

/** The token endpoint's answer for a code, with a right client assertion unless `changes` brings another. */
export async function exchanged(code: string | null, changes: Readonly<Record<string, string>> = {}) {
  const form = {
    grant_type: 'authorization_code',
    code: code ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: changes.client_assertion ?? (await assertion()),
    ...changes,
  };
  return request(await sandbox())
    .post('/sandbox/token')
    .type('form')
    .send(form);
}
