import assert from 'node:assert/strict';
import { ZodError } from 'zod';
import { parseRemoteModels } from '../../../src/inference/remote/remote-model.ts';

const entry = {
  model: 'pneumonia-cnn',
  protocol: 'rest',
  endpoints: ['https://gpu-a:8000', 'https://gpu-b:8000'],
};
const env = { GPU_TOKEN: 'abc.DEF-123=', BROKEN: 'two words' };
/** `1.endpoints.0: is not a URL`, a line for each problem. */
function problemsOf(...entries: readonly object[]): readonly string[] {
  try {
    parse(...entries);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ZodError)) throw thrown;
    return thrown.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  }
}

const parse = (...entries: readonly object[]) => parseRemoteModels(JSON.stringify(entries), env);

describe('the file of remote models', () => {
  it('is read: defaults stand where nothing is said', () => {
    const [remote] = parse(entry);
    assert.deepEqual(remote?.endpoints.map(String), ['https://gpu-a:8000/', 'https://gpu-b:8000/']);
    assert.deepEqual(
      {
        timeoutMs: remote?.timeoutMs,
        tensors: remote?.tensors,
        name: remote?.name,
        fallback: remote?.fallback,
      },
      { timeoutMs: 2000, tensors: {}, name: undefined, fallback: undefined },
    );
  });

  const taken: Readonly<Record<string, object>> = {
    'plain text to loopback': { endpoints: ['http://127.0.0.1:1', 'http://localhost:2', 'http://[::1]:3'] },
    'plain text beyond it, where that is allowed': { endpoints: ['http://gpu'], allowPlainText: true },
    'a path before /v2': { endpoints: ['https://gateway/serving/pneumonia'] },
    everything: {
      name: 'cnn',
      version: '3',
      timeoutMs: 100,
      token: { env: 'GPU_TOKEN' },
      tensors: { image: 'input_1' },
      fallback: 'local',
    },
  };
  for (const [what, change] of Object.entries(taken)) {
    it(`takes ${what}`, () => assert.equal(parse({ ...entry, ...change }).length, 1));
  }

  const refused: readonly (readonly [object, string])[] = [
    [{ endpoints: ['http://gpu:8000'] }, 'endpoints.0: is not https, and allowPlainText is not set'],
    [{ endpoints: ['http://127.0.0.1.example'] }, 'endpoints.0: is not https, and allowPlainText is not set'],
    [{ endpoints: ['ftp://gpu'] }, 'endpoints.0: is neither https nor http'],
    [{ endpoints: ['gpu'] }, 'endpoints.0: is not a URL'],
    [{ endpoints: ['https://user:secret@gpu'] }, 'endpoints.0: holds a user or a password'],
    [{ endpoints: ['https://gpu?token=secret'] }, 'endpoints.0: has more than an address and a path'],
    [{ endpoints: [] }, 'endpoints: is empty'],
    [{ endpoints: ['https://gpu', 'https://gpu/'] }, 'endpoints: holds an address twice'],
    [{ protocol: 'grpc', endpoints: ['https://gpu/path'] }, 'endpoints.0: has a path, which gRPC has not'],
    [{ protocol: 'soap' }, 'protocol: is neither rest nor grpc'],
    [{ model: 'Pneumonia' }, 'model: is not the id of a model'],
    [{ timeoutMs: 1 }, 'timeoutMs: is below 10'],
    [{ token: 'abc' }, 'token: Invalid input: expected object, received string'],
    [{ token: { env: 'NOT_SET' } }, 'token.env: names a variable that is not set, or holds no bearer token'],
    [{ token: { env: 'BROKEN' } }, 'token.env: names a variable that is not set, or holds no bearer token'],
    [{ tensors: { a: 'x', b: 'x' } }, 'tensors: gives two tensors one name'],
    [{ fallback: 'none' }, 'fallback: is not local'],
  ];
  for (const [change, rule] of refused) {
    it(`refuses: ${rule} (${JSON.stringify(change)})`, () => {
      assert.deepEqual(problemsOf(entry, { ...entry, model: 'other', ...change }), [`1.${rule}`]);
    });
  }

  it('refuses one model twice, and says so of both', () => {
    assert.deepEqual(problemsOf(entry, entry), ['0.model: is given twice', '1.model: is given twice']);
  });

  it('refuses what is no list, without a word of it', () => {
    assert.throws(() => parseRemoteModels('secret', env), SyntaxError);
    assert.throws(
      () => parseRemoteModels('{"token":"secret"}', env),
      (thrown) => {
        assert.ok(thrown instanceof ZodError);
        assert.deepEqual(thrown.issues[0]?.path, []);
        assert.doesNotMatch(thrown.message, /secret/);
        return true;
      },
    );
  });

  it('keeps no token: only the name of the variable', () => {
    const remotes = parse({ ...entry, token: { env: 'GPU_TOKEN' } });
    assert.ok(!JSON.stringify(remotes).includes(env.GPU_TOKEN));
  });
});
