/** Tokens that the client did not sign, or not like this. */
import {
  base64url,
  compact,
  encoded,
  type Forge,
  hmac,
  type OwnAlgorithm,
  ownSignature,
  resigned,
  toDer,
} from './forge.ts';
import { bearer, rfc8725, type TokenAttack, trusting } from './token-attack.ts';

const unsigned =
  (alg: string) =>
  ({ header, claims }: Forge): string =>
    bearer(compact({ ...header, alg }, claims));

const own =
  (alg: OwnAlgorithm) =>
  ({ header, claims }: Forge): string =>
    bearer(compact({ ...header, alg }, claims, ownSignature(alg)));

const resignedBy =
  (change: (signature: Uint8Array) => Uint8Array | string) =>
  async ({ signed }: Forge): Promise<string> =>
    bearer(resigned(await signed(), change));

const flipped = (bytes: Uint8Array): Uint8Array =>
  bytes.with(bytes.length >> 1, (bytes[bytes.length >> 1] ?? 0) ^ 1);

/** The kit's signature under a header that names another algorithm. */
const relabelled =
  (alg: string | undefined) =>
  ({ header, claims, signText }: Forge): Promise<string> =>
    signText(JSON.stringify({ ...header, alg }), JSON.stringify(claims)).then(bearer);

const standardAlphabet = async ({ signed }: Forge): Promise<string> => {
  for (;;) {
    const token = await signed();
    const signature = token.split('.').at(-1) ?? '';
    if (!/[-_]/.test(signature)) continue;
    return bearer(resigned(token, () => signature.replaceAll('-', '+').replaceAll('_', '/')));
  }
};

const confusion = rfc8725('2.1 and 3.1');
const never = 'SHALL';

export const signatureAttacks: readonly TokenAttack[] = [
  {
    id: 'jwt-01',
    rule: 'A token with alg none is refused.',
    source: `${trusting}; R203`,
    strength: never,
    make: unsigned('none'),
  },
  {
    id: 'jwt-02',
    rule: 'A token with alg None is refused.',
    source: confusion,
    strength: never,
    make: unsigned('None'),
  },
  {
    id: 'jwt-03',
    rule: 'A token with alg nOnE is refused.',
    source: confusion,
    strength: never,
    make: unsigned('nOnE'),
  },
  {
    id: 'jwt-04',
    rule: 'A token with an empty alg is refused.',
    source: confusion,
    strength: never,
    make: unsigned(''),
  },
  {
    id: 'jwt-05',
    rule: 'A token with alg none under which a real signature stands is refused.',
    source: confusion,
    needs: ['exact-text'],
    strength: never,
    make: relabelled('none'),
  },
  {
    id: 'jwt-06',
    rule: 'HS256 with the public key (PEM) as its secret is refused.',
    source: `${trusting}; R205; ${confusion}`,
    strength: never,
    needs: ['key'],
    make: async ({ signed }) => bearer(await signed({ header: { alg: 'HS256' } })),
  },
  {
    id: 'jwt-07',
    rule: 'HS384 with the public key (PEM) as its secret is refused.',
    source: `${trusting}; R205; ${confusion}`,
    strength: never,
    needs: ['key'],
    make: async ({ signed }) => bearer(await signed({ header: { alg: 'HS384' } })),
  },
  {
    id: 'jwt-08',
    rule: 'HS256 with the public key (JWK) as its secret is refused.',
    source: `${trusting}; R205; ${confusion}`,
    strength: never,
    needs: ['public-key'],
    make: ({ header, claims, publicKey }) =>
      bearer(compact({ ...header, alg: 'HS256' }, claims, hmac(256, JSON.stringify(publicKey)))),
  },
  {
    id: 'jwt-09',
    rule: 'HS512 with an empty secret is refused.',
    source: `${trusting}; R205`,
    strength: never,
    make: ({ header, claims }) => bearer(compact({ ...header, alg: 'HS512' }, claims, hmac(512, ''))),
  },
  {
    id: 'jwt-10',
    rule: 'A stranger’s ES384 key under the client’s kid is refused.',
    source: trusting,
    strength: 'SHALL',
    make: own('ES384'),
  },
  {
    id: 'jwt-11',
    rule: 'A stranger’s RS384 key under the client’s kid is refused.',
    source: trusting,
    strength: 'SHALL',
    make: own('RS384'),
  },
  { id: 'jwt-12', rule: 'A stranger’s RS256 signature is refused.', source: confusion, make: own('RS256') },
  { id: 'jwt-13', rule: 'A stranger’s PS384 signature is refused.', source: confusion, make: own('PS384') },
  { id: 'jwt-14', rule: 'A stranger’s ES256 signature is refused.', source: confusion, make: own('ES256') },
  {
    id: 'jwt-15',
    rule: 'A token whose signature was taken away is refused.',
    source: 'RFC 7515 §5.2',
    strength: 'SHALL',
    needs: ['key'],
    make: resignedBy(() => ''),
  },
  {
    id: 'jwt-16',
    rule: 'A token without its third part is refused.',
    source: 'RFC 7515 §7.1',
    needs: ['key'],
    make: async ({ signed }) => bearer((await signed()).replace(/\.[^.]*$/, '')),
  },
  {
    id: 'jwt-17',
    rule: 'An ECDSA signature of nothing but zeros is refused.',
    source: 'CVE-2022-21449',
    strength: 'SHALL',
    make: ({ header, claims }) =>
      bearer(compact({ ...header, alg: 'ES384' }, claims, () => new Uint8Array(96))),
  },
  {
    id: 'jwt-18',
    rule: 'An ECDSA signature in DER is refused: JWS knows one form.',
    source: 'RFC 7518 §3.4',
    needs: ['key'],
    make: async ({ signed, header, claims }) =>
      String(header.alg).startsWith('ES')
        ? bearer(resigned(await signed(), toDer))
        : bearer(compact({ ...header, alg: 'ES384' }, claims, ownSignature('ES384', 'der'))),
  },
  {
    id: 'jwt-19',
    rule: 'One flipped bit of the signature is noticed.',
    source: 'RFC 7515 §5.2',
    strength: 'SHALL',
    needs: ['key'],
    make: resignedBy(flipped),
  },
  {
    id: 'jwt-20',
    rule: 'Claims that were changed after signing are noticed.',
    source: 'RFC 7515 §5.2',
    strength: 'SHALL',
    needs: ['key'],
    make: async ({ signed, claims }) => {
      const [header, , signature] = (await signed()).split('.');
      return bearer([header, encoded({ ...claims, sub: 'somebody-else' }), signature].join('.'));
    },
  },
  {
    id: 'jwt-21',
    rule: 'The signature of another token of the same client is refused.',
    source: 'RFC 7515 §5.2',
    strength: 'SHALL',
    needs: ['key'],
    make: async ({ signed }) => {
      const other = (await signed()).split('.').at(-1) ?? '';
      return bearer(resigned(await signed(), () => other));
    },
  },
  {
    id: 'jwt-22',
    rule: 'A signature under another algorithm’s name is refused.',
    source: rfc8725('3.1'),
    needs: ['exact-text'],
    make: relabelled('RS512'),
  },
  {
    id: 'jwt-23',
    rule: 'An algorithm in the wrong letter case is refused.',
    source: 'RFC 7515 §4.1.1',
    needs: ['key'],
    make: async ({ signed, header }) =>
      bearer(await signed({ header: { alg: String(header.alg).toLowerCase() } })),
  },
  {
    id: 'jwt-24',
    rule: 'A token without alg is refused.',
    source: 'RFC 7515 §4.1.1',
    strength: 'SHALL',
    needs: ['exact-text'],
    make: relabelled(undefined),
  },
  {
    id: 'jwt-25',
    rule: 'A signature in the standard base64 alphabet is refused.',
    source: 'RFC 7515 §2',
    needs: ['key'],
    make: standardAlphabet,
  },
  {
    id: 'jwt-26',
    rule: 'A signature with base64 padding is refused.',
    source: 'RFC 7515 §2',
    needs: ['key'],
    make: resignedBy((bytes) => `${base64url(bytes)}==`),
  },
];
