/** Keys that the token brings, names or borrows. */
import { exportJWK } from 'jose';
import { type Attack, attack } from './attack.ts';
import { cloud, issuer, jwksUrl, other, type World } from './world.ts';

const foreign = ({ keys }: World) => ({ key: keys.foreign.privateKey });

export const borrowedKeys: readonly Attack[] = [
  attack('A24', 'signature', 'a key of its own, embedded as jwk', async (world) =>
    world.sign({ ...foreign(world), header: { jwk: await exportJWK(world.keys.foreign.publicKey) } }),
  ),
  attack('A25', 'signature', 'a key of its own, in an x5c chain', (world) =>
    world.sign({ ...foreign(world), header: { x5c: ['MIIB'] } }),
  ),
  attack('A26', 'signature', 'a key of its own, at an x5u address', (world) =>
    world.sign({ ...foreign(world), header: { x5u: 'https://evil.example/chain.pem' } }),
  ),
  attack('A27', 'jku', 'a key of its own, at a foreign jku', (world) =>
    world.sign({ ...foreign(world), header: { jku: 'https://evil.example/jwks.json', kid: 'x' } }),
  ),
  attack('A28', 'jku', 'the right key with a foreign jku', ({ sign }) =>
    sign({ header: { jku: 'https://evil.example/jwks.json' } }),
  ),
  attack('A29', 'jku', 'the right key with the registered jku and a query', ({ sign }) =>
    sign({ header: { jku: `${jwksUrl}?` } }),
  ),
  attack('A30', 'jku', 'the right key with a jku on the metadata address', ({ sign }) =>
    sign({ header: { jku: 'http://169.254.169.254/jwks.json' } }),
  ),
  attack('A31', 'jku', 'a jku where none is registered', ({ keys, sign }) =>
    sign({ claims: { iss: other }, header: { kid: 'b', jku: jwksUrl }, key: keys.b.privateKey }),
  ),
  attack('A32', 'unknown-key', 'a kid that nobody has', ({ sign }) => sign({ header: { kid: 'x' } })),
  attack('A33', 'unknown-key', 'kid and key of another registration', ({ keys, sign }) =>
    sign({ header: { kid: 'b' }, key: keys.b.privateKey }),
  ),
  attack('A34', 'signature', 'the key of another tenant of the same issuer', ({ keys, sign }) =>
    sign({ claims: { iss: cloud, tenant: 'n' }, header: { kid: 'n' }, key: keys.south.privateKey }),
  ),
  attack('A35', 'unknown-key', 'kid and key of another tenant of the same issuer', ({ keys, sign }) =>
    sign({ claims: { iss: cloud, tenant: 'n' }, header: { kid: 's' }, key: keys.south.privateKey }),
  ),
  attack('A36', 'header', 'no kid', ({ sign }) => sign({ header: { kid: undefined } })),
  attack('A37', 'unknown-key', 'a kid from the prototype', ({ sign }) =>
    sign({ header: { kid: 'constructor' } }),
  ),
  attack('A38', 'unknown-key', 'a kid that is a path', ({ keys, sign }) =>
    sign({ header: { kid: '../../../../dev/null' }, key: keys.foreign.privateKey }),
  ),
  attack('A39', 'unknown-key', 'the kid with a zero-width space', ({ sign }) =>
    sign({ header: { kid: 'es\u200b' } }),
  ),
];

export const borrowedNames: readonly Attack[] = [
  attack('A40', 'issuer', 'an issuer that is not registered', ({ sign }) =>
    sign({ claims: { iss: 'https://evil.example' } }),
  ),
  attack('A41', 'issuer', 'the issuer with a slash', ({ sign }) => sign({ claims: { iss: `${issuer}/` } })),
  attack('A42', 'issuer', 'the issuer with a newline', ({ sign }) =>
    sign({ claims: { iss: `${issuer}\n` } }),
  ),
  attack('A43', 'issuer', 'the issuer in capitals', ({ sign }) =>
    sign({ claims: { iss: issuer.toUpperCase() } }),
  ),
  attack('A44', 'issuer', 'the issuer with a letter of another alphabet', ({ sign }) =>
    sign({ claims: { iss: issuer.replace('e', '\u0435') } }),
  ),
  attack('A45', 'issuer', 'an issuer from the prototype', ({ sign }) =>
    sign({ claims: { iss: 'toString' } }),
  ),
  attack('A46', 'claims', 'a list of issuers', ({ sign }) => sign({ claims: { iss: [issuer] } })),
  attack('A47', 'issuer', 'the id of a registration whose issuer is another', ({ keys, sign }) =>
    sign({ claims: { iss: 'north', tenant: 'n' }, header: { kid: 'n' }, key: keys.north.privateKey }),
  ),
  attack('A48', 'issuer', 'an issuer of tenants without a tenant', ({ keys, sign }) =>
    sign({ claims: { iss: cloud }, header: { kid: 'n' }, key: keys.north.privateKey }),
  ),
  attack('A49', 'issuer', 'a list of tenants', ({ keys, sign }) =>
    sign({ claims: { iss: cloud, tenant: ['n'] }, header: { kid: 'n' }, key: keys.north.privateKey }),
  ),
];
