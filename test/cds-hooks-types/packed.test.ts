import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Somebody else's project: strict, and checking our declarations too. */
const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', types: [], skipLibCheck: false };
const program = `
  import type { CdsRequest, CdsResponse, Feedback } from 'cds-hooks-types';
  export const answer = (request: CdsRequest<'patient-view'>): CdsResponse =>
    request.context.patientId === '' ? { cards: [] } : { cards: [{ summary: 's', indicator: 'info', source: { label: 'l' } }] };
  export type Overridden = Extract<Feedback, { outcome: 'overridden' }>;
`;

describe('cds-hooks-types, packed and installed elsewhere', function () {
  this.timeout(60_000);
  const elsewhere = mkdtempSync(join(tmpdir(), 'cds-hooks-types-'));

  before(async () => {
    await run('npm', ['run', 'build', '--workspace', 'cds-hooks-types'], { cwd: root });
    const pack = ['pack', '--workspace', 'cds-hooks-types', '--pack-destination', elsewhere, '--json'];
    const { stdout } = await run('npm', pack, { cwd: root });
    const packed = JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>;
    const [{ filename } = assert.fail('npm pack made a file')] = Object.values(packed);
    const home = join(elsewhere, 'node_modules', 'cds-hooks-types');
    mkdirSync(home, { recursive: true });
    await run('tar', ['-xzf', join(elsewhere, filename), '-C', home, '--strip-components=1']);
    symlinkSync(join(root, 'node_modules/@medplum'), join(elsewhere, 'node_modules/@medplum'));
    writeFileSync(join(elsewhere, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(elsewhere, 'index.ts'), program);
    writeFileSync(join(elsewhere, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['index.ts'] }));
  });

  after(() => rmSync(elsewhere, { recursive: true, force: true }));

  const compile = () => run(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: elsewhere });

  it('a strict project compiles against it', async () => {
    await compile();
  });

  it('and what the types forbid does not compile there', async () => {
    writeFileSync(
      join(elsewhere, 'index.ts'),
      program.replace("indicator: 'info'", "indicator: 'hard-stop'"),
    );
    await assert.rejects(compile());
  });
});
