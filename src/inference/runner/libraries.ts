/**
 * The provider libraries that npm's onnxruntime-node leaves out because of their size (CUDA, TensorRT; linux x64). They come
 * from the NuGet package that onnxruntime-node itself names, as a download or as a file, and only with the right SHA-512.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import AdmZip from 'adm-zip';

const require = createRequire(import.meta.url);

/** Of onnxruntime-node: where its binding looks for libraries. */
export const librariesFolder = (): string =>
  join(dirname(require.resolve('onnxruntime-node/package.json')), 'bin', 'napi-v6', 'linux', 'x64');

const names = ['shared', 'cuda', 'tensorrt'].map((name) => `libonnxruntime_providers_${name}.so`);

/** A NuGet package and the hash it must have: SHA-512, base64, as NuGet states it. */
export interface LibraryPackage {
  readonly bytes: Buffer;
  readonly sha512: string;
}

export interface InstalledLibrary {
  readonly file: string;
  readonly bytes: number;
  /** `libcudart.so.12`…: which CUDA and TensorRT the machine must have, as the library itself names them. */
  readonly needs: readonly string[];
}

/** What stops an installation; the message says which rule and what to do. */
export class LibraryError extends Error {
  override name = 'LibraryError';
}

/**
 * Writes the libraries of a package into a folder, each whole or not at all.
 * @throws LibraryError where the hash differs, or the package does not hold them
 */
export async function installLibraries(
  { bytes, sha512 }: LibraryPackage,
  folder: string,
): Promise<readonly InstalledLibrary[]> {
  const found = createHash('sha512').update(bytes).digest('base64');
  if (found !== sha512) throw new LibraryError(`the package has SHA-512 ${found}, not the one stated`);
  const entries = names.map((name) => [name, libraryIn(bytes, name)] as const);
  await mkdir(folder, { recursive: true });
  for (const [name, data] of entries) {
    const file = join(folder, name);
    await writeFile(`${file}.part`, data, { mode: 0o755 });
    await rename(`${file}.part`, file);
  }
  return installedLibraries(folder);
}

function libraryIn(bytes: Buffer, name: string): Buffer {
  const path = `runtimes/linux-x64/native/${name}`;
  const data = zipOf(bytes).getEntry(path)?.getData();
  if (data === undefined) throw new LibraryError(`the package does not hold ${path}`);
  return data;
}

function zipOf(bytes: Buffer): AdmZip {
  try {
    return new AdmZip(bytes);
  } catch {
    throw new LibraryError('the package is no zip archive');
  }
}

/** Those that are there, with what they need. */
export async function installedLibraries(folder: string): Promise<readonly InstalledLibrary[]> {
  const there = names.map((name) => join(folder, name)).filter((file) => existsSync(file));
  return Promise.all(
    there.map(async (file) => {
      const data = await readFile(file);
      return { file, bytes: data.length, needs: neededBy(data) };
    }),
  );
}

/** Names of CUDA and TensorRT libraries in its string table. */
function neededBy(library: Buffer): readonly string[] {
  const found = library
    .toString('latin1')
    .match(/lib(?:cudart|cublas|cublasLt|cudnn|cufft|nvinfer)\.so\.\d+/g);
  return [...new Set(found)].sort();
}

interface Feed {
  /** NuGet's service index. */
  readonly index: string;
  readonly name: string;
  readonly version: string;
}

/** What this version of onnxruntime-node would fetch by itself. */
export function libraryFeed(): Feed {
  const { feeds, packages } = require('onnxruntime-node/script/install-metadata.js');
  const { name, versions } = packages['nuget:linux/x64:cuda12'];
  const { version } = versions.find((each: { readonly feed: string }) => each.feed === 'nuget');
  return { index: feeds.nuget.index, name, version };
}

/**
 * The package and the hash that the feed states for it in its catalog.
 * @throws LibraryError where an address does not answer, or states no SHA-512
 */
export async function downloadLibraries({ index, name, version }: Feed): Promise<LibraryPackage> {
  const { resources } = (await jsonAt(index)) as { resources: readonly { '@type': string; '@id': string }[] };
  const base = (type: string): string => {
    const resource = resources.find((each) => each['@type'] === type);
    if (resource === undefined) throw new LibraryError(`the feed has no ${type}`);
    return resource['@id'].replace(/\/?$/, '/');
  };
  const [id, at] = [name.toLowerCase(), version.toLowerCase()];
  const leaf = (await jsonAt(`${base('RegistrationsBaseUrl/3.6.0')}${id}/${at}.json`)) as {
    catalogEntry: string;
  };
  const entry = (await jsonAt(leaf.catalogEntry)) as { packageHash?: string; packageHashAlgorithm?: string };
  if (entry.packageHash === undefined || entry.packageHashAlgorithm !== 'SHA512')
    throw new LibraryError('the feed states no SHA-512 for this package');
  const bytes = await bytesAt(`${base('PackageBaseAddress/3.0.0')}${id}/${at}/${id}.${at}.nupkg`);
  return { bytes, sha512: entry.packageHash };
}

const jsonAt = async (address: string): Promise<unknown> => JSON.parse(String(await bytesAt(address)));

async function bytesAt(address: string): Promise<Buffer> {
  const answer = await fetch(address).catch(() => undefined);
  if (answer?.ok !== true)
    throw new LibraryError(
      `${new URL(address).host} does not give the package: fetch it elsewhere, then --from FILE --sha512 HASH`,
    );
  return Buffer.from(await answer.arrayBuffer());
}
