/** What CONTRIBUTING.md tells a newcomer to do works as it stands there: its files and commands, in a copy. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { type Step, stepsOf } from './page.ts';

const root = resolve(import.meta.dirname, '../..');
const page = join(root, 'CONTRIBUTING.md');
const python = process.env.AUSCULT_PYTHON ?? 'python3';
/** The graph that the page's builder gives, for machines without onnx. */
const graph = join(import.meta.dirname, 'shock-index.onnx');

/** What the commands need of the repository; its packages are linked. */
const parts = [
  'bin',
  'cards',
  'clients',
  'fixtures',
  'models',
  'sandbox',
  'smart-app',
  'src',
  'training',
  'vocabulary',
];
const files = ['package.json', '.npmrc', 'tsconfig.json'];

describe('the walks of CONTRIBUTING.md', function () {
  this.timeout(120_000);
  let copy: string;

  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'auscult-walk-'));
    for (const part of [...parts, ...files]) cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    mkdirSync(join(copy, '.tools'));
    wrap('python', python);
    wrap('node', process.execPath);
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  /** A command of that name runs that program. */
  function wrap(name: string, program: string): void {
    const file = join(copy, '.tools', name);
    writeFileSync(file, `#!/bin/sh\nexec '${program}' "$@"\n`);
    chmodSync(file, 0o755);
  }

  /** @returns what it printed */
  function obey(line: string): string {
    const done = spawnSync(line, {
      cwd: copy,
      shell: true,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: [join(copy, '.tools'), process.env.PATH].join(delimiter),
        PYTHONDONTWRITEBYTECODE: '1',
        npm_config_offline: 'true',
        npm_config_update_notifier: 'false',
      },
    });
    assert.equal(done.status, 0, `${line}\n${done.stdout}${done.stderr}`);
    return done.stdout;
  }

  /** @param instead a command that this machine cannot run, done in another way */
  function walk(steps: readonly Step[], instead: (line: string) => boolean): void {
    let printed = '';
    for (const step of steps) {
      switch (step.kind) {
        case 'file': {
          const file = join(copy, step.path);
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, step.text);
          break;
        }
        case 'commands':
          printed = step.lines.map((line) => (instead(line) ? '' : obey(line))).join('');
          break;
        case 'output': {
          const lines = printed.split('\n').map((line) => line.trim());
          for (const line of step.lines) {
            assert.ok(
              lines.some((each) => each.startsWith(line.trim())),
              `${line} is not among:\n${printed}`,
            );
          }
          break;
        }
      }
    }
  }

  it('a card', () => {
    const steps = stepsOf(page, '## Add a card');
    assert.deepEqual([...new Set(steps.map(({ kind }) => kind))], ['file', 'commands', 'output']);
    walk(steps, () => false);
  });

  it('a model, built where a Python with onnx is, else from the graph kept here', () => {
    const steps = stepsOf(page, '## Add a model');
    const found = spawnSync(python, ['-c', 'import onnx, numpy; print(onnx.__version__)'], {
      encoding: 'utf8',
    });
    const folder = join(copy, 'models/shock-index');
    walk(steps, (line) => {
      if (found.status === 0 || !line.startsWith('python ')) return false;
      console.log(`      no onnx in ${python}: the kept graph was used (set AUSCULT_PYTHON)`);
      mkdirSync(join(folder, '1'), { recursive: true });
      cpSync(graph, join(folder, '1/model.onnx'));
      cpSync(join(copy, 'training/shock_index/vectors.jsonl'), join(folder, 'parity.jsonl'));
      return true;
    });
    const pinned = /^onnx==(.+)$/m.exec(readFileSync(join(root, 'training/requirements.txt'), 'utf8'))?.[1];
    if (found.stdout.trim() !== pinned) return;
    assert.ok(
      readFileSync(join(folder, '1/model.onnx')).equals(readFileSync(graph)),
      'the kept graph is the built one',
    );
  });
});
