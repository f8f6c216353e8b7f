/** Tokens that say themselves which key is theirs. */
import { randomUUID } from 'node:crypto';
import { ownCertificate } from './certificate.ts';
import { compact, type Forge, hmac, type OwnAlgorithm, ownPublicJwk, ownSignature } from './forge.ts';
import { bearer, rfc8725, type TokenAttack, trusting } from './token-attack.ts';

/** Signed by the attacker's own key, with these members in the header. */
const own =
  (alg: OwnAlgorithm, members: (forge: Forge) => object) =>
  (forge: Forge): string =>
    bearer(compact({ ...forge.header, alg, ...members(forge) }, forge.claims, ownSignature(alg)));

const byName = (kid: unknown, secret: string) => (forge: Forge) =>
  bearer(compact({ ...forge.header, alg: 'HS256', kid }, forge.claims, hmac(256, secret)));

export const keyAttacks: readonly TokenAttack[] = [
  {
    id: 'jwt-27',
    rule: 'A key that the token itself brings (jwk) is not used.',
    source: 'CVE-2018-0114; RFC 7515 §4.1.3',
    make: own('ES384', () => ({ jwk: ownPublicJwk('ES384') })),
  },
  {
    id: 'jwt-28',
    rule: 'A certificate that the token itself brings (x5c) is not used.',
    source: 'RFC 7515 §4.1.6',
    make: own('RS384', () => ({ x5c: [ownCertificate()] })),
  },
  {
    id: 'jwt-29',
    rule: 'A jku that is not registered is neither fetched nor believed.',
    source: `${trusting}: allow-list of iss and jku; ${rfc8725('3.10')}`,
    needs: ['canary'],
    make: own('ES384', ({ canary }) => ({ jku: `${canary.origin}/jwks.json` })),
  },
  {
    id: 'jwt-30',
    rule: 'A jku that only looks registered (user part, other host) is neither fetched nor believed.',
    source: rfc8725('3.10'),
    needs: ['canary'],
    make: own('ES384', ({ canary, header, claims }) => ({
      jku: `http://${hostOf(header.jku ?? claims.iss)}@127.0.0.1:${canary.port}/jwks.json`,
    })),
  },
  {
    id: 'jwt-31',
    rule: 'An x5u is neither fetched nor believed.',
    source: `RFC 7515 §4.1.5; ${rfc8725('3.10')}`,
    needs: ['canary'],
    make: own('RS384', ({ canary }) => ({ x5u: `${canary.origin}/chain.pem` })),
  },
  {
    id: 'jwt-32',
    rule: 'The keys of an unknown iss are not looked for at its address.',
    source: `${trusting}: allow-list of iss; ${rfc8725('3.8')}`,
    needs: ['canary'],
    make: ({ header, claims, canary }) =>
      bearer(compact({ ...header, alg: 'ES384' }, { ...claims, iss: canary.origin }, ownSignature('ES384'))),
  },
  {
    id: 'jwt-33',
    rule: 'A kid that is an address is not fetched.',
    source: rfc8725('3.10'),
    needs: ['canary'],
    make: own('ES384', ({ canary }) => ({ kid: `${canary.origin}/key` })),
  },
  {
    id: 'jwt-34',
    rule: 'A kid with a path to an empty file (and HS256) is refused.',
    source: rfc8725('3.10'),
    make: byName('../../../../../../dev/null', ''),
  },
  {
    id: 'jwt-35',
    rule: 'A kid with SQL that yields a known secret (and HS256) is refused.',
    source: rfc8725('3.10'),
    make: byName("x' UNION SELECT 'secret' -- ", 'secret'),
  },
  {
    id: 'jwt-36',
    rule: 'A token without kid is refused.',
    source: `${trusting}; R199`,
    strength: 'SHALL',
    needs: ['key'],
    make: async ({ signed }) => bearer(await signed({ header: { kid: undefined } })),
  },
  {
    id: 'jwt-37',
    rule: 'A token with an unknown kid is refused.',
    source: `${trusting}; R199`,
    needs: ['key'],
    make: async ({ signed }) => bearer(await signed({ header: { kid: randomUUID() } })),
  },
  {
    id: 'jwt-38',
    rule: 'A kid that is no text is refused.',
    source: 'RFC 7515 §4.1.4',
    needs: ['key'],
    make: async ({ signed, header }) => bearer(await signed({ header: { kid: [header.kid] } })),
  },
];

const hostOf = (address: unknown): string => URL.parse(String(address))?.host || 'ehr.example';
