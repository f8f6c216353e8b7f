/** What runs the models of one service, as its settings have it: processes here, a GPU where one answers, servers elsewhere. */
import type { RemoteModel } from './inference/remote/remote-model.ts';
import { remoteRunner } from './inference/remote/remote-runner.ts';
import { runnerWithRemotes } from './inference/remote/router.ts';
import { startWorker } from './inference/runner/process-worker.ts';
import { chooseProvider, type Probe } from './inference/runner/providers.ts';
import { type Runner, type RunnerEvent, startRunner } from './inference/runner/runner.ts';
import type { Log } from './ops/log.ts';
import { packaged } from './packaged.ts';
import { SettingError, type Settings } from './settings.ts';

type RunnerSettings = Pick<Settings, 'WORKERS' | 'PROVIDERS' | 'GPU_DEVICE'>;

/** Tries the providers, says what came of it, and starts. */
export async function startRunners(
  settings: RunnerSettings,
  remotes: readonly RemoteModel[],
  log: Log,
): Promise<Runner> {
  const deviceId = settings.GPU_DEVICE;
  const { provider, probes } = await chooseProvider(settings.PROVIDERS, (each) =>
    startWorker({ provider: each, deviceId }),
  );
  for (const probe of probes) log(triedEvent(probe));
  const local = startRunner({
    workers: settings.WORKERS,
    providers: [provider],
    deviceId,
    onEvent: (event) => log(refusedEvent(event)),
  });
  if (remotes.length === 0) return local;
  const options = { protoFile: packaged('src/serving/open_inference_grpc.proto') };
  return runnerWithRemotes(
    local,
    remotes.map((remote) => remoteRunner(remote, options)),
  );
}

/** A remote for a model that is not served here is a word misspelt. @throws SettingError */
export function refuseUnknownRemotes(remotes: readonly RemoteModel[], models: readonly string[]): void {
  const at = remotes.findIndex(({ model }) => !models.includes(model));
  if (at >= 0) throw new SettingError(`REMOTE_MODELS: entry ${at + 1}, model: is not served here`);
}

const triedEvent = (probe: Probe) =>
  ({
    event: 'provider-tried',
    provider: probe.provider,
    outcome: probe.usable ? 'answers' : 'does not answer',
    ...(probe.usable ? {} : { reason: probe.reason }),
  }) as const;

const refusedEvent = ({ provider, model, reason }: RunnerEvent) =>
  ({ event: 'model-refused', provider, model, reason }) as const;
