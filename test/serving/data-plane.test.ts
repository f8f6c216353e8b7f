/** Is a model ready? Whoever routes by it must hear the truth: no request is sent where it cannot be answered. */
import assert from 'node:assert/strict';
import { type ModelRegistry, openRegistry } from '../../src/inference/registry.ts';
import { parseRemoteModels } from '../../src/inference/remote/remote-model.ts';
import { remoteRunner } from '../../src/inference/remote/remote-runner.ts';
import { runnerWithRemotes } from '../../src/inference/remote/router.ts';
import { startRunner } from '../../src/inference/runner/runner.ts';
import { packaged } from '../../src/packaged.ts';
import { createDataPlane, type DataPlane } from '../../src/serving/data-plane.ts';
import { openServed, type Served, type Site } from './served.ts';

const [remote, fallen] = ['fib-4', 'lace'];
const nobody = 'http://127.0.0.1:9';
const circuit = { failures: 1, pauseMs: 60_000 };

describe('a model whose server is down', () => {
  let elsewhere: Served;
  let server: Site;
  let models: ModelRegistry;
  let plane: DataPlane;

  before(async () => {
    elsewhere = await openServed();
    server = await elsewhere.listen();
    const remotes = parseRemoteModels(
      JSON.stringify([
        { model: remote, protocol: 'rest', endpoints: [server.url] },
        { model: fallen, protocol: 'rest', endpoints: [nobody], fallback: 'local' },
      ]),
    );
    const runners = remotes.map((each) => remoteRunner(each, { circuit }));
    models = await openRegistry(packaged('models'), { runner: runnerWithRemotes(startRunner(), runners) });
    plane = createDataPlane({ models, version: '1.2.3', ready: () => true });
  });
  after(async () => {
    await models.close();
    await elsewhere.close();
  });

  const unready = (): readonly string[] => models.ids().filter((id) => !plane.modelReady(id));
  const unavailable = () => plane.index().filter(({ state }) => state === 'UNAVAILABLE');
  const asked = (id: string) => models.get(id).run([rowOf(id)]);
  /** Every number at the least it may be. */
  const rowOf = (id: string) =>
    Object.fromEntries(
      models
        .get(id)
        .manifest.inputs.map((input) => [input.name, ('valid' in input ? input.valid?.min : 0) ?? 0]),
    );

  it('is ready while that answers, as all others are', async () => {
    await asked(remote);
    assert.deepEqual([unready(), unavailable()], [[], []]);
  });

  it('is not when that is gone, unless it runs here as well; the index says why', async () => {
    await server.close();
    await assert.rejects(asked(remote), { code: 'model-unavailable' });
    await asked(fallen);
    assert.deepEqual(unready(), [remote]);
    const { version } = models.get(remote).manifest;
    assert.deepEqual(unavailable(), [
      { name: remote, version, state: 'UNAVAILABLE', reason: 'none of its servers answers' },
    ]);
  });

  it('over HTTP: 503, and the index of what is ready leaves it out', async () => {
    const site = await elsewhere.listen({ dataPlane: plane });
    try {
      assert.equal((await site.get(`/v2/models/${remote}/ready`)).status, 503);
      assert.equal((await site.get(`/v2/models/${fallen}/ready`)).status, 200);
      const index = (await site.post('/v2/repository/index', { ready: true })).json<{ name: string }[]>();
      assert.deepEqual(
        index.map(({ name }) => name),
        models.ids().filter((id) => id !== remote),
      );
    } finally {
      await site.close();
    }
  });
});
