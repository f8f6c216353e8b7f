import { readFile } from 'node:fs/promises';
import {
  downloadLibraries,
  type InstalledLibrary,
  installedLibraries,
  installLibraries,
  librariesFolder,
  libraryFeed,
} from '../inference/runner/libraries.ts';
import { startWorker } from '../inference/runner/process-worker.ts';
import { chooseProvider, type Probe, providers } from '../inference/runner/providers.ts';
import { type Command, Misuse, read, textOf } from './command.ts';

/** What this machine's devices answer, and the libraries they need. */
export const gpuCommand: Command = {
  usage: `gpu status                which execution providers answer here, and which libraries are installed
gpu install               the CUDA and TensorRT libraries of this onnxruntime-node (linux x64, some 300 MB)
  --from FILE             a package that was fetched elsewhere; with --sha512 HASH, base64, as NuGet states it`,
  async run([word = '', ...args]) {
    const { words, given } = read(args, { from: { type: 'string' }, sha512: { type: 'string' } });
    if (words.length > 0) throw new Misuse();
    if (word === 'status') return status();
    if (word !== 'install') throw new Misuse();
    print(
      await installLibraries(
        await packageOf(textOf(given, 'from'), textOf(given, 'sha512')),
        librariesFolder(),
      ),
    );
    return 0;
  },
};

async function packageOf(from: string | undefined, sha512: string | undefined) {
  if ((from === undefined) !== (sha512 === undefined)) throw new Misuse();
  return from === undefined || sha512 === undefined
    ? downloadLibraries(libraryFeed())
    : { bytes: await readFile(from), sha512 };
}

async function status(): Promise<number> {
  print(await installedLibraries(librariesFolder()));
  for (const provider of providers) {
    const { probes } = await chooseProvider([provider], (each) => startWorker({ provider: each }));
    process.stdout.write(`${lineOf(probes[0])}\n`);
  }
  return 0;
}

const lineOf = (probe: Probe | undefined): string => {
  if (probe === undefined) return '';
  return `${probe.provider.padEnd(10)}${probe.usable ? 'answers' : `does not answer: ${probe.reason}`}`;
};

function print(libraries: readonly InstalledLibrary[]): void {
  for (const { file, bytes, needs } of libraries)
    process.stdout.write(`${file}  ${bytes} bytes${needs.length > 0 ? `, needs ${needs.join(', ')}` : ''}\n`);
  if (libraries.length === 0) process.stdout.write('no CUDA or TensorRT libraries are installed\n');
}
