/** The package as others get it: packed, installed elsewhere, run as its command. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type FaultyService, startFaultyService } from './faulty-service.ts';
import { readXml } from './xml.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const own = ['cds-hooks-types', 'cds-hooks-conformance'];
/** What they depend on, from our own node_modules: no registry is asked. */
const theirs = ['jose', '@medplum/fhirtypes'].map((name) => join(root, 'node_modules', name));

describe('cds-hooks-conformance, packed and installed elsewhere', function () {
  this.timeout(120_000);
  const elsewhere = mkdtempSync(join(tmpdir(), 'cds-hooks-conformance-'));
  const modules = join(elsewhere, 'node_modules');
  const home = join(modules, 'cds-hooks-conformance');
  let right: FaultyService;
  let wrong: FaultyService;

  before(async () => {
    for (const name of own) await run('npm', ['run', 'build', '--workspace', name], { cwd: root });
    writeFileSync(join(elsewhere, 'package.json'), '{ "type": "module" }');
    const folders = [...own.map((name) => join(root, 'node_modules', name)), ...theirs];
    const tarballs = await Promise.all(folders.map(pack));
    const install = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs];
    await run('npm', install, { cwd: elsewhere });
    [right, wrong] = await Promise.all([
      startFaultyService(),
      startFaultyService(new Set(['summary-of-140'])),
    ]);
  });

  after(async () => {
    await Promise.all([right?.close(), wrong?.close()]);
    rmSync(elsewhere, { recursive: true, force: true });
  });

  /** A package folder as the registry would have it: what is not in its tarball is not there. */
  async function pack(folder: string): Promise<string> {
    const args = [
      'pack',
      realpathSync(folder),
      '--ignore-scripts',
      '--pack-destination',
      elsewhere,
      '--json',
    ];
    const { stdout } = await run('npm', args, { cwd: elsewhere });
    const packed = JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>;
    const [{ filename } = assert.fail('npm pack made a file')] = Object.values(packed);
    return `./${filename}`;
  }

  function kit(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
    const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    const command = join(home, bin['cds-hooks-conformance'] ?? assert.fail('it has a command'));
    const child = spawn(process.execPath, [command, ...args], { cwd: elsewhere });
    const [out, err]: [string[], string[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => void out.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => void err.push(chunk.toString()));
    return new Promise((done) => {
      child.once('close', (code) => done({ code, out: out.join(''), err: err.join('') }));
    });
  }

  it('holds what runs, its declarations, its licence and its page, and no source or test', async () => {
    for (const file of ['dist/bin.js', 'dist/index.js', 'dist/index.d.ts', 'LICENSE', 'README.md']) {
      assert.ok(existsSync(join(home, file)), file);
    }
    assert.equal(existsSync(join(home, 'check.ts')), false);
    assert.ok(existsSync(join(modules, '.bin', 'cds-hooks-conformance')), 'the command is linked');
    assert.match(readFileSync(join(home, 'dist/bin.js'), 'utf8'), /^#!\/usr\/bin\/env node\n/);
    const { stdout } = await run('grep', [
      '-rlE',
      "from '[^']+\\.ts'",
      join(home, 'dist'),
      '--include=*.js',
    ]).catch(() => ({ stdout: '' }));
    assert.equal(stdout, '');
  });

  it('a right service: text, exit 0', async () => {
    const { code, out, err } = await kit(right.url, '--fhir-server');
    assert.deepEqual([code, err], [0, ''], out);
    assert.match(out, /^CDS Hooks conformance of http/);
    assert.match(out, / 0 failed, 0 warnings, \d+ skipped\n$/);
  });

  it('a wrong one: exit 1, JSON that names the rule', async () => {
    const { code, out } = await kit(wrong.url, '--format', 'json');
    assert.equal(code, 1);
    const { results } = JSON.parse(out) as { results: { id: string; outcome: string }[] };
    assert.deepEqual(
      results.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id),
      ['A2'],
    );
  });

  it('a wrong one: JUnit that a strict reader reads', async () => {
    const { code, out } = await kit(wrong.url, '--format', 'junit', '--only', 'A');
    assert.equal(code, 1);
    assert.equal(readXml(out).attributes.failures, '1');
  });

  it('a wrong command: exit 2', async () => {
    const { code, err } = await kit('--never');
    assert.equal(code, 2);
    assert.match(err, /^cds-hooks-conformance: /);
  });

  it('as a library: a strict project compiles against it and runs a check of its own', async () => {
    mkdirSync(join(modules, '@types'), { recursive: true });
    symlinkSync(join(root, 'node_modules/@types/node'), join(modules, '@types/node'));
    symlinkSync(join(root, 'node_modules/undici-types'), join(modules, 'undici-types'));
    const program = `
      import { type Check, openTarget, runChecks, verdict } from 'cds-hooks-conformance';
      const check: Check = {
        ...{ id: 'mine', rule: 'There are three services.', strength: 'practice', source: 'us' },
        run: async ({ services }) => verdict(services.length === 3, String(services.length)),
      };
      const target = await openTarget({ baseUrl: process.argv[2] ?? '' });
      const { counts } = await runChecks([check], target);
      await target.close();
      process.exitCode = counts.passed === 1 ? 0 : 1;
    `;
    writeFileSync(join(elsewhere, 'mine.ts'), program);
    const compilerOptions = {
      strict: true,
      module: 'nodenext',
      target: 'esnext',
      types: ['node'],
      outDir: 'out',
    };
    writeFileSync(join(elsewhere, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['mine.ts'] }));
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: elsewhere });
    await run(process.execPath, ['out/mine.js', right.url], { cwd: elsewhere });
  });
});
