/**
 * Nothing leaves the machine: not at the start, not in a hook call, not in an app launch. Three witnesses: a module
 * preloaded into the JavaScript processes, the kernel's socket tables for all processes (the model runner is native
 * code), and strace where the machine has it. Each is shown to see a connection that does leave.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { patientView } from '../fixtures/requests.ts';
import { cardsOf, client, hookPath, json, openHouse, type TestHouse } from './harness.ts';
import { commandOf, familyOf, remotesOf } from './processes.ts';
import { openTab } from './smart/browser-like.ts';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
/** An address that belongs to nobody (RFC 5737): the attempt is seen, nobody is bothered. */
const outside = '198.51.100.1';
const leaving = `const s = require('node:net').connect(9, '${outside}'); s.on('error', () => {}); setTimeout(() => process.exit(), 700)`;
const isHome = (address: string): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|0\.0\.0\.0|::)$/.test(address);

describe('egress', function () {
  this.timeout(120_000);
  let house: TestHouse;
  let folder: string;
  let child: ChildProcess | undefined;
  /** Remote addresses that the kernel's tables showed. */
  let seen: Set<string>;
  const look = (pid: number): void => {
    for (const each of familyOf(pid)) for (const remote of remotesOf(each)) seen.add(remote);
  };
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());
  beforeEach(() => {
    seen = new Set();
    folder = mkdtempSync(join(tmpdir(), 'auscult-egress-'));
    for (const name of ['home', 'tmp']) mkdirSync(join(folder, name));
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = () => ({
    PATH: process.env.PATH ?? '',
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    PORT: '0',
    DEADLINE_MS: '20000',
    FHIR_DEADLINE_MS: '15000',
    NODE_OPTIONS: `--import=${pathToFileURL(here('./egress-witness.ts'))}`,
    EGRESS_NOTES: join(folder, 'notes'),
  });
  const notes = (): string[] => {
    try {
      return readFileSync(join(folder, 'notes'), 'utf8').trimEnd().split('\n');
    } catch {
      return [];
    }
  };
  const awayIn = (lines: readonly string[]): string[] =>
    lines.filter((line) => {
      const [kind, target = ''] = line.split(' ');
      return kind !== 'loaded' && kind !== 'path' && target !== 'path' && !isHome(target);
    });

  /** Runs the command line `before…, node, cli.ts, start` until it listens. */
  async function start(
    ...before: readonly string[]
  ): Promise<{ url: string; pid: number; stop: () => Promise<void> }> {
    const [program = process.execPath, ...args] = [
      ...before,
      process.execPath,
      here('../src/cli.ts'),
      'start',
    ];
    const started = spawn(program, args, { env: environment() });
    child = started;
    let output = '';
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
      });
    }
    for (let waited = 0; waited < 60_000 && started.exitCode === null; waited += 25) {
      look(started.pid ?? 0);
      const port = /"port":(\d+)/.exec(output)?.[1];
      if (port !== undefined) {
        const stop = () =>
          new Promise<void>((resolve) => {
            started.once('exit', () => resolve());
            const [only = started.pid ?? 0] = before.length === 0 ? [] : familyOf(started.pid ?? 0).slice(1);
            process.kill(only, 'SIGTERM');
          });
        return { url: `http://localhost:${port}`, pid: started.pid ?? 0, stop };
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`did not start:\n${output}`);
  }

  /** A card, its app launched as a browser would, the same decision shown. */
  async function use(url: string): Promise<void> {
    const { post } = client(url);
    const request = patientView('high-risk-untreated', new Date(), house.templates);
    const { prefetch: _, ...bare } = request;
    const [card] = cardsOf(await post(hookPath, { ...bare, fhirServer: `${url}/sandbox/fhir` }));
    const [link] = card?.links ?? [];
    assert.ok(link?.type === 'smart');
    const ticket = await post('/sandbox/launch', { ...request.context, appContext: link.appContext });
    const { launch, iss } = json(ticket) as { launch: string; iss: string };
    const tab = openTab();
    let page = await tab.get(`${link.url}?${new URLSearchParams({ iss, launch })}`);
    for (let hops = 0; page.status >= 300 && page.status < 400 && hops < 6; hops++) {
      page = await tab.get(new URL(page.headers.get('location') ?? '', url).href);
    }
    assert.equal(page.status, 200);
    assert.match(await page.text(), /headline-risk/);
  }

  it('start, hook call and app launch: no process connects or resolves beyond this machine; ORT leaves no files', async () => {
    const { url, pid, stop } = await start();
    const watching = setInterval(() => look(pid), 20);
    await use(url).finally(() => clearInterval(watching));
    const commands = familyOf(pid).map(commandOf);
    await stop();

    assert.ok(notes().filter((line) => line === 'loaded').length >= 2, 'server and sandbox are watched');
    assert.ok(
      notes().some((line) => line.startsWith('connect ')),
      'their connections are noted',
    );
    assert.deepEqual(awayIn(notes()), []);
    if (process.platform === 'linux') {
      assert.ok(
        commands.some((line) => line.includes(join('runner', 'process.ts'))),
        'the runner is watched',
      );
      assert.ok(seen.size > 0, 'sockets are seen');
      assert.deepEqual(
        [...seen].filter((address) => !isHome(address)),
        [],
      );
    }
    assert.deepEqual(readdirSync(join(folder, 'home'), { recursive: true }), []);
  });

  it('strace, where there is one: the kernel was asked for no connection beyond this machine', async function () {
    const trace = join(folder, 'trace');
    const strace = ['strace', '-f', '-qq', '-e', 'trace=connect,sendto,sendmsg,sendmmsg', '-o', trace];
    if (spawnSync('strace', ['-o', trace, 'true']).status !== 0) {
      console.log('    no strace that may trace on this machine: skipped');
      this.skip();
    }
    const { url, stop } = await start(...strace);
    await use(url);
    await stop();
    const addresses = addressesIn(readFileSync(trace, 'utf8'));
    assert.ok(addresses.length > 0, 'connections are traced');
    assert.deepEqual(
      addresses.filter((address) => !isHome(address)),
      [],
    );
    const [program = '', ...args] = strace;
    spawnSync(program, [...args, process.execPath, '-e', leaving]);
    assert.ok(addressesIn(readFileSync(trace, 'utf8')).includes(outside), 'strace sees what leaves');
  });

  it('the witnesses see a connection that does leave, and a name that is resolved', async () => {
    spawnSync(process.execPath, ['-e', leaving], { env: environment() });
    assert.deepEqual(awayIn(notes()), [`connect ${outside}`]);
    const asking = "fetch('http://auscult-egress.invalid/').catch(() => {})";
    spawnSync(process.execPath, ['-e', asking], { env: environment() });
    assert.ok(awayIn(notes()).some((line) => line.endsWith('auscult-egress.invalid')));
    const sending = `require('node:dgram').createSocket('udp4').send('x', 9, '${outside}', () => process.exit())`;
    spawnSync(process.execPath, ['-e', sending], { env: environment() });
    assert.ok(awayIn(notes()).includes(`datagram ${outside}`));
  });

  it('the kernel tables show a connection that does leave', async function () {
    if (process.platform !== 'linux') this.skip();
    // Bound to its peer, a datagram socket stands in the tables for as long as it is open, and sends nothing.
    const holding = `const s = require('node:dgram').createSocket('udp4'); s.on('error', () => process.exit(7));
      s.connect(9, '${outside}'); setTimeout(() => process.exit(), 2000)`;
    const holder = spawn(process.execPath, ['-e', holding], { env: { PATH: process.env.PATH ?? '' } });
    child = holder;
    while (holder.exitCode === null && seen.size === 0) {
      look(holder.pid ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (holder.exitCode === 7) {
      console.log('    no route leaves this machine: skipped');
      this.skip();
    }
    assert.deepEqual([...seen], [outside]);
  });
});

const addressesIn = (trace: string): string[] =>
  [...trace.matchAll(/inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/g)].map(
    ([, v4, v6]) => v4 ?? v6 ?? '',
  );
