/** Registered EHRs, the keys they sign with, and a forge that bends any part of a correct token. */
import assert from 'node:assert/strict';
import { createHmac, type KeyObject, randomUUID } from 'node:crypto';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import type { BoundedAnswer } from '../../../src/fhir/bounded-fetch.ts';
import { parseRegistrations, type Registration } from '../../../src/hooks/registration.ts';

export const publicUrl = 'https://auscult.example';
export const hookPath = '/cds-services/cardiovascular-risk';
export const clock = (): Date => new Date('2026-11-20T12:00:00Z');
export const now = clock().getTime() / 1000;

/** The EHR that is attacked: its keys are at an address. */
export const issuer = 'https://ehr.example';
export const jwksUrl = 'https://ehr.example/jwks.json';
export const other = 'https://b.example';
/** Two tenants of one issuer. */
export const cloud = 'https://cloud.example';

/** Laid over a correct token of the attacked EHR; a member that is `undefined` is left out. */
export interface Change {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: CryptoKey | KeyObject;
  /** The endpoint that `aud` names. Default: the hook. */
  readonly path?: string;
}

export interface World {
  readonly keys: Readonly<Record<'es' | 'rs' | 'b' | 'north' | 'south' | 'foreign', GenerateKeyPairResult>>;
  readonly registrations: readonly Registration[];
  /** Addresses that were asked for keys. */
  readonly asked: readonly string[];
  readonly fetchKeys: (url: string | URL) => Promise<BoundedAnswer>;
  sign(change?: Change): Promise<string>;
}

export const header = (change: Change['header'] = {}): Record<string, unknown> => ({
  alg: 'ES384',
  kid: 'es',
  typ: 'JWT',
  ...change,
});

export const claims = (change: Change['claims'] = {}, path = hookPath): Record<string, unknown> => ({
  iss: issuer,
  aud: `${publicUrl}${path}`,
  exp: now + 240,
  iat: now,
  jti: randomUUID(),
  ...change,
});

/** One part of a token; text is taken as it is. */
export const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Header and payload, ready to be signed by hand. */
export const unsigned = (change: Change = {}): string =>
  `${part(header(change.header))}.${part(claims(change.claims, change.path))}`;

export const hmac = (body: string, secret: string, bits: number): string =>
  `${body}.${createHmac(`sha${bits}`, secret).update(body).digest('base64url')}`;

/** ECDSA over P-384 in raw form, or RSA PKCS #1, each with SHA-384, over text that no library would write. */
export async function signText(body: string, { privateKey }: GenerateKeyPairResult): Promise<string> {
  const { name } = privateKey.algorithm;
  const signature = await crypto.subtle.sign({ name, hash: 'SHA-384' }, privateKey, Buffer.from(body));
  return `${body}.${Buffer.from(signature).toString('base64url')}`;
}

export async function openWorld(): Promise<World> {
  const pair = (alg: string) => generateKeyPair(alg, { extractable: true });
  const [es, rs, b, north, south, foreign] = await Promise.all([
    pair('ES384'),
    pair('RS384'),
    ...Array.from({ length: 4 }, () => pair('ES384')),
  ]);
  assert.ok(es && rs && b && north && south && foreign);
  const jwk = async (kid: string, { publicKey }: GenerateKeyPairResult) => ({
    ...(await exportJWK(publicKey)),
    kid,
  });
  const ownSet = { keys: [await jwk('es', es), await jwk('rs', rs)] };
  const registrations = parseRegistrations(
    JSON.stringify([
      { id: issuer, name: 'A', fhirServers: ['https://ehr.example/fhir'], jwksUrl },
      ehr({ id: other, name: 'B', jwks: { keys: [await jwk('b', b)] } }),
      ehr({
        id: 'north',
        name: 'North',
        issuer: cloud,
        tenant: 'n',
        jwks: { keys: [await jwk('n', north)] },
      }),
      ehr({
        id: 'south',
        name: 'South',
        issuer: cloud,
        tenant: 's',
        jwks: { keys: [await jwk('s', south)] },
      }),
    ]),
    profiles,
  );
  const asked: string[] = [];
  return {
    keys: { es, rs, b, north, south, foreign },
    registrations,
    asked,
    fetchKeys: async (url) => {
      asked.push(String(url));
      return answer(ownSet);
    },
    sign: ({ claims: claimed, header: headed, key = es.privateKey, path } = {}) =>
      new SignJWT(plain(claims(claimed, path)))
        .setProtectedHeader({ alg: 'ES384', ...plain(header(headed)) })
        .sign(key),
  };
}

/** Without the members that are `undefined`. */
const plain = (members: object): Record<string, unknown> => JSON.parse(JSON.stringify(members));

let servers = 0;
/** A registration with a FHIR server of its own. */
export const ehr = (fields: object): object => ({
  name: 'EHR',
  fhirServers: [`https://fhir${++servers}.example/fhir`],
  ...fields,
});

export const profiles = new Map([
  ['cds-hooks-2.0', { jwt: true }],
  ['epic', { jwt: true }],
  ['medplum', { jwt: false }],
]);

/** What an address of keys answers. */
export const answer = (
  body: unknown,
  headers: BoundedAnswer['headers'] = {},
  status = 200,
): BoundedAnswer => ({
  status,
  headers,
  bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
