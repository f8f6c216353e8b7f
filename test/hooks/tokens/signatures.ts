/** Signatures that are wrong, or right for something else. */
import { createSign, KeyObject } from 'node:crypto';
import { type Attack, attack } from './attack.ts';
import { claims, header, part, unsigned, type World } from './world.ts';

/** Order of P-384 (FIPS 186-5): a signature value that counts as zero. */
const order =
  'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973';

async function withSignature(
  { sign }: World,
  change: (signature: Buffer) => Buffer,
  token?: string,
): Promise<string> {
  const [head, body, signature = ''] = (token ?? (await sign())).split('.');
  return `${head}.${body}.${change(Buffer.from(signature, 'base64url')).toString('base64url')}`;
}

export const signatures: readonly Attack[] = [
  attack('A14', 'signature', 'a key of its own under the registered kid', ({ keys, sign }) =>
    sign({ key: keys.foreign.privateKey }),
  ),
  attack('A15', 'signature', 'an ES384 signature of zeros (psychic signature)', (world) =>
    withSignature(world, () => Buffer.alloc(96)),
  ),
  attack('A16', 'signature', 'an ES384 signature of twice the order of the curve', (world) =>
    withSignature(world, () => Buffer.from(order + order, 'hex')),
  ),
  attack('A17', 'signature', 'an ES384 signature in DER', ({ keys }) => {
    const body = unsigned();
    const key = KeyObject.from(keys.es.privateKey);
    return `${body}.${createSign('sha384').update(body).sign({ key, dsaEncoding: 'der' }, 'base64url')}`;
  }),
  attack('A18', 'signature', 'the signature of another good token', async ({ sign }) => {
    const [, , signature] = (await sign()).split('.');
    const [head, body] = (await sign()).split('.');
    return `${head}.${body}.${signature}`;
  }),
  attack('A19', 'signature', 'a payload changed after it was signed', async ({ sign }) => {
    const [head, , signature] = (await sign()).split('.');
    return `${head}.${part(claims({ sub: 'admin' }))}.${signature}`;
  }),
  attack('A20', 'signature', 'a header changed after it was signed', async ({ sign }) => {
    const [, body, signature] = (await sign()).split('.');
    return `${part(header({ cty: 'json' }))}.${body}.${signature}`;
  }),
  attack('A21', 'signature', 'a signature that is cut short', (world) =>
    withSignature(world, (signature) => signature.subarray(0, 95)),
  ),
  attack('A22', 'signature', 'a signature with a byte too many', (world) =>
    withSignature(world, (signature) => Buffer.concat([signature, Buffer.alloc(1)])),
  ),
  attack('A23', 'signature', 'an RS384 signature of zeros', async (world) =>
    withSignature(
      world,
      (signature) => Buffer.alloc(signature.length),
      await world.sign({ header: { alg: 'RS384', kid: 'rs' }, key: world.keys.rs.privateKey }),
    ),
  ),
];
