/** One model over gRPC, over real connections: what comes back, what happens when something else does. */
import assert from 'node:assert/strict';
import { status } from '@grpc/grpc-js';
import { parseRemoteModels } from '../../../src/inference/remote/remote-model.ts';
import {
  type RemoteOptions,
  type RemoteRunner,
  remoteRunner,
} from '../../../src/inference/remote/remote-runner.ts';
import { identity } from '../../hooks/identity.ts';
import { type GrpcBend, grpcServer, type HandGrpcServer, protoFile } from './grpc-server.ts';
import { batch, golden } from './oip-server.ts';

describe('a remote model over gRPC', () => {
  let servers: readonly HandGrpcServer[] = [];
  let runner: RemoteRunner;

  async function ready(
    options: RemoteOptions = {},
    changes: object = {},
    tls?: { cert: string; key: string },
  ) {
    servers = await Promise.all([grpcServer(tls), grpcServer(tls)]);
    const endpoints = servers.map(({ url }) => url.href);
    const entry = { model: 'sum', protocol: 'grpc', endpoints, timeoutMs: 1000, ...changes };
    const [remote] = parseRemoteModels(JSON.stringify([entry]), options.env);
    assert.ok(remote);
    runner = remoteRunner(remote, { protoFile, circuit: { failures: 3, pauseMs: 60 }, ...options });
    await runner.load('sum', new Uint8Array());
    await runner.prove('sum', golden);
    for (const { inferred } of servers) inferred.splice(0);
  }
  afterEach(async () => {
    await runner.close();
    for (const server of servers) server.close();
  });
  const sums = async (rows = 1, urgency = {}): Promise<readonly unknown[]> => [
    ...((await runner.run('sum', batch(rows), urgency)).sum?.data ?? []),
  ];
  const calls = () => servers.flatMap(({ inferred }) => inferred);
  const bend = (how: GrpcBend | undefined): void => {
    for (const server of servers) server.bend(how);
  };
  const unavailable = { code: 'model-unavailable', details: ['sum'] };

  it('answers, with its token, by turns', async () => {
    await ready({ env: { GPU_TOKEN: 'abc' } }, { token: { env: 'GPU_TOKEN' } });
    for (let at = 0; at < 4; at++) assert.deepEqual(await sums(3), [3, 3, 3]);
    assert.deepEqual(
      servers.map(({ inferred }) => inferred.length),
      [2, 2],
    );
    assert.deepEqual(calls()[0]?.metadata.get('authorization'), ['Bearer abc']);
  });

  it('answers over TLS where it trusts the server, and not where it does not', async () => {
    const { cert, key } = await identity('localhost', undefined, undefined);
    await ready({ ca: cert }, {}, { cert, key });
    assert.deepEqual(await sums(), [3]);
    const [remote] = parseRemoteModels(
      JSON.stringify([{ model: 'sum', protocol: 'grpc', endpoints: servers.map(({ url }) => url.href) }]),
    );
    assert.ok(remote);
    const stranger = remoteRunner(remote, { protoFile });
    await assert.rejects(stranger.load('sum', new Uint8Array()), unavailable);
    await stranger.close();
  });

  it('takes typed contents too', async () => {
    await ready();
    bend((_, answer) =>
      answer(null, {
        outputs: [{ name: 'sum', datatype: 'FP32', shape: [1], contents: { fp32_contents: [3] } }],
      }),
    );
    assert.deepEqual(await sums(), [3]);
  });

  const output = { name: 'sum', datatype: 'FP32', shape: [1] };
  const wrong: Readonly<Record<string, object>> = {
    'no output': { outputs: [] },
    'raw contents that are not as many': {
      outputs: [output],
      raw_output_contents: [Buffer.alloc(4), Buffer.alloc(4)],
    },
    'raw contents of another size': { outputs: [output], raw_output_contents: [Buffer.alloc(8)] },
    'another datatype': {
      outputs: [{ ...output, datatype: 'INT32' }],
      raw_output_contents: [Buffer.alloc(4)],
    },
    'a negative shape': { outputs: [{ ...output, shape: [-1] }], raw_output_contents: [Buffer.alloc(4)] },
    'no contents': { outputs: [output] },
    'more than allowed': { outputs: [output], raw_output_contents: [Buffer.alloc(200_000)] },
  };
  for (const [what, message] of Object.entries(wrong)) {
    it(`is unavailable where it answers wrongly, and nobody else is asked: ${what}`, async () => {
      await ready({ maxAnswerBytes: 100_000 });
      bend((_, answer) => answer(null, message));
      await assert.rejects(sums(), unavailable);
      assert.equal(calls().length, 1);
    });
  }

  for (const [name, asked] of [
    ['INVALID_ARGUMENT', 1],
    ['NOT_FOUND', 1],
    ['UNAUTHENTICATED', 1],
    ['RESOURCE_EXHAUSTED', 1],
    ['UNAVAILABLE', 2],
    ['INTERNAL', 2],
  ] as const) {
    it(`${name} is asked ${asked === 1 ? 'once' : 'once more, elsewhere'}`, async () => {
      await ready();
      bend((_, answer) => answer({ code: status[name], details: 'secret' }));
      await assert.rejects(sums(), (thrown: Error) => {
        assert.doesNotMatch(`${thrown} ${thrown.cause}`, /secret/);
        return true;
      });
      assert.equal(calls().length, asked);
    });
  }

  it('tells its deadline, keeps it, and cancels on the wire', async () => {
    await ready();
    bend(() => undefined);
    const dueAt = Date.now() + 80;
    await assert.rejects(sums(1, { endsAt: performance.now() + 80 }), { code: 'deadline-passed' });
    const told = Number(calls()[0]?.getDeadline());
    assert.ok(Math.abs(told - dueAt) < 250, `${told - dueAt} ms off`);
  });

  it('cancels when nobody waits any more', async () => {
    await ready();
    const cancelled = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    bend((call) => {
      call.once('cancelled', () => cancelled.resolve());
      asked.resolve();
    });
    const leaving = new AbortController();
    const running = assert.rejects(sums(1, { signal: leaving.signal }), { code: 'deadline-passed' });
    await asked.promise;
    leaving.abort();
    await Promise.all([running, cancelled.promise]);
  });

  it('goes on at the other endpoint when one goes away', async () => {
    await ready();
    servers[0]?.close();
    for (let at = 0; at < 10; at++) assert.deepEqual(await sums(), [3]);
    assert.equal(runner.stats().endpoints[0]?.lastFailure, 'unreachable');
  });
});

it('a remote model over gRPC needs the .proto', () => {
  const [remote] = parseRemoteModels('[{"model":"sum","protocol":"grpc","endpoints":["https://gpu"]}]');
  assert.ok(remote);
  assert.throws(() => remoteRunner(remote), /sum: gRPC needs its .proto/);
});
