/** Tokens and headers in forms that one reader takes for something else than the next. */
import { deflateRawSync } from 'node:zlib';
import type { Refusal } from '../../../src/hooks/trust.ts';
import { type Attack, attack } from './attack.ts';
import { claims, header, issuer, part, signText, type World } from './world.ts';

/** Signed with the right key, whatever the text is. */
const signed = ({ keys }: World, head: unknown, body: unknown): Promise<string> =>
  signText(`${part(head)}.${part(body)}`, keys.es);

const tokens: readonly Attack[] = [
  attack('A78', 'header', 'no typ', ({ sign }) => sign({ header: { typ: undefined } })),
  attack('A79', 'header', 'the typ of an access token', ({ sign }) => sign({ header: { typ: 'at+jwt' } })),
  attack('A80', 'header', 'a critical header', (world) =>
    signed(world, header({ crit: ['exp'], exp: 1 }), claims()),
  ),
  attack('A81', 'header', 'a payload that is not encoded (b64)', (world) =>
    signed(world, header({ crit: ['b64'], b64: false }), claims()),
  ),
  attack('A82', 'malformed', 'a compressed payload (zip)', ({ keys }) => {
    const body = deflateRawSync(JSON.stringify(claims())).toString('base64url');
    return signText(`${part(header({ zip: 'DEF' }))}.${body}`, keys.es);
  }),
  attack('A83', 'header', 'zip above a payload that is not compressed', (world) =>
    signed(world, header({ zip: 'DEF' }), claims()),
  ),
  attack('A84', 'malformed', 'a good token inside a token', async (world) =>
    signed(world, header({ cty: 'JWT' }), await world.sign()),
  ),
  attack('A85', 'malformed', 'a payload that says iss twice', (world) =>
    signed(world, header(), `{"iss":"https://b.example",${JSON.stringify(claims()).slice(1)}`),
  ),
  attack('A86', 'malformed', 'a header that says alg twice', (world) =>
    signed(world, `{"alg":"none",${JSON.stringify(header()).slice(1)}`, claims()),
  ),
  attack('A87', 'malformed', 'a payload with a byte order mark', (world) =>
    signed(world, header(), `\ufeff${JSON.stringify(claims())}`),
  ),
  attack('A88', 'malformed', 'a payload that is a list', (world) => signed(world, header(), [claims()])),
  attack('A89', 'malformed', 'a payload with __proto__', (world) =>
    signed(world, header(), `{"__proto__":{"iss":"${issuer}"},${JSON.stringify(claims()).slice(1)}`),
  ),
  attack('A90', 'malformed', 'more than 8 KiB', ({ sign }) => sign({ claims: { x: 'x'.repeat(9_000) } })),
  attack('A91', 'malformed', 'five parts (a JWE)', async ({ sign }) => `${await sign()}.a.b`),
  attack('A92', 'malformed', 'two parts', async ({ sign }) =>
    (await sign()).split('.').slice(0, 2).join('.'),
  ),
  attack('A93', 'malformed', 'nothing but dots', () => '..'),
  attack('A94', 'malformed', 'base64 with padding', async ({ sign }) => `${await sign()}=`),
  attack('A95', 'malformed', 'a part spelled with other trailing bits', (world) => respelled(world)),
  attack('A96', 'header', 'an alg that ends in a newline', (world) =>
    signed(world, header({ alg: 'ES384\n' }), claims()),
  ),
  attack('A97', 'header', 'a typ with a space', (world) => signed(world, header({ typ: 'JWT ' }), claims())),
];

/** The last of two base64url digits for one byte carries four bits that mean nothing. */
async function respelled({ keys }: World): Promise<string> {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const body = [0, 1, 2]
    .map((more) => part(claims({ sub: 'x'.repeat(more) })))
    .find(({ length }) => length % 4 > 0);
  const last = digits.indexOf(body?.at(-1) ?? '');
  return signText(`${part(header())}.${body?.slice(0, -1)}${digits[last + 1]}`, keys.es);
}

const whole = (
  id: string,
  refusal: Refusal,
  what: string,
  forge: (token: string) => string | string[],
): Attack => ({
  id,
  refusal,
  what,
  forge: async ({ sign }) => forge(await sign()),
});

const headers: readonly Attack[] = [
  whole(
    'A98',
    'malformed',
    'two Authorization headers joined',
    (token) => `Bearer ${token}, Bearer ${token}`,
  ),
  whole('A99', 'malformed', 'a good token after a bad one', (token) => `Bearer a.b.c, Bearer ${token}`),
  whole('A100', 'malformed', 'another scheme', (token) => `Basic ${token}`),
  whole('A101', 'malformed', 'no scheme', (token) => token),
  whole('A102', 'malformed', 'two spaces', (token) => `Bearer  ${token}`),
  whole('A103', 'malformed', 'a space inside the token', (token) => `Bearer ${token.replace('.', '. ')}`),
  whole('A104', 'malformed', 'a tab inside the token', (token) => `Bearer ${token.replace('.', '\t.')}`),
  whole('A105', 'malformed', 'a no-break space', (token) => `Bearer ${token}\u00a0x`),
  whole('A106', 'malformed', 'a quoted token', (token) => `Bearer "${token}"`),
  whole('A107', 'malformed', 'an empty token', () => 'Bearer '),
  whole('A108', 'malformed', 'two Authorization headers', (token) => [`Bearer ${token}`, 'Bearer a.b.c']),
];

export const forms: readonly Attack[] = [...tokens, ...headers];
