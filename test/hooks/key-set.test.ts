import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BoundedAnswer } from '../../src/fhir/bounded-fetch.ts';
import { type KeySetOptions, keySetOf } from '../../src/hooks/key-set.ts';
import type { Registration } from '../../src/hooks/registration.ts';
import { listenOn } from '../harness.ts';
import { answer } from './tokens/world.ts';

const url = 'https://ehr.example/jwks.json';
const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const jwk = (kid: string) => ({ ...pair.publicKey.export({ format: 'jwk' }), kid });
const set = (...kids: string[]) => ({ keys: kids.map(jwk) });
const minute = 60_000;

const registered = (fields: Partial<Registration> = {}): Registration => ({
  id: 'ehr',
  name: 'EHR',
  profile: 'cds-hooks-2.0',
  fhirServers: ['https://ehr.example/fhir'],
  jwksUrl: url,
  ...fields,
});

/** Keys at an address whose answers and whose clock the test holds. */
function remote(fields: Partial<Registration> = {}) {
  const state = {
    now: 0,
    asked: 0,
    stale: [] as string[],
    reply: async (): Promise<BoundedAnswer> => answer(set('k')),
  };
  const options: KeySetOptions = {
    elapsed: () => state.now,
    onStale: (id) => state.stale.push(id),
    fetchKeys: () => {
      state.asked++;
      return state.reply();
    },
  };
  const keys = keySetOf(registered(fields), options);
  /** The kid that was found, or why there is none. */
  const find = async (kid = 'k', alg: 'ES384' | 'RS384' = 'ES384') => {
    const found = await keys({ kid, alg });
    return typeof found === 'string' ? found : found.kid;
  };
  return Object.assign(state, { find });
}

const down = () => Promise.reject(new Error('down'));

describe('key set', () => {
  it('K4: asks once and keeps the keys for ten minutes', async () => {
    const remoteKeys = remote();
    for (const at of [0, 1, 9 * minute]) {
      remoteKeys.now = at;
      assert.equal(await remoteKeys.find(), 'k');
    }
    assert.equal(remoteKeys.asked, 1);
    remoteKeys.now = 10 * minute;
    assert.equal(await remoteKeys.find(), 'k');
    assert.equal(remoteKeys.asked, 2);
  });

  it('K3: a key verifies its own algorithm only', async () => {
    assert.equal(await remote().find('k', 'RS384'), 'unknown-key');
  });

  it('K4: many calls at once are one question', async () => {
    const remoteKeys = remote();
    const { promise, resolve } = Promise.withResolvers<BoundedAnswer>();
    remoteKeys.reply = () => promise;
    const finding = Array.from({ length: 20 }, () => remoteKeys.find());
    resolve(answer(set('k')));
    assert.deepEqual(await Promise.all(finding), Array(20).fill('k'));
    assert.equal(remoteKeys.asked, 1);
  });

  it('K4: an unknown kid asks again, at most every 30 s: keys rotate, and fifty kids are one question', async () => {
    const remoteKeys = remote();
    await remoteKeys.find();
    remoteKeys.reply = async () => answer(set('next'));
    for (let kid = 0; kid < 50; kid++) assert.equal(await remoteKeys.find(`x${kid}`), 'unknown-key');
    assert.equal(remoteKeys.asked, 1);
    remoteKeys.now = 30_000;
    assert.equal(await remoteKeys.find('next'), 'next');
    assert.equal(await remoteKeys.find('k'), 'unknown-key', 'the old key is gone at once');
    assert.equal(remoteKeys.asked, 2);
  });

  it('an EHR that withdraws its keys is refused: no keys are an answer, not a failure', async () => {
    const remoteKeys = remote();
    await remoteKeys.find();
    remoteKeys.reply = async () => answer({ keys: [] });
    remoteKeys.now = 10 * minute;
    assert.equal(await remoteKeys.find(), 'unknown-key');
    assert.deepEqual(remoteKeys.stale, []);
  });

  describe('Cache-Control', () => {
    for (const [headers, seconds] of [
      [{ 'cache-control': 'max-age=120' }, 120],
      [{ 'cache-control': 'public, MAX-AGE="120"' }, 120],
      [{ 'cache-control': 'max-age=120', age: '50' }, 70],
      [{ 'cache-control': 'max-age=86400' }, 600],
      [{ 'cache-control': 'max-age=0' }, 30],
      [{ 'cache-control': 'no-store' }, 30],
      [{}, 600],
    ] as const) {
      it(`${JSON.stringify(headers)}: fresh for ${seconds} s`, async () => {
        const remoteKeys = remote();
        remoteKeys.reply = async () => answer(set('k'), headers);
        await remoteKeys.find();
        remoteKeys.now = seconds * 1000 - 1;
        await remoteKeys.find();
        assert.equal(remoteKeys.asked, 1);
        remoteKeys.now = seconds * 1000;
        await remoteKeys.find();
        assert.equal(remoteKeys.asked, 2);
      });
    }
  });

  describe('while the address fails', () => {
    async function outage(fields: Partial<Registration> = {}) {
      const remoteKeys = remote(fields);
      await remoteKeys.find();
      remoteKeys.reply = down;
      return remoteKeys;
    }

    it('the last good keys serve for an hour, each use is told, and then no longer', async () => {
      const remoteKeys = await outage();
      for (const at of [10, 30, 69.99]) {
        remoteKeys.now = at * minute;
        assert.equal(await remoteKeys.find(), 'k');
      }
      assert.deepEqual(remoteKeys.stale, ['ehr', 'ehr', 'ehr']);
      remoteKeys.now = 70 * minute;
      assert.equal(await remoteKeys.find(), 'keys-unavailable');
    });

    it('for as long as is registered; 0: not at all', async () => {
      const short = await outage({ staleKeySeconds: 60 });
      short.now = 11 * minute - 1;
      assert.equal(await short.find(), 'k');
      short.now = 11 * minute;
      assert.equal(await short.find(), 'keys-unavailable');
      const never = await outage({ staleKeySeconds: 0 });
      never.now = 10 * minute;
      assert.equal(await never.find(), 'keys-unavailable');
      assert.deepEqual(never.stale, []);
    });

    it('it is asked every 30 s, and only the first call waits for it', async () => {
      const remoteKeys = await outage();
      remoteKeys.now = 10 * minute;
      await remoteKeys.find();
      assert.equal(remoteKeys.asked, 2);
      const { promise, resolve } = Promise.withResolvers<BoundedAnswer>();
      remoteKeys.reply = () => promise;
      remoteKeys.now += 29_999;
      await remoteKeys.find();
      assert.equal(remoteKeys.asked, 2);
      remoteKeys.now += 1;
      assert.equal(await remoteKeys.find(), 'k', 'although the address hangs');
      assert.equal(remoteKeys.asked, 3);
      resolve(answer(set('k')));
      await sleep(1);
      remoteKeys.stale.length = 0;
      assert.equal(await remoteKeys.find(), 'k');
      assert.deepEqual(remoteKeys.stale, [], 'fresh again');
    });

    it('before there ever were keys every token is refused, and fifty are one question', async () => {
      const remoteKeys = remote();
      remoteKeys.reply = down;
      for (let call = 0; call < 50; call++) assert.equal(await remoteKeys.find(), 'keys-unavailable');
      assert.equal(remoteKeys.asked, 1);
      remoteKeys.reply = async () => answer(set('k'));
      remoteKeys.now = 30_000;
      assert.equal(await remoteKeys.find(), 'k');
    });
  });

  describe('an answer counts as none', () => {
    const answers: Record<string, () => BoundedAnswer> = {
      'that is a 500': () => answer(set('k'), {}, 500),
      'that is a 204': () => answer('', {}, 204),
      'that is no JSON': () => answer('<html>'),
      'that is not UTF-8': () => ({ ...answer(''), bytes: Buffer.from([0x7b, 0xff, 0x7d]) }),
      'that is a list': () => answer([jwk('k')]),
      'whose keys are no list': () => answer({ keys: { k: jwk('k') } }),
      'of more than 100 keys': () => answer(set(...Array.from({ length: 101 }, (_, at) => `k${at}`))),
    };
    for (const [what, reply] of Object.entries(answers)) {
      it(what, async () => {
        const remoteKeys = remote();
        remoteKeys.reply = async () => reply();
        assert.equal(await remoteKeys.find(), 'keys-unavailable');
      });
    }
  });

  it('takes of a set what may verify a token, and no key that is named twice', async () => {
    const remoteKeys = remote();
    const privateKey = { ...pair.privateKey.export({ format: 'jwk' }), kid: 'private' };
    const others = [
      { kty: 'OKP', crv: 'Ed25519', x: 'x', kid: 'ed' },
      { ...jwk('enc'), use: 'enc' },
      privateKey,
      7,
    ];
    remoteKeys.reply = async () => answer({ keys: [...others, jwk('k'), jwk('twice'), jwk('twice')] });
    assert.equal(await remoteKeys.find('k'), 'k');
    for (const kid of ['ed', 'enc', 'private', 'twice'])
      assert.equal(await remoteKeys.find(kid), 'unknown-key');
  });

  describe('over the network', () => {
    const serving = async (
      listener: RequestListener,
      check: (fields: Partial<Registration>) => Promise<void>,
    ) => {
      let asked = 0;
      const { url: origin, close } = await listenOn((req, res) => {
        asked++;
        listener(req, res);
      });
      await check({ jwksUrl: `${origin}/jwks`, allowPrivateNetwork: true });
      await close();
      return asked;
    };
    const found = async (fields: Partial<Registration>) => {
      const key = await keySetOf(registered(fields))({ kid: 'k', alg: 'ES384' });
      return typeof key === 'string' ? key : key.kid;
    };

    it('K4: fetches the registered address', async () => {
      const asked = await serving(
        (_, res) => res.end(JSON.stringify(set('k'))),
        async (fields) => assert.equal(await found(fields), 'k'),
      );
      assert.equal(asked, 1);
    });

    it('K6: never one on this machine or the site’s network, unless registered so', async () => {
      const asked = await serving(
        (_, res) => res.end(JSON.stringify(set('k'))),
        async (fields) =>
          assert.equal(await found({ ...fields, allowPrivateNetwork: false }), 'keys-unavailable'),
      );
      assert.equal(asked, 0);
    });

    const hostile: Record<string, RequestListener> = {
      'more than 64 KiB': (_, res) => res.end(JSON.stringify({ ...set('k'), x: 'x'.repeat(66_000) })),
      'bytes without end': (_, res) => {
        const drip = setInterval(() => res.write('x'.repeat(20_000)), 5);
        res.on('close', () => clearInterval(drip));
      },
      'a redirect': (_, res) => res.writeHead(302, { location: '/jwks' }).end(),
      'an encoding': (_, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    };
    for (const [what, listener] of Object.entries(hostile)) {
      it(`refuses ${what}`, async () => {
        const asked = await serving(listener, async (fields) =>
          assert.equal(await found(fields), 'keys-unavailable'),
        );
        assert.equal(asked, 1);
      });
    }

    it('does not wait for a silent address longer than 2 s', async () => {
      const began = performance.now();
      await serving(
        () => {},
        async (fields) => assert.equal(await found(fields), 'keys-unavailable'),
      );
      const took = performance.now() - began;
      assert.ok(took > 1_500 && took < 4_000, `${took} ms`);
    });
  });
});
