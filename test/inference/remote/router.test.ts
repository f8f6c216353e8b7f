import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRemoteModels } from '../../../src/inference/remote/remote-model.ts';
import { remoteRunner } from '../../../src/inference/remote/remote-runner.ts';
import { type RunnerWithRemotes, runnerWithRemotes } from '../../../src/inference/remote/router.ts';
import { startRunner } from '../../../src/inference/runner/runner.ts';
import { column } from '../../../src/inference/tensor.ts';
import { openServed, type Served, type Site } from '../../serving/served.ts';
import { models } from '../prevent.ts';
import { batch, golden, type OipServer, oipServer } from './oip-server.ts';

const graph = readFileSync(join(models, 'fib-4', '1', 'model.onnx'));
const fib4 = {
  rows: 1,
  feeds: Object.fromEntries(
    ['age', 'ast_u_l', 'alt_u_l', 'platelets_10_9_l'].map((name, at) => [
      name,
      column(Float64Array.of(40 + at)),
    ]),
  ),
  fetches: ['fib_4'],
};

describe('a runner some of whose models are remote', () => {
  let server: OipServer;
  let runner: RunnerWithRemotes;
  beforeEach(async () => {
    server = await oipServer();
    const remotes = parseRemoteModels(
      JSON.stringify([{ model: 'sum', protocol: 'rest', endpoints: [server.url.href] }]),
    );
    runner = runnerWithRemotes(
      startRunner(),
      remotes.map((remote) => remoteRunner(remote)),
    );
    await runner.load('sum', new Uint8Array());
    await runner.prove('sum', golden);
    await runner.load('fib-4', graph);
  });
  afterEach(async () => {
    await runner.close();
    await server.close();
  });

  it('asks each where it runs', async () => {
    assert.deepEqual([...((await runner.run('sum', batch())).sum?.data ?? [])], [3]);
    assert.equal((await runner.run('fib-4', fib4)).fib_4?.data.length, 1);
    assert.ok(runner.pid !== undefined);
    assert.deepEqual(
      runner.remotes().map(({ model, answered }) => [model, answered]),
      [['sum', 1]],
    );
    assert.deepEqual(runner.devices().at(-1), { provider: 'remote', pid: undefined, refused: [] });
    assert.ok(runner.isUp('sum') && runner.isUp('fib-4'));
  });

  it('without a fallback a remote that is down is unavailable; the others run', async () => {
    await server.close();
    for (let at = 0; at < 5; at++)
      await assert.rejects(runner.run('sum', batch()), { code: 'model-unavailable', details: ['sum'] });
    assert.deepEqual([runner.isUp('sum'), runner.isUp('fib-4')], [false, true]);
    assert.equal((await runner.run('fib-4', fib4)).fib_4?.data.length, 1);
  });
});

describe('a remote model with a local fallback', () => {
  let served: Served;
  let site: Site;
  let runner: RunnerWithRemotes;
  const open = (endpoints: readonly string[], entry: object = {}): RunnerWithRemotes => {
    const remotes = parseRemoteModels(
      JSON.stringify([{ model: 'fib-4', protocol: 'rest', endpoints, fallback: 'local', ...entry }]),
    );
    return runnerWithRemotes(
      startRunner(),
      remotes.map((remote) => remoteRunner(remote, { circuit: { pauseMs: 20 } })),
    );
  };
  before(async () => {
    served = await openServed();
  });
  after(() => served.close());
  beforeEach(async () => {
    site = await served.listen();
  });
  afterEach(() => Promise.all([runner.close(), site.close()]));

  it('answers here what it answered there, when that goes away', async () => {
    runner = open([site.url]);
    await runner.load('fib-4', graph);
    const there = await runner.run('fib-4', fib4);
    await site.close();
    assert.deepEqual(await runner.run('fib-4', fib4), there);
    site = await served.listen();
  });

  it('starts without it', async () => {
    runner = open(['http://127.0.0.1:9']);
    await runner.load('fib-4', graph);
    assert.equal((await runner.run('fib-4', fib4)).fib_4?.data.length, 1);
    assert.ok(runner.isUp('fib-4'));
  });

  it('does not start where the remote serves other tensors', async () => {
    runner = open([site.url], { name: 'lace' });
    await assert.rejects(runner.load('fib-4', graph), { code: 'model-unavailable' });
  });

  it('does not start where the remote answers otherwise', async () => {
    runner = open([site.url]);
    await runner.load('fib-4', graph);
    const outputs = { fib_4: column(Float64Array.of(0)) };
    await assert.rejects(runner.prove('fib-4', { batch: fib4, outputs }), { code: 'model-unavailable' });
  });

  it('a question whose time is over is not asked here either', async () => {
    runner = open([site.url]);
    await runner.load('fib-4', graph);
    await assert.rejects(runner.run('fib-4', fib4, { signal: AbortSignal.abort() }), {
      code: 'deadline-passed',
    });
  });
});
