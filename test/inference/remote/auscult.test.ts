/** Another auscult is a server like any other: the same tensors as the same graph here, over HTTP and gRPC. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRemoteModels } from '../../../src/inference/remote/remote-model.ts';
import { type RemoteRunner, remoteRunner } from '../../../src/inference/remote/remote-runner.ts';
import type { Golden, Signature } from '../../../src/inference/runner/protocol.ts';
import { type Runner, startRunner } from '../../../src/inference/runner/runner.ts';
import { column } from '../../../src/inference/tensor.ts';
import { createGate } from '../../../src/ops/gate.ts';
import { openAccess } from '../../../src/serving/access.ts';
import { type GrpcServer, startGrpc } from '../../../src/serving/grpc.ts';
import { openServed, type Served, type Site } from '../../serving/served.ts';
import { models } from '../prevent.ts';
import { protoFile } from './grpc-server.ts';

const model = 'fib-4';
const graph = readFileSync(join(models, model, '1', 'model.onnx'));
const feeds = {
  age: column(Float64Array.of(50, 61, 44)),
  ast_u_l: column(Float64Array.of(40, 31.5, 120)),
  alt_u_l: column(Float64Array.of(35, 22, 80)),
  platelets_10_9_l: column(Float64Array.of(200, 150, 90.5)),
};
const batch = { rows: 3, feeds, fetches: ['fib_4'] };

const named = ({ inputs, outputs }: Signature) =>
  [...inputs, ...outputs].map(({ name, type }) => `${name} ${type}`).sort();

describe('a model on another auscult', () => {
  let served: Served;
  let site: Site;
  let grpc: GrpcServer;
  let local: Runner;
  let golden: Golden;
  let signature: Signature;
  before(async () => {
    served = await openServed();
    site = await served.listen();
    const limits = { bodyBytes: 8 * 1024 * 1024, deadlineMs: 10_000 };
    grpc = await startGrpc({
      dataPlane: served.plane(),
      access: openAccess,
      enter: createGate(64).enter,
      limits,
      port: 0,
    });
    local = startRunner();
    signature = await local.load(model, graph);
    golden = { batch, outputs: await local.run(model, batch) };
  });
  after(() => Promise.all([site.close(), grpc.close(0), local.close(), served.close()]));

  for (const protocol of ['rest', 'grpc'] as const) {
    describe(`over ${protocol}`, () => {
      let remote: RemoteRunner;
      beforeEach(() => {
        const endpoints = [protocol === 'rest' ? site.url : `http://127.0.0.1:${grpc.port}`];
        const [entry] = parseRemoteModels(JSON.stringify([{ model, protocol, endpoints }]));
        assert.ok(entry);
        remote = remoteRunner(entry, { protoFile });
      });
      afterEach(() => remote.close());

      it('has the tensors of the graph', async () => {
        assert.deepEqual(named(await remote.load(model, graph)), named(signature));
      });

      it('is proven, and answers to the bit', async () => {
        await remote.load(model, graph);
        await remote.prove(model, golden);
        assert.deepEqual(await remote.run(model, batch), golden.outputs);
      });

      it('is not proven by what it does not answer', async () => {
        await remote.load(model, graph);
        const off = Float64Array.from(
          [...(golden.outputs.fib_4?.data ?? [])].map((value) => Number(value) + 1e-9),
        );
        await assert.rejects(remote.prove(model, { batch, outputs: { fib_4: column(off) } }), {
          code: 'model-unavailable',
        });
      });

      it('answers many at once, each with its own answer', async () => {
        await remote.load(model, graph);
        const ages = Array.from({ length: 40 }, (_, at) => 36 + at);
        const answers = await Promise.all(
          ages.map((age) =>
            remote.run(model, {
              rows: 3,
              feeds: { ...feeds, age: column(Float64Array.of(age, age, age)) },
              fetches: ['fib_4'],
            }),
          ),
        );
        const first = answers.map(({ fib_4 }) => Number(fib_4?.data[0]));
        assert.ok(first.every((value, at) => at === 0 || value > (first[at - 1] ?? value)));
      });

      it('a model that is not there is unavailable', async () => {
        const endpoints = [protocol === 'rest' ? site.url : `http://127.0.0.1:${grpc.port}`];
        const [entry] = parseRemoteModels(JSON.stringify([{ model, name: 'none', protocol, endpoints }]));
        assert.ok(entry);
        const none = remoteRunner(entry, { protoFile });
        await assert.rejects(none.load(model, graph), { code: 'model-unavailable', details: [model] });
        await none.close();
      });
    });
  }
});
