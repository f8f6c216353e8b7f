/** The repository rebuilds its example networks, byte for byte, from the weights it carries, and carries no more than them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const weights = join(root, 'training/examples/weights');
const packages = join(root, 'fixtures/models');
const python = process.env.AUSCULT_PYTHON ?? 'python3';

const ids = readdirSync(packages);
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
const json = (...path: readonly string[]): Record<string, unknown> =>
  JSON.parse(readFileSync(join(...path), 'utf8'));

function missingTool(): string | undefined {
  const pins = readFileSync(join(root, 'training/requirements.txt'), 'utf8');
  const pinned = ['numpy', 'onnx']
    .map((name) => new RegExp(`^${name}==(.+)$`, 'm').exec(pins)?.[1])
    .join(' ');
  const versions = 'import numpy, onnx; print(numpy.__version__, onnx.__version__)';
  const found = spawnSync(python, ['-c', versions], { encoding: 'utf8' });
  if (found.status !== 0) return `no numpy and onnx in ${python}; set AUSCULT_PYTHON`;
  const installed = found.stdout.trim();
  return installed === pinned ? undefined : `numpy and onnx ${installed} are not the pinned ${pinned}`;
}

function buildAll(out: string): void {
  const build = spawnSync(python, ['training/examples/build.py', '--all', '--out', out], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  assert.equal(build.status, 0, build.stderr);
}

describe('training of the example networks', () => {
  it('rebuilds every package to the same bytes', function () {
    this.timeout(180_000);
    const why = missingTool();
    if (why !== undefined) {
      console.log(`      skipped: ${why} (training/requirements.txt)`);
      this.skip();
    }
    const out = mkdtempSync(join(tmpdir(), 'auscult-examples-'));
    try {
      buildAll(out);
      assert.deepEqual(filesIn(out), filesIn(packages));
      for (const file of filesIn(out))
        assert.ok(readFileSync(join(out, file)).equals(readFileSync(join(packages, file))), file);
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  it('keeps weights and facts of each example, and nothing else', () => {
    assert.deepEqual(filesIn(weights), ids.flatMap((id) => [`${id}.json`, `${id}.npz`]).sort());
    const facts = new Set(['trainedOn', 'measured', 'marginals', 'meanImages', 'shares']);
    for (const id of ids)
      assert.deepEqual(
        Object.keys(json(weights, `${id}.json`)).filter((fact) => !facts.has(fact)),
        [],
        id,
      );
  });

  it('keeps some dozens of synthetic patients for each, in small files', () => {
    for (const id of ids) {
      const vectors = readFileSync(join(packages, id, 'parity.jsonl'), 'utf8')
        .trimEnd()
        .split('\n');
      assert.ok(vectors.length <= 30, id);
      for (const line of vectors) assert.match(JSON.parse(line).source, /a synthetic patient$/, id);
      assert.ok(Number(json(packages, id, 'background.json').rows) <= 50, id);
    }
    const sizes = [weights, packages].flatMap((folder) =>
      filesIn(folder).map((file) => statSync(join(folder, file)).size),
    );
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 3e6);
  });
});
