import assert from 'node:assert/strict';
import { ZodError } from 'zod';
import { parseClients } from '../../src/serving/clients.ts';

const key = `sha256:${'a'.repeat(64)}`;
const client = { id: 'one', scopes: ['infer:prevent'], keys: [key] };
const parse = (list: unknown) => parseClients(JSON.stringify(list), ['prevent']);

describe('the file of inference clients', () => {
  it('reads ids, scopes, hashes, and 600 requests a minute where nothing is said', () => {
    const [read] = parse([client]);
    assert.deepEqual(
      [read?.id, read?.scopes, read?.perMinute, read?.keys[0]?.length],
      ['one', ['infer:prevent'], 600, 32],
    );
  });

  const broken: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['no list', {}, [': Invalid input: expected array, received object']],
    ['nobody', [], [': is empty']],
    [
      'neither keys nor tokens',
      [{ id: 'one', scopes: ['admin'] }],
      ['0: has neither keys nor jwks nor jwksUrl'],
    ],
    [
      'a key in the clear',
      [{ ...client, keys: ['my-secret-key'] }],
      ['0.keys.0: is not sha256: and 64 hex digits'],
    ],
    [
      'an odd scope',
      [{ ...client, scopes: ['write'] }],
      ['0.scopes.0: is not infer:<model>, infer:* or admin'],
    ],
    ['no scope', [{ ...client, scopes: [] }], ['0.scopes: Too small: expected array to have >=1 items']],
    ['a model there is not', [{ ...client, scopes: ['infer:nobody'] }], ['0.scopes: there is no such model']],
    ['one id twice', [client, { ...client, keys: [`sha256:${'b'.repeat(64)}`] }], ['1.id: is given twice']],
    [
      'one key for two',
      [client, { ...client, id: 'two' }],
      ['0', '1'].map((at) => `${at}.keys: lists a key twice, or that of another client`),
    ],
    ['a field nobody knows', [{ ...client, key: 'x' }], ['0: Unrecognized key: "key"']],
    [
      'plain http keys',
      [{ id: 'a', scopes: ['admin'], jwksUrl: 'http://a.example' }],
      ['0.jwksUrl: is not an https URL'],
    ],
  ];
  for (const [what, list, says] of broken) {
    it(`refuses ${what}: ${says.join('; ')}`, () => {
      assert.throws(
        () => parse(list),
        (thrown) => {
          assert.ok(thrown instanceof ZodError);
          const lines = thrown.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
          assert.deepEqual(lines, says);
          assert.doesNotMatch(thrown.message, /my-secret|nobody/);
          return true;
        },
      );
    });
  }

  it('refuses what is not JSON', () => {
    assert.throws(() => parseClients('{', []), SyntaxError);
  });
});
