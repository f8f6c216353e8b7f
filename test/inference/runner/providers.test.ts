/** DESIGN §6, serving.md §1: there is no silent fallback, so every provider is tried before it is used. */
import assert from 'node:assert/strict';
import { startWorker } from '../../../src/inference/runner/process-worker.ts';
import { chooseProvider, type Provider } from '../../../src/inference/runner/providers.ts';
import { RunnerFailed, RunnerGone, type Worker } from '../../../src/inference/runner/worker.ts';
import { swiftShader } from './swiftshader.ts';

type Says = number | Error;

/** A device that answers y = 2x + 1 plus an error of its own, or does not answer. */
function device(provider: Provider, says: Says, closed: Provider[]): Worker {
  return {
    provider,
    pid: 1,
    async load() {
      if (says instanceof Error) throw says;
      return { inputs: [], outputs: [] };
    },
    prove: async () => {},
    async run(_, { feeds }) {
      if (says instanceof Error) throw says;
      const data = Float32Array.from(feeds.x?.data as Float32Array, (x) => 2 * x + 1 + says);
      return { outputs: { y: { dtype: 'float32', shape: [1, 4], data } }, ms: 1 };
    },
    async close() {
      closed.push(provider);
    },
  };
}

describe('execution providers', () => {
  const cases: readonly {
    readonly order: readonly Provider[];
    readonly says: Partial<Record<Provider, Says>>;
    readonly chosen: Provider;
    readonly reasons: readonly (string | undefined)[];
  }[] = [
    { order: ['cpu'], says: {}, chosen: 'cpu', reasons: [undefined] },
    { order: [], says: {}, chosen: 'cpu', reasons: [undefined] },
    { order: ['cuda', 'cpu'], says: { cuda: 0 }, chosen: 'cuda', reasons: [undefined] },
    {
      order: ['tensorrt', 'cuda', 'webgpu'],
      says: { tensorrt: new RunnerFailed('no such library\n at line 3'), cuda: new RunnerGone(), webgpu: 0 },
      chosen: 'webgpu',
      reasons: ['no such library', 'its process ended or hung', undefined],
    },
    {
      order: ['webgpu'],
      says: {
        webgpu: new RunnerFailed(
          '/src/webgpu_context.cc:136 onnxruntime::Init(const Config&)::<lambda()> status == Success was false. Failed to get a WebGPU adapter: No supported adapters',
        ),
      },
      chosen: 'cpu',
      reasons: ['Failed to get a WebGPU adapter: No supported adapters', undefined],
    },
    {
      order: ['webgpu'],
      says: { webgpu: 0.5 },
      chosen: 'cpu',
      reasons: ['answers wrong numbers', undefined],
    },
    { order: ['cpu', 'cuda'], says: { cuda: 0 }, chosen: 'cpu', reasons: [undefined] },
  ];
  for (const { order, says, chosen, reasons } of cases) {
    it(`${order.join(', ') || 'none'}: ${chosen}${reasons.length > 1 ? ', and why not the others' : ''}`, async () => {
      const closed: Provider[] = [];
      const choice = await chooseProvider(order, (provider) => device(provider, says[provider] ?? 0, closed));
      assert.equal(choice.provider, chosen);
      assert.deepEqual(
        choice.probes.map((probe) => (probe.usable ? undefined : probe.reason)),
        reasons,
      );
      const tried = choice.probes.map(({ provider }) => provider).filter((provider) => provider !== 'cpu');
      assert.deepEqual(closed, tried, 'every process is thrown away');
    });
  }

  it('without CUDA’s libraries CUDA does not answer, and the reason is onnxruntime’s', async () => {
    const { provider, probes } = await chooseProvider(['cuda'], (each) => startWorker({ provider: each }));
    if (provider === 'cuda') return;
    const [probe] = probes;
    assert.ok(probe !== undefined && !probe.usable && probe.reason.length > 5, JSON.stringify(probe));
  });

  it('WebGPU answers on a Vulkan device in software, and not where there is none', async function () {
    const environment = await swiftShader();
    if (environment === undefined) this.skip();
    const probe = async (env: NodeJS.ProcessEnv) => {
      const start = (provider: Provider): Worker => startWorker({ provider, env });
      return (await chooseProvider(['webgpu'], start)).probes[0];
    };
    const shown = await probe({ ...process.env, ...environment });
    assert.ok(shown?.usable, JSON.stringify(shown));
    const nowhere = { ...environment, VK_ICD_FILENAMES: '/nowhere.json', LD_LIBRARY_PATH: '/nowhere' };
    const hidden = await probe({ ...process.env, ...nowhere });
    assert.equal(hidden?.usable, false, JSON.stringify(hidden));
  });
});
