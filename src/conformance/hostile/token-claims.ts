/** Tokens that the client signed, and that say the wrong thing. */
import { base64url, compact, type Forge, type Members, ownSignature } from './forge.ts';
import { bearer, rfc8725, type TokenAttack, trusting } from './token-attack.ts';

const withClaims =
  (changes: Members | ((forge: Forge) => Members)) =>
  async (forge: Forge): Promise<string> =>
    bearer(await forge.signed({ claims: typeof changes === 'function' ? changes(forge) : changes }));

const withHeader =
  (header: Members) =>
  async ({ signed }: Forge): Promise<string> =>
    bearer(await signed({ header }));

/** Seconds from now. */
const at = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const year = 365 * 24 * 3600;

const claim = (
  id: string,
  rule: string,
  changes: Members | ((forge: Forge) => Members),
  more: Partial<TokenAttack> = {},
): TokenAttack => ({ id, rule, source: trusting, needs: ['key'], make: withClaims(changes), ...more });

const header = (id: string, rule: string, changes: Members, source: string): TokenAttack => ({
  ...{ id, rule, source, needs: ['key'], make: withHeader(changes) },
});

const text = (
  id: string,
  rule: string,
  source: string,
  write: (header: Members, claims: Members) => readonly [string, string],
): TokenAttack => ({
  ...{ id, rule, source, needs: ['exact-text'] },
  make: async ({ header, claims, signText }) => bearer(await signText(...write(header, claims))),
});

/** The audience with its path replaced. */
const aimed =
  (path: (own: string) => string) =>
  ({ claims }: Forge): Members => {
    const url = new URL(String(claims.aud));
    return { aud: `${url.origin}${path(url.pathname)}` };
  };

const required = { strength: 'SHALL' } as const;
/** JSON with one member named twice, the wrong value first. */
const twice = (members: Members, name: string, first: unknown): string =>
  `{${JSON.stringify(name)}:${JSON.stringify(first)},${JSON.stringify(members).slice(1)}`;

export const claimAttacks: readonly TokenAttack[] = [
  claim('jwt-39', 'A wrong iss is refused.', { iss: 'https://somebody-else.example' }, required),
  claim('jwt-40', 'A token without iss is refused.', { iss: undefined }, required),
  claim('jwt-41', 'An iss with a slash more is another iss.', ({ claims }) => ({ iss: `${claims.iss}/` })),
  claim('jwt-42', 'A list in place of iss is refused.', ({ claims }) => ({ iss: [claims.iss] }), {
    source: 'RFC 7519 §4.1.1',
  }),
  claim('jwt-43', 'A token without aud is refused.', { aud: undefined }, required),
  claim(
    'jwt-44',
    'A token for another service’s host is refused.',
    { aud: 'https://other.example/cds-services/x' },
    required,
  ),
  claim(
    'jwt-45',
    'A token for discovery is refused at a hook endpoint.',
    aimed((own) => own.replace(/\/cds-services.*/, '/cds-services')),
  ),
  claim(
    'jwt-46',
    'A token for another service of the same host is refused.',
    aimed((own) => own.replace(/[^/]*$/, 'some-other-service')),
  ),
  claim(
    'jwt-47',
    'A token for the feedback endpoint is refused at the hook endpoint.',
    aimed((own) => `${own}/feedback`),
  ),
  claim(
    'jwt-48',
    'A token for the base URL is refused.',
    aimed((own) => own.replace(/\/cds-services.*/, '')),
  ),
  claim(
    'jwt-49',
    'An audience list with a stranger in it is refused.',
    ({ claims }) => ({ aud: [claims.aud, 'https://other.example'] }),
    { source: rfc8725('3.9') },
  ),
  claim('jwt-50', 'An empty audience list is refused.', { aud: [] }, { source: rfc8725('3.9') }),
  claim('jwt-51', 'An aud that only starts like the endpoint is refused.', ({ claims }) => ({
    aud: `${claims.aud}.evil.example/`,
  })),
  claim('jwt-52', 'A token without exp is refused.', { exp: undefined }, required),
  claim('jwt-53', 'An expired token is refused.', { iat: at(-7200), exp: at(-7080) }, required),
  claim('jwt-54', 'An exp that is text is refused.', () => ({ exp: String(at(120)) }), {
    source: 'RFC 7519 §2, NumericDate',
  }),
  text('jwt-55', 'An exp of 1e999 is refused.', 'RFC 7519 §2; RFC 8259 §6', (head, claims) => [
    JSON.stringify(head),
    JSON.stringify({ ...claims, exp: 0 }).replace('"exp":0', '"exp":1e999'),
  ]),
  claim('jwt-56', 'A negative exp is refused.', { exp: -1 }),
  claim('jwt-57', 'An exp of null is refused.', { exp: null }, { source: 'RFC 7519 §2, NumericDate' }),
  claim('jwt-58', 'An exp of "NaN" is refused.', { exp: 'NaN' }, { source: 'RFC 7519 §2, NumericDate' }),
  claim('jwt-59', 'A token that lives for a year is refused.', () => ({ exp: at(year) }), {
    source:
      'SMART App Launch 2.x, asymmetric authentication: exp no more than five minutes ahead; Best Practices: an hour',
  }),
  claim('jwt-60', 'An exp before iat is refused.', () => ({ iat: at(30), exp: at(20) })),
  claim('jwt-61', 'A token without iat is refused.', { iat: undefined }, required),
  claim('jwt-62', 'A token issued in an hour is refused.', () => ({ iat: at(3600), exp: at(3720) })),
  claim('jwt-63', 'A token that is not valid yet (nbf) is refused.', () => ({ nbf: at(3600) }), {
    source: 'RFC 7519 §4.1.5',
    strength: 'SHALL',
  }),
  claim('jwt-64', 'A token without jti is refused.', { jti: undefined }, required),
  claim('jwt-65', 'A jti that is a number is refused.', { jti: 7 }, { source: 'RFC 7519 §4.1.7' }),
  claim('jwt-66', 'An empty jti is refused.', { jti: '' }),
  claim(
    'jwt-67',
    'A jti of 4,000 characters is refused.',
    { jti: 'j'.repeat(4000) },
    { source: 'Best Practices: the jti is remembered until its token expires' },
  ),
  claim(
    'jwt-68',
    'A token of another tenant is refused.',
    { tenant: 'some-other-tenant' },
    { needs: ['key', 'tenant'] },
  ),
  claim(
    'jwt-69',
    'A token without the agreed tenant is refused.',
    { tenant: undefined },
    { needs: ['key', 'tenant'] },
  ),
  header('jwt-70', 'A token without typ is refused.', { typ: undefined }, `${trusting}; R199: typ is JWT`),
  header(
    'jwt-71',
    'A token of another typ is refused.',
    { typ: 'at+jwt' },
    `${trusting}; ${rfc8725('3.11')}`,
  ),
  header(
    'jwt-72',
    'A token with a critical header that nobody knows is refused.',
    { crit: ['x-unknown'], 'x-unknown': true },
    'RFC 7515 §4.1.11',
  ),
  header(
    'jwt-73',
    'A token that says it is compressed (zip) is refused.',
    { zip: 'DEF' },
    `RFC 7516 §4.1.3; ${rfc8725('3.6')}`,
  ),
  header(
    'jwt-74',
    'A token that says its payload is not encoded (b64) is refused.',
    { b64: false, crit: ['b64'] },
    'RFC 7797 §6, §7',
  ),
  text('jwt-75', 'A token in a token is refused.', `RFC 7519 §5.2; ${rfc8725('2.6')}`, (head, claims) => [
    JSON.stringify({ ...head, cty: 'JWT' }),
    compact({ ...head, alg: 'ES384' }, claims, ownSignature('ES384')),
  ]),
  text('jwt-76', 'A header that names alg twice is refused.', 'RFC 7515 §4, RFC 8259 §4', (head, claims) => [
    twice(head, 'alg', 'none'),
    JSON.stringify(claims),
  ]),
  text('jwt-77', 'A payload that names iss twice is refused.', 'RFC 7519 §4, RFC 8259 §4', (head, claims) => [
    JSON.stringify(head),
    twice(claims, 'iss', 'https://somebody-else.example'),
  ]),
  text('jwt-78', 'A payload that is a list is refused.', 'RFC 7519 §7.2', (head, claims) => [
    JSON.stringify(head),
    JSON.stringify([claims]),
  ]),
  text('jwt-79', 'A payload with a byte order mark is refused.', 'RFC 8259 §8.1', (head, claims) => [
    JSON.stringify(head),
    `\uFEFF${JSON.stringify(claims)}`,
  ]),
  {
    id: 'jwt-80',
    rule: 'An encrypted token (five parts) is refused.',
    source: 'CVE-2023-51774; RFC 7516',
    make: ({ header, claims }) =>
      bearer(
        [{ ...header, alg: 'dir', enc: 'A256GCM' }, {}, {}, claims, {}]
          .map((part) => base64url(JSON.stringify(part)))
          .join('.'),
      ),
  },
];
