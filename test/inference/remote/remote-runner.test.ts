/** One model on other servers, over real sockets: what comes back, what happens when something else does. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '../../../src/errors.ts';
import { parseRemoteModels } from '../../../src/inference/remote/remote-model.ts';
import {
  type RemoteOptions,
  type RemoteRunner,
  remoteRunner,
} from '../../../src/inference/remote/remote-runner.ts';
import { identity } from '../../hooks/identity.ts';
import { answer, type Bend, batch, golden, json, type OipServer, oipServer } from './oip-server.ts';

const circuit = { failures: 3, pauseMs: 60 };

describe('a remote model', () => {
  let servers: readonly OipServer[] = [];
  let runner: RemoteRunner;

  async function open(
    options: RemoteOptions = {},
    changes: object = {},
    kinds: readonly object[] = [{}, {}],
  ): Promise<void> {
    servers = await Promise.all(kinds.map((kind) => oipServer(kind)));
    const endpoints = servers.map(({ url }) => url.href);
    const entry = { model: 'sum', protocol: 'rest', endpoints, timeoutMs: 1000, ...changes };
    const [remote] = parseRemoteModels(JSON.stringify([entry]), options.env);
    assert.ok(remote);
    runner = remoteRunner(remote, { circuit, ...options });
  }
  async function ready(...given: Parameters<typeof open>): Promise<void> {
    await open(...given);
    await runner.load('sum', new Uint8Array());
    await runner.prove('sum', golden);
    for (const { inferred } of servers) inferred.splice(0);
  }
  afterEach(async () => {
    await runner.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  const sums = async (rows = 1, urgency = {}): Promise<readonly unknown[]> => [
    ...((await runner.run('sum', batch(rows), urgency)).sum?.data ?? []),
  ];
  const asked = (): readonly number[] => servers.map(({ inferred }) => inferred.length);
  const server = (at: number): OipServer => servers[at] ?? assert.fail();
  const unavailable = { code: 'model-unavailable', details: ['sum'] };

  for (const binary of [true, false]) {
    describe(binary ? 'in bytes' : 'in JSON', () => {
      beforeEach(() => ready({}, {}, [{ binary }, { binary }]));

      it('says its signature: open axes have names', async () => {
        assert.deepEqual(await runner.load('sum', new Uint8Array()), {
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
        const running = runner.run('sum', { rows: 1, feeds: { x }, fetches: ['sum'] });
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
    const signature = await runner.load('sum', new Uint8Array());
    assert.deepEqual(
      [...signature.inputs, ...signature.outputs].map(({ name }) => name),
      ['image', 'risk'],
    );
    const outputs = await runner.run('sum', {
      rows: 1,
      feeds: { image: batch().feeds.x },
      fetches: ['risk'],
    });
    assert.deepEqual([...(outputs.risk?.data ?? [])], [3]);
    const [question] = servers.flatMap(({ inferred }) => inferred);
    assert.equal(question?.path, '/v2/models/a%2Fb/versions/2/infer');
    assert.equal(question?.authorization, 'Bearer abc');
  });

  it('is asked over TLS where it trusts the server, and not where it does not', async () => {
    const tls = await identity('localhost');
    await ready({ ca: tls.cert }, {}, [{ tls }]);
    assert.deepEqual(await sums(), [3]);
    await runner.close();
    const [remote] = parseRemoteModels(
      JSON.stringify([{ model: 'sum', protocol: 'rest', endpoints: [server(0).url.href] }]),
    );
    assert.ok(remote);
    runner = remoteRunner(remote);
    await assert.rejects(runner.load('sum', new Uint8Array()), unavailable);
  });

  describe('is proven', () => {
    it('refuses an endpoint that answers otherwise, and says which and by how much', async () => {
      await open({}, {}, [{}, { bias: 0.5 }]);
      await runner.load('sum', new Uint8Array());
      await assert.rejects(runner.prove('sum', golden), (thrown: Fault) => {
        assert.equal(thrown.code, 'model-unavailable');
        assert.ok(thrown.cause instanceof Error);
        assert.match(thrown.cause.message, new RegExp(`${server(1).url.host} differs .* by 1.7e-1 in sum`));
        return true;
      });
    });

    it('refuses endpoints that serve two signatures', async () => {
      await open({}, {}, [{}, { outputShape: [-1, 1] }]);
      await assert.rejects(runner.load('sum', new Uint8Array()), (thrown: Fault) => {
        assert.match(String(thrown.cause), /serves another signature: output sum float32/);
        return true;
      });
    });

    it('goes without one that is down, which proves itself before it is asked', async () => {
      await open({}, {}, [{ bias: 0.5 }, {}]);
      await server(0).close();
      await runner.load('sum', new Uint8Array());
      await runner.prove('sum', golden);
      await server(0).reopen();
      await wait(100);
      for (let at = 0; at < 20; at++) assert.deepEqual(await sums(), [3]);
      const [first] = runner.stats().endpoints;
      assert.deepEqual([first?.answered, first?.lastFailure], [0, 'wrong']);
    });

    it('fails where none answers', async () => {
      await open();
      await Promise.all(servers.map((each) => each.close()));
      await assert.rejects(runner.load('sum', new Uint8Array()), unavailable);
      await assert.rejects(sums(), unavailable);
    });
  });

  const ended =
    (bytes: string): Bend =>
    (_, response) =>
      void response.socket?.end(bytes);
  const saying =
    (body: unknown, status = 200): Bend =>
    (_, response) =>
      json(response, body, status);
  const output = { name: 'sum', datatype: 'FP32', shape: [1], data: [3] };
  const outputs = (change: object) => saying({ outputs: [{ ...output, ...change }] });

  describe('that answers wrongly is unavailable, and nobody else is asked', () => {
    const wrong: Readonly<Record<string, Bend>> = {
      'no JSON': ended('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{"out'),
      'JSON that is no answer': saying({ outputs: 'none' }),
      'another output': outputs({ name: 'other' }),
      'another datatype': outputs({ datatype: 'FP64' }),
      'an unknown datatype': outputs({ datatype: 'FP8' }),
      'more rows': outputs({ shape: [2], data: [3, 3] }),
      'another rank': outputs({ shape: [1, 1] }),
      'fewer elements than its shape': outputs({ data: [] }),
      'an element that is null': outputs({ data: [null] }),
      'a shape that no memory holds': outputs({ shape: [1, 2 ** 40] }),
      'bytes that are not there': outputs({ data: undefined, parameters: { binary_data_size: 4 } }),
      'no HTTP': ended('+OK\r\n\r\n'),
      'a redirect': (_, response) => void response.writeHead(307, { location: '/elsewhere' }).end(),
      'an encoded body': (_, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
      'no content': (_, response) => void response.writeHead(204).end(),
      'more bytes than allowed, as it says': (_, response) =>
        void response.writeHead(200, { 'content-length': 10_000_000 }).write('x'),
      'more bytes than allowed, without an end': (_, response) => endless(response),
    };
    for (const [what, bend] of Object.entries(wrong)) {
      it(what, async () => {
        await ready({ maxAnswerBytes: 100_000 });
        for (const each of servers) each.bend(bend);
        await assert.rejects(sums(), unavailable);
        assert.equal(asked()[0], 1 - (asked()[1] ?? 0));
        for (const each of servers) each.bend(undefined);
        assert.deepEqual(await sums(), [3]);
      });
    }
  });

  for (const status of [400, 401, 404, 413, 429]) {
    it(`status ${status} is never asked again`, async () => {
      await ready();
      for (const each of servers) each.bend(saying({ error: 'secret' }, status));
      await assert.rejects(sums(), (thrown: Fault) => {
        assert.equal(thrown.code, 'model-unavailable');
        assert.doesNotMatch(`${thrown.message} ${thrown.details} ${thrown.cause}`, /secret/);
        return true;
      });
      assert.equal((asked()[0] ?? 0) + (asked()[1] ?? 0), 1);
    });
  }

  describe('of which one endpoint brings no answer is asked once more, elsewhere', () => {
    const broken: Readonly<Record<string, Bend>> = {
      'status 500': saying({ error: 'x' }, 500),
      'status 503': saying({ error: 'x' }, 503),
      'a reset': (request) => request.socket.resetAndDestroy(),
      'a reset in the middle of the body': (request, response) => {
        response.writeHead(200, { 'content-length': 1000 }).write('{"outputs"');
        setTimeout(() => request.socket.resetAndDestroy(), 20);
      },
      'an end in the middle of the body': (_, response) => {
        response.writeHead(200, { 'content-length': 1000 }).write('{"outputs"');
        setTimeout(() => response.socket?.end(), 20);
      },
    };
    for (const [what, bend] of Object.entries(broken)) {
      it(what, async () => {
        await ready();
        server(0).bend(bend);
        for (let at = 0; at < 4; at++) assert.deepEqual(await sums(), [3]);
        assert.deepEqual(asked(), [2, 4]);
        assert.equal(runner.stats().retries, 2);
      });
    }

    it('but not a third time', async () => {
      await ready({}, {}, [{}, {}, {}]);
      for (const each of servers) each.bend(saying({}, 500));
      await assert.rejects(sums(), unavailable);
      assert.equal(
        asked().reduce((sum, each) => sum + each),
        2,
      );
    });
  });

  describe('keeps the deadline', () => {
    const hanging: Readonly<Record<string, Bend>> = {
      'of a server that hangs': () => undefined,
      'of one that hangs in the middle of the body': (_, response) =>
        void response.writeHead(200, { 'content-length': 1000 }).write('{'),
      'of one that drips': (_, response) => {
        response.writeHead(200, { 'content-length': 100_000 });
        const dripping = setInterval(() => response.write(' '), 5);
        response.once('close', () => clearInterval(dripping));
      },
    };
    for (const [what, bend] of Object.entries(hanging)) {
      it(`${what}, and leaves`, async () => {
        await ready();
        for (const each of servers) each.bend(bend);
        const late = { code: 'deadline-passed', details: ['sum'] };
        await assert.rejects(sums(1, { endsAt: performance.now() + 80 }), late);
        const [question] = servers.flatMap(({ inferred }) => inferred);
        assert.equal(await question?.left, true);
      });
    }

    it('leaves when the caller does', async () => {
      await ready();
      for (const each of servers) each.bend(() => undefined);
      const leaving = new AbortController();
      const running = assert.rejects(sums(1, { signal: leaving.signal }), { code: 'deadline-passed' });
      await wait(30);
      leaving.abort();
      await running;
      assert.equal(await servers.flatMap(({ inferred }) => inferred)[0]?.left, true);
      assert.equal(
        runner.stats().endpoints.every(({ failed }) => failed === 0),
        true,
      );
    });

    it('asks nobody where it has passed already', async () => {
      await ready();
      await assert.rejects(sums(1, { endsAt: performance.now() - 1 }), { code: 'deadline-passed' });
      await assert.rejects(sums(1, { signal: AbortSignal.abort() }), { code: 'deadline-passed' });
      assert.deepEqual(asked(), [0, 0]);
    });

    it('without one it waits for timeoutMs, and then the model is unavailable', async () => {
      await ready({}, { timeoutMs: 50 });
      for (const each of servers) each.bend(() => undefined);
      await assert.rejects(sums(), unavailable);
    });
  });

  describe('hedges', () => {
    const slowly: Bend = (request, response, body) =>
      void setTimeout(() => answer(request, response, body), 400).unref();

    it('asks another endpoint when the first is later than usual, takes its answer, and leaves the first', async () => {
      await ready({ hedgeShare: 0.5 });
      for (let at = 0; at < 60; at++) await sums();
      server(0).bend(slowly);
      const [slow] = asked();
      for (let at = 0; at < 2; at++) assert.deepEqual(await sums(), [3]);
      assert.equal(server(0).inferred.length, (slow ?? 0) + 1);
      assert.equal(await server(0).inferred.at(-1)?.left, true);
      const { hedges, hedgesWon, endpoints } = runner.stats();
      assert.ok(hedges >= 1 && hedgesWon >= 1);
      assert.equal(endpoints[0]?.failed, 0);
    });

    it('never adds more than its share', async () => {
      await ready({ hedgeShare: 0.02 });
      for (let at = 0; at < 30; at++) await sums();
      const late: Bend = (request, response, body) =>
        void setTimeout(() => answer(request, response, body), 5);
      for (const each of servers) each.bend(late);
      await Promise.all(Array.from({ length: 170 }, () => sums()));
      const { runs, hedges } = runner.stats();
      assert.ok(hedges <= runs * 0.02, `${hedges} of ${runs}`);
      const all = (asked()[0] ?? 0) + (asked()[1] ?? 0);
      assert.ok(all >= runs && all <= runs + hedges, `${all} of ${runs} and ${hedges}`);
    });
  });

  describe('leaves an endpoint alone that fails', () => {
    it('opens, says at once that the model is unavailable while all are open, and comes back by itself', async () => {
      await ready();
      for (const each of servers) each.bend(saying({}, 500), true);
      for (let at = 0; at < 3; at++) await assert.rejects(sums(), unavailable);
      assert.deepEqual(
        runner.stats().endpoints.map(({ state }) => state),
        ['open', 'open'],
      );
      const before = asked();
      await assert.rejects(sums(), unavailable);
      assert.deepEqual(asked(), before);
      for (const each of servers) each.bend(undefined);
      await wait(120);
      assert.deepEqual(await sums(), [3]);
      while (runner.stats().endpoints.some(({ state }) => state !== 'closed')) await wait(5);
    });

    it('one that hangs opens, though every caller left before its time-out', async () => {
      await ready({ hedgeShare: 0 });
      server(0).bend(() => undefined, true);
      for (let at = 0; at < 8; at++) await sums(1, { endsAt: performance.now() + 40 }).catch(() => {});
      assert.notEqual(runner.stats().endpoints[0]?.state, 'closed');
      for (let at = 0; at < 10; at++)
        assert.deepEqual(await sums(1, { endsAt: performance.now() + 500 }), [3]);
    });

    it('a probe that hangs holds nobody longer than their deadline', async () => {
      await ready({}, {}, [{}]);
      server(0).bend(saying({}, 500), true);
      for (let at = 0; at < 3; at++) await assert.rejects(sums(), unavailable);
      server(0).bend(() => undefined, true);
      await wait(100);
      const prober = assert.rejects(sums(1, { endsAt: performance.now() + 50 }), { code: 'deadline-passed' });
      await assert.rejects(sums(), unavailable);
      await prober;
    });

    it('questions that it does not take say nothing against it', async () => {
      await ready();
      for (const each of servers) each.bend(saying({}, 400));
      for (let at = 0; at < 20; at++) await assert.rejects(sums(), unavailable);
      assert.deepEqual(
        runner.stats().endpoints.map(({ state }) => state),
        ['closed', 'closed'],
      );
    });

    it('connections that nobody accepts: the other answers', async () => {
      await ready();
      await server(1).close();
      for (let at = 0; at < 10; at++) assert.deepEqual(await sums(), [3]);
      assert.equal(runner.stats().endpoints[1]?.lastFailure, 'unreachable');
    });
  });

  it('closes: what waits is answered, later questions are refused, and both may be said twice', async () => {
    await ready();
    for (const each of servers) each.bend(() => undefined);
    const running = assert.rejects(sums(), unavailable);
    await wait(20);
    await runner.close();
    await running;
    await assert.rejects(sums(), unavailable);
    await runner.close();
  });

  it('runs no other model', async () => {
    await ready();
    await assert.rejects(
      runner.run('other', batch()),
      (thrown) => thrown instanceof Fault && thrown.code === 'model-unavailable',
    );
  });
});

function endless(response: ServerResponse): void {
  response.writeHead(200);
  const more = (): void =>
    void (response.destroyed || response.write('x'.repeat(65_536), () => setImmediate(more)));
  more();
}
