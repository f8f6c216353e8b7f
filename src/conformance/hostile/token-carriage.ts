/** Tokens that come in another way than in one Authorization header. */
import { encoded } from './forge.ts';
import { bearer, type Carried, type TokenAttack, trusting } from './token-attack.ts';

const bearerUsage = 'RFC 6750 §2.1; RFC 9110 §11.4';
const elsewhere = 'RFC 6750 §2; RFC 9700 §4.3.2: no tokens in URLs';

const constant = (
  id: string,
  rule: string,
  authorization: string | null,
  source = trusting,
): TokenAttack => ({
  ...{ id, rule, source, strength: 'SHALL', make: (): Carried => ({ authorization }) },
});

/** The value is written around a correct token. */
const around = (
  id: string,
  rule: string,
  write: (token: string) => string,
  more: Partial<TokenAttack> = {},
): TokenAttack => ({
  ...{ id, rule, source: bearerUsage, needs: ['key'] },
  make: async ({ signed }) => write(await signed()),
  ...more,
});

/** As `around`, byte for byte; HTTP itself may refuse such a header. */
const aroundRaw = (id: string, rule: string, write: (token: string) => string): TokenAttack => ({
  ...{ id, rule, source: bearerUsage, needs: ['key'], orElse: [0, 400] },
  make: async ({ signed }) => ({ authorization: write(await signed()), raw: true }),
});

/** A correct token, but not in Authorization. */
const misplaced = (
  id: string,
  rule: string,
  carry: (token: string) => Omit<Carried & object, 'authorization'>,
): TokenAttack => ({
  ...{ id, rule, source: elsewhere, needs: ['key'], orElse: [400] },
  make: async ({ signed }) => ({ ...carry(await signed()), authorization: null }),
});

const halves = (token: string): readonly [string, string] => [token.slice(0, 40), token.slice(40)];

export const carriageAttacks: readonly TokenAttack[] = [
  constant('jwt-81', 'A call without a token is refused.', null, `${trusting}; R177`),
  constant('jwt-82', 'Garbage in place of a token is refused.', 'Bearer garbage'),
  constant('jwt-83', 'Bearer without a token is refused.', 'Bearer'),
  constant(
    'jwt-84',
    'Basic authentication is refused.',
    `Basic ${Buffer.from('admin:admin').toString('base64')}`,
  ),
  constant('jwt-85', 'Three empty parts are refused.', 'Bearer ..'),
  around('jwt-86', 'A correct token after a doubled Bearer is refused.', (token) => `Bearer Bearer ${token}`),
  around('jwt-87', 'A correct token without the word Bearer is refused.', (token) => token),
  around('jwt-88', 'A correct token under another scheme is refused.', (token) => `JWT ${token}`),
  around(
    'jwt-89',
    'Two tokens in one header are refused.',
    (token) => `Bearer ${encoded({ alg: 'none' })}.e30., Bearer ${token}`,
  ),
  around('jwt-90', 'A correct token with a word behind it is refused.', (token) => `Bearer ${token} x`),
  around('jwt-91', 'A token with a space in it is refused.', (token) => `Bearer ${halves(token).join(' ')}`),
  around('jwt-92', 'A token with a tab in it is refused.', (token) => `Bearer ${halves(token).join('\t')}`),
  around('jwt-93', 'A token in quotes is refused.', (token) => `Bearer "${token}"`),
  around('jwt-94', 'A token in JSON serialization is refused.', asJson, {
    source: 'RFC 7519 §3: a JWT is compact',
  }),
  around(
    'jwt-95',
    'Base64 padding at each part is refused.',
    (token) =>
      bearer(
        token
          .split('.')
          .map((part) => `${part}=`)
          .join('.'),
      ),
    { source: 'RFC 7515 §2' },
  ),
  around('jwt-96', 'A percent-encoded token is refused.', (token) => bearer(token.replaceAll('.', '%2E'))),
  aroundRaw(
    'jwt-97',
    'A token folded over two lines is refused.',
    (token) => `Bearer ${halves(token).join('\r\n ')}`,
  ),
  aroundRaw(
    'jwt-98',
    'A token with a NUL in it is refused.',
    (token) => `Bearer ${halves(token).join('\0')}`,
  ),
  aroundRaw(
    'jwt-99',
    'A token with full-width dots is refused.',
    (token) => `Bearer ${token.replaceAll('.', '\uFF0E')}`,
  ),
  aroundRaw(
    'jwt-100',
    'A token with a zero-width space in it is refused.',
    (token) => `Bearer ${halves(token).join('\u200B')}`,
  ),
  aroundRaw('jwt-101', 'A no-break space after Bearer is refused.', (token) => `Bearer\u00A0${token}`),
  aroundRaw(
    'jwt-102',
    'Two Authorization headers, the first one forged, are refused.',
    (token) => `Bearer ${encoded({ alg: 'none' })}.e30.\r\nAuthorization: Bearer ${token}`,
  ),
  misplaced('jwt-103', 'A token in the query string is not taken.', (token) => ({
    query: `?access_token=${token}`,
  })),
  misplaced('jwt-104', 'A token in the body is not taken.', (token) => ({
    body: { access_token: token, token },
  })),
  misplaced('jwt-105', 'A token in a cookie is not taken.', (token) => ({
    headers: { cookie: `access_token=${token}; Authorization=Bearer ${token}` },
  })),
  misplaced('jwt-106', 'A token in headers of proxies is not taken.', (token) => ({
    headers: {
      'proxy-authorization': `Bearer ${token}`,
      'x-forwarded-authorization': `Bearer ${token}`,
      'x-authorization': `Bearer ${token}`,
    },
  })),
  {
    id: 'jwt-107',
    rule: 'A token of one megabyte is refused.',
    source: 'RFC 6585 §5: 431',
    orElse: [0, 400, 413, 431],
    make: () => ({ authorization: `Bearer ${'a'.repeat(2 ** 20)}.e30.AA`, raw: true }),
  },
];

function asJson(token: string): string {
  const [protectedHeader, payload, signature] = token.split('.');
  return `Bearer ${JSON.stringify({ protected: protectedHeader, payload, signature })}`;
}
