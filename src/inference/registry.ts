/** What this service runs: every package of its folders, sealed, loaded and proven against its vectors. */
import { basename } from 'node:path';
import { Fault } from '../errors.ts';
import type { Model } from './model.ts';
import { startModel } from './model-start.ts';
import type { Network } from './network.ts';
import { readNetworkPackage } from './network-package.ts';
import { startNetwork } from './network-start.ts';
import { ModelPackageError, packageFolders, packageKind, readPackage } from './package.ts';
import { type Runner, startRunner } from './runner/runner.ts';

export interface ModelRegistry {
  /** A clinical model. @throws Fault unknown-model */
  get(id: string): Model;
  /** @throws Fault unknown-model */
  network(id: string): Network;
  /** Of the clinical models, sorted. */
  ids(): readonly string[];
  /** Of the networks, sorted. */
  networkIds(): readonly string[];
  /** Is there someone to run the model, as far as is known? */
  isUp(id: string): boolean;
  /** Ends the runner. */
  close(): Promise<void>;
}

export interface RegistryOptions {
  /** The process that runs the graphs; the registry closes it. */
  readonly runner?: Runner;
}

/**
 * Loads every package. It resolves only when each model and network has reproduced all of its parity.jsonl.
 * @param models folder of package folders, or several of them
 * @throws ModelPackageError, with file, field and rule; nothing is served then
 */
export async function openRegistry(
  models: string | readonly string[],
  options: RegistryOptions = {},
): Promise<ModelRegistry> {
  const runner = options.runner ?? startRunner();
  try {
    const loaded: Model[] = [];
    const networks: Network[] = [];
    for (const folder of await foldersOf([models].flat())) {
      if ((await packageKind(folder)) === 'network') {
        networks.push(await startNetwork(await readNetworkPackage(folder), runner));
      } else {
        loaded.push(await startModel(await readPackage(folder), runner));
      }
    }
    return registryOf(loaded, networks, runner);
  } catch (thrown) {
    await runner.close();
    throw thrown;
  }
}

/** A folder's name is its package's id. @throws ModelPackageError for an id that is given twice */
async function foldersOf(models: readonly string[]): Promise<readonly string[]> {
  const folders = (await Promise.all(models.map(packageFolders))).flat();
  const ids = folders.map((folder) => basename(folder));
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice === undefined) return folders;
  throw new ModelPackageError(`models/${twice}/manifest.json`, 'id', 'is the id of two packages');
}

/** A registry of what is already running. */
export function registryOf(
  models: readonly Model[],
  networks: readonly Network[],
  runner: Pick<Runner, 'isUp' | 'close'>,
): ModelRegistry {
  const [modelOf, networkOf] = [finderOf(models), finderOf(networks)];
  const idsOf = (list: readonly (Model | Network)[]) => list.map(({ manifest }) => manifest.id).sort();
  const [ids, networkIds] = [idsOf(models), idsOf(networks)];
  return {
    get: modelOf,
    network: networkOf,
    ids: () => ids,
    networkIds: () => networkIds,
    isUp: (id) => runner.isUp(id),
    close: () => runner.close(),
  };
}

function finderOf<T extends Model | Network>(all: readonly T[]): (id: string) => T {
  const byId = new Map(all.map((each) => [each.manifest.id, each]));
  return (id) => {
    const found = byId.get(id);
    if (found === undefined) throw new Fault('unknown-model', [id]);
    return found;
  };
}
