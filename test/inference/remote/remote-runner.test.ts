/** One model on other servers, over real sockets: how it is asked, what it proves, how it ends. */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '../../../src/errors.ts';
import { parseRemoteModels } from '../../../src/inference/remote/remote-model.ts';
import { remoteRunner } from '../../../src/inference/remote/remote-runner.ts';
import { identity } from '../../hooks/identity.ts';
import { batch, golden } from './oip-server.ts';
import { oneRemote, unavailable } from './one-remote.ts';

describe('a remote model', () => {
  const { open, ready, runner, servers, server, sums, asked } = oneRemote();

  for (const binary of [true, false]) {
    describe(binary ? 'in bytes' : 'in JSON', () => {
      beforeEach(() => ready({}, {}, [{ binary }, { binary }]));

      it('says its signature: open axes have names', async () => {
        assert.deepEqual(await runner().load('sum', new Uint8Array()), {
          inputs: [{ name: 'x', type: 'float32', shape: ['rows', 2] }],
          outputs: [{ name: 'sum', type: 'float32', shape: ['rows'] }],
        });
      });

      it('answers, and its endpoints take turns', async () => {
        for (let at = 0; at < 10; at++) assert.deepEqual(await sums(3), [3, 3, 3]);
        assert.deepEqual(asked(), [5, 5]);
      });

      it('NaN travels in bytes; in JSON it is refused by name before anything is asked', async () => {
        const x = { dtype: 'float32' as const, shape: [1, 2], data: Float32Array.of(1, Number.NaN) };
        const running = runner().run('sum', { rows: 1, feeds: { x }, fetches: ['sum'] });
        if (binary) return assert.deepEqual([...((await running).sum?.data ?? [])], [Number.NaN]);
        await assert.rejects(running, (thrown: Fault) => {
          assert.equal(thrown.code, 'model-unavailable');
          assert.match(thrown.details.join(), /^sum,.*x: NaN or an infinity cannot travel in JSON/);
          return true;
        });
        assert.deepEqual(asked(), [0, 0]);
      });
    });
  }

  it('is asked by its own name, version and tensors, with the token of the environment', async () => {
    const env = { GPU_TOKEN: 'abc' };
    const changes = {
      name: 'a/b',
      version: '2',
      token: { env: 'GPU_TOKEN' },
      tensors: { image: 'x', risk: 'sum' },
    };
    await open({ env }, changes);
    const signature = await runner().load('sum', new Uint8Array());
    assert.deepEqual(
      [...signature.inputs, ...signature.outputs].map(({ name }) => name),
      ['image', 'risk'],
    );
    const outputs = await runner().run('sum', {
      rows: 1,
      feeds: { image: batch().feeds.x },
      fetches: ['risk'],
    });
    assert.deepEqual([...(outputs.risk?.data ?? [])], [3]);
    const [question] = servers().flatMap(({ inferred }) => inferred);
    assert.equal(question?.path, '/v2/models/a%2Fb/versions/2/infer');
    assert.equal(question?.authorization, 'Bearer abc');
  });

  it('is asked over TLS where it trusts the server, and not where it does not', async () => {
    const tls = await identity('localhost');
    await ready({ ca: tls.cert }, {}, [{ tls }]);
    assert.deepEqual(await sums(), [3]);
    const [remote] = parseRemoteModels(
      JSON.stringify([{ model: 'sum', protocol: 'rest', endpoints: [server(0).url.href] }]),
    );
    assert.ok(remote);
    const distrusting = remoteRunner(remote);
    await assert.rejects(distrusting.load('sum', new Uint8Array()), unavailable);
    await distrusting.close();
  });

  describe('is proven', () => {
    it('refuses an endpoint that answers otherwise, and says which and by how much', async () => {
      await open({}, {}, [{}, { bias: 0.5 }]);
      await runner().load('sum', new Uint8Array());
      await assert.rejects(runner().prove('sum', golden), (thrown: Fault) => {
        assert.equal(thrown.code, 'model-unavailable');
        assert.ok(thrown.cause instanceof Error);
        assert.match(thrown.cause.message, new RegExp(`${server(1).url.host} differs .* by 1.7e-1 in sum`));
        return true;
      });
    });

    it('refuses endpoints that serve two signatures', async () => {
      await open({}, {}, [{}, { outputShape: [-1, 1] }]);
      await assert.rejects(runner().load('sum', new Uint8Array()), (thrown: Fault) => {
        assert.match(String(thrown.cause), /serves another signature: output sum float32/);
        return true;
      });
    });

    it('goes without one that is down, which proves itself before it is asked', async () => {
      await open({}, {}, [{ bias: 0.5 }, {}]);
      await server(0).close();
      await runner().load('sum', new Uint8Array());
      await runner().prove('sum', golden);
      await server(0).reopen();
      await wait(100);
      for (let at = 0; at < 20; at++) assert.deepEqual(await sums(), [3]);
      const [first] = runner().stats().endpoints;
      assert.deepEqual([first?.answered, first?.lastFailure], [0, 'wrong']);
    });

    it('fails where none answers', async () => {
      await open();
      await Promise.all(servers().map((each) => each.close()));
      await assert.rejects(runner().load('sum', new Uint8Array()), unavailable);
      await assert.rejects(sums(), unavailable);
    });
  });

  it('closes: what waits is answered, later questions are refused, and both may be said twice', async () => {
    await ready();
    for (const each of servers()) each.bend(() => undefined);
    const running = assert.rejects(sums(), unavailable);
    await wait(20);
    await runner().close();
    await running;
    await assert.rejects(sums(), unavailable);
    await runner().close();
  });

  it('runs no other model', async () => {
    await ready();
    await assert.rejects(
      runner().run('other', batch()),
      (thrown) => thrown instanceof Fault && thrown.code === 'model-unavailable',
    );
  });
});
