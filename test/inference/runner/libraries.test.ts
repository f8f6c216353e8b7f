/** The CUDA and TensorRT libraries: from a NuGet feed or a file, never with another hash than the one stated. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AdmZip from 'adm-zip';
import {
  downloadLibraries,
  installedLibraries,
  installLibraries,
  libraryFeed,
} from '../../../src/inference/runner/libraries.ts';

const names = ['shared', 'cuda', 'tensorrt'].map((name) => `libonnxruntime_providers_${name}.so`);
const contents = new Map(names.map((name) => [name, `ELF ${name} \0libcudart.so.12\0libcudnn.so.9\0`]));

function nupkg(of: readonly string[] = names): Buffer {
  const zip = new AdmZip();
  for (const name of of)
    zip.addFile(`runtimes/linux-x64/native/${name}`, Buffer.from(contents.get(name) ?? ''));
  zip.addFile('runtimes/linux-x64/native/libonnxruntime.so', Buffer.from('not wanted'));
  return zip.toBuffer();
}

const hashOf = (bytes: Buffer): string => createHash('sha512').update(bytes).digest('base64');

describe('GPU libraries', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'auscult-gpu-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are taken from a package whose hash is the one stated, and say what they need', async () => {
    const bytes = nupkg();
    const installed = await installLibraries({ bytes, sha512: hashOf(bytes) }, folder);
    assert.deepEqual(readdirSync(folder).sort(), [...names].sort());
    assert.deepEqual(
      installed.map(({ needs }) => needs),
      names.map(() => ['libcudart.so.12', 'libcudnn.so.9']),
    );
    assert.deepEqual(await installedLibraries(folder), installed);
  });

  it('are not touched by a package with another hash, or without them', async () => {
    const bytes = nupkg();
    const other = hashOf(Buffer.from('other'));
    await assert.rejects(installLibraries({ bytes, sha512: other }, folder), /SHA-512 .+ not the one stated/);
    const poor = nupkg(names.slice(0, 1));
    await assert.rejects(
      installLibraries({ bytes: poor, sha512: hashOf(poor) }, folder),
      /does not hold .+cuda/,
    );
    const none = Buffer.from('no zip at all');
    await assert.rejects(installLibraries({ bytes: none, sha512: hashOf(none) }, folder), /no zip archive/);
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(await installedLibraries(folder), []);
  });

  it('are those of the feed and the version that this onnxruntime-node names', () => {
    const { index, name, version } = libraryFeed();
    assert.match(index, /^https:/);
    assert.equal(name, 'Microsoft.ML.OnnxRuntime.Gpu.Linux');
    assert.match(version, /^1\.\d+\.\d+/);
  });

  describe('of a feed', () => {
    let server: Server;
    let origin: string;
    let entry: Record<string, string>;
    const bytes = nupkg();
    beforeEach(async () => {
      entry = { packageHash: hashOf(bytes), packageHashAlgorithm: 'SHA512' };
      server = createServer((req, res) => {
        const answers: Record<string, () => string | Buffer> = {
          '/index.json': () =>
            JSON.stringify({
              resources: [
                { '@type': 'RegistrationsBaseUrl/3.6.0', '@id': `${origin}/registration` },
                { '@type': 'PackageBaseAddress/3.0.0', '@id': `${origin}/flat/` },
              ],
            }),
          '/registration/gpu.linux/1.2.3.json': () =>
            JSON.stringify({ catalogEntry: `${origin}/catalog.json` }),
          '/catalog.json': () => JSON.stringify(entry),
          '/flat/gpu.linux/1.2.3/gpu.linux.1.2.3.nupkg': () => bytes,
        };
        const answer = answers[req.url ?? ''];
        if (answer === undefined) res.writeHead(404).end();
        else res.end(answer());
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => server.close());
    const feed = () => ({ index: `${origin}/index.json`, name: 'Gpu.Linux', version: '1.2.3' });

    it('come with the hash that its catalog states', async () => {
      const found = await downloadLibraries(feed());
      assert.equal(found.sha512, hashOf(bytes));
      assert.ok(found.bytes.equals(bytes));
      assert.equal((await installLibraries(found, folder)).length, names.length);
    });

    it('are refused where it states none, or does not answer', async () => {
      entry = { packageHashAlgorithm: 'SHA512' };
      await assert.rejects(downloadLibraries(feed()), /states no SHA-512/);
      const elsewhere = { ...feed(), version: '9.9.9' };
      await assert.rejects(downloadLibraries(elsewhere), /--from FILE --sha512 HASH/);
    });
  });
});
