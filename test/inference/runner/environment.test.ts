import assert from 'node:assert/strict';
import { runnerEnvironment } from '../../../src/inference/runner/environment.ts';

const service = {
  PATH: '/bin',
  LD_LIBRARY_PATH: '/lib',
  LEDGER_KEY: 'secret',
  DATABASE_URL: 'postgres://user:secret@host/db',
  NODE_OPTIONS: '--inspect',
  HOME: '/home/site',
  XDG_CACHE_HOME: '/cache',
  CUDA_VISIBLE_DEVICES: '1',
  NVIDIA_VISIBLE_DEVICES: 'all',
  VK_ICD_FILENAMES: '/icd.json',
  MY_CUDA_TOKEN: 'secret',
};

describe("the environment of the runner's process", () => {
  it('on the CPU: what a process needs to start, and telemetry off', () => {
    assert.deepEqual(runnerEnvironment('cpu', service), {
      PATH: '/bin',
      LD_LIBRARY_PATH: '/lib',
      ORT_DISABLE_TELEMETRY: '1',
    });
  });

  for (const provider of ['cuda', 'tensorrt', 'webgpu'] as const) {
    it(`on ${provider}: also what finds a GPU; products of float32 are not rounded to TF32`, () => {
      assert.deepEqual(runnerEnvironment(provider, service), {
        PATH: '/bin',
        LD_LIBRARY_PATH: '/lib',
        HOME: '/home/site',
        XDG_CACHE_HOME: '/cache',
        CUDA_VISIBLE_DEVICES: '1',
        NVIDIA_VISIBLE_DEVICES: 'all',
        VK_ICD_FILENAMES: '/icd.json',
        NVIDIA_TF32_OVERRIDE: '0',
        ORT_DISABLE_TELEMETRY: '1',
      });
    });
  }

  it('a site may decide on TF32, but not on telemetry', () => {
    const site = { NVIDIA_TF32_OVERRIDE: '1', ORT_DISABLE_TELEMETRY: '0' };
    assert.deepEqual(runnerEnvironment('cuda', site), {
      NVIDIA_TF32_OVERRIDE: '1',
      ORT_DISABLE_TELEMETRY: '1',
    });
  });
});
