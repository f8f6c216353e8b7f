import assert from 'node:assert/strict';
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

  const broken: readonly (readonly [string, unknown, RegExp])[] = [
    ['no list', {}, /^INFERENCE_CLIENTS: the list/],
    ['nobody', [], /the list: is empty/],
    ['neither keys nor tokens', [{ id: 'one', scopes: ['admin'] }], /client 1, entry: has neither/],
    ['a key in the clear', [{ ...client, keys: ['my-secret-key'] }], /client 1, keys.0: is not sha256/],
    ['an odd scope', [{ ...client, scopes: ['write'] }], /client 1, scopes.0: is not infer/],
    ['no scope', [{ ...client, scopes: [] }], /client 1, scopes/],
    ['a model there is not', [{ ...client, scopes: ['infer:nobody'] }], /client 1, scopes: there is no such/],
    [
      'one id twice',
      [client, { ...client, keys: [`sha256:${'b'.repeat(64)}`] }],
      /client 2, id: is given twice/,
    ],
    ['one key for two', [client, { ...client, id: 'two' }], /client 1, keys: .*\n.*client 2, keys/],
    ['a field nobody knows', [{ ...client, key: 'x' }], /client 1, entry: .*key/],
    [
      'plain http keys',
      [{ id: 'a', scopes: ['admin'], jwksUrl: 'http://a.example' }],
      /jwksUrl: is not an https/,
    ],
  ];
  for (const [what, list, says] of broken) {
    it(`refuses ${what}, naming client, field and rule`, () => {
      assert.throws(
        () => parse(list),
        (thrown: Error) => {
          assert.match(thrown.message, says);
          assert.doesNotMatch(thrown.message, /my-secret|nobody/);
          return true;
        },
      );
    });
  }

  it('refuses what is not JSON', () => {
    assert.throws(() => parseClients('{', []), /is not JSON/);
  });
});
