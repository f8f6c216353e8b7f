/** The runner of a service some of whose models run on other servers. */
import { Fault } from '../../errors.ts';
import type { Signature } from '../runner/protocol.ts';
import type { DeviceState, Runner } from '../runner/runner.ts';
import { RunnerFailed } from '../runner/worker.ts';
import type { RemoteRunner, RemoteStats } from './remote-runner.ts';

export interface RunnerWithRemotes extends Runner {
  /** How the models fare that run on other servers. */
  remotes(): readonly RemoteStats[];
}

/**
 * Models that have a remote run there, all others here. A model with a fallback is loaded here too, and runs here while
 * its remote is unavailable; without one it then fails. A question whose time is over is not asked again.
 * @param local what runs here; `close` ends it and all remotes
 */
export function runnerWithRemotes(local: Runner, remotes: readonly RemoteRunner[]): RunnerWithRemotes {
  const byModel = new Map(remotes.map((remote) => [remote.model, remote]));
  return {
    get pid() {
      return local.pid;
    },
    get pids() {
      return local.pids;
    },
    devices: () => [...local.devices(), ...remotes.map(deviceOf)],
    stats: () => local.stats(),
    remotes: () => remotes.map((remote) => remote.stats()),
    async load(model, bytes) {
      const remote = byModel.get(model);
      if (remote === undefined) return local.load(model, bytes);
      return remote.hasFallback ? loadBoth(local, remote, bytes) : remote.load(model, bytes);
    },
    async prove(model, golden) {
      const remote = byModel.get(model);
      if (remote === undefined || remote.hasFallback) await local.prove(model, golden);
      await remote?.prove(model, golden).catch(remote.hasFallback ? orLocal : undefined);
    },
    async run(model, batch, urgency) {
      const remote = byModel.get(model);
      if (remote === undefined) return local.run(model, batch, urgency);
      const outputs = await remote.run(model, batch, urgency).catch(remote.hasFallback ? orLocal : undefined);
      return outputs ?? local.run(model, batch, urgency);
    },
    isUp(model) {
      const remote = byModel.get(model);
      return remote === undefined || remote.hasFallback ? local.isUp(model) : remote.isUp();
    },
    async close() {
      await Promise.all([local.close(), ...remotes.map((remote) => remote.close())]);
    },
  };
}

/** A remote is a device that nobody has to start. It is not asked while no endpoint is in order. */
function deviceOf(remote: RemoteRunner): DeviceState {
  const { model, endpoints } = remote.stats();
  const isUp = endpoints.some(({ state }) => state === 'closed');
  return { provider: 'remote', pid: undefined, refused: isUp ? [] : [model] };
}

/** The graph's own signature; the remote's has the same tensors, or is not known yet. @throws Fault model-unavailable */
async function loadBoth(local: Runner, remote: RemoteRunner, bytes: Uint8Array): Promise<Signature> {
  const { model } = remote;
  const signature = await local.load(model, bytes);
  const there = await remote.load(model, bytes).catch(orLocal);
  if (there === undefined || sameTensors(signature, there)) return signature;
  throw new Fault('model-unavailable', [model], new RunnerFailed('the remote serves another signature'));
}

/** Nothing, where the remote is unavailable. @throws anything else: a server that answers wrongly is no case for a fallback */
function orLocal(thrown: unknown): undefined {
  const isWrong = thrown instanceof Fault && thrown.cause instanceof RunnerFailed;
  if (thrown instanceof Fault && thrown.code === 'model-unavailable' && !isWrong) return undefined;
  throw thrown;
}

/** The same names and types; axes may be declared more or less openly. */
function sameTensors(one: Signature, other: Signature): boolean {
  const named = ({ inputs, outputs }: Signature): string =>
    JSON.stringify([inputs, outputs].map((side) => side.map(({ name, type }) => `${name} ${type}`).sort()));
  return named(one) === named(other);
}
