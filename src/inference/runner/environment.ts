/** What of the service's environment the runner's process may know: keys and addresses are none of its business. */
import type { Provider } from './providers.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Only what a process needs to start. */
const passedOn = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'];

/** Where a GPU's libraries find its driver, its settings and their cache of compiled kernels. */
const passedOnToGpu = /^((CUDA|NVIDIA|VK|XDG)_\w+|HOME|LOCALAPPDATA)$/;

/**
 * Telemetry is off: official builds of onnxruntime send it by default. On a GPU float32 is float32: NVIDIA's libraries
 * would round factors to ten bits (TF32) where a site does not say otherwise.
 */
export function runnerEnvironment(provider: Provider, env: Environment): Record<string, string> {
  const gpu = provider !== 'cpu';
  const names = gpu
    ? [...passedOn, ...Object.keys(env).filter((name) => passedOnToGpu.test(name))]
    : passedOn;
  const given = names.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...(gpu && { NVIDIA_TF32_OVERRIDE: '0' }),
    ...Object.fromEntries(given),
    ORT_DISABLE_TELEMETRY: '1',
  };
}
