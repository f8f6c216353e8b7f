/** The repository rebuilds its own model, byte for byte, from the published coefficients it carries. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const python = process.env.AUSCULT_PYTHON ?? 'python3';
const read = (...path: string[]): Buffer => readFileSync(join(root, ...path));

function missingTool(): string | undefined {
  const pinned = /^onnx==(.+)$/m.exec(read('training/requirements.txt').toString())?.[1];
  const found = spawnSync(python, ['-c', 'import onnx, numpy; print(onnx.__version__)'], {
    encoding: 'utf8',
  });
  if (found.status !== 0) return `no onnx in ${python}; set AUSCULT_PYTHON`;
  const version = found.stdout.trim();
  return version === pinned ? undefined : `onnx ${version} is not the pinned ${pinned}`;
}

describe('training', () => {
  it('rebuilds models/prevent to the same bytes', function () {
    const why = missingTool();
    if (why !== undefined) {
      console.log(`      skipped: ${why} (training/requirements.txt)`);
      this.skip();
    }
    const out = mkdtempSync(join(tmpdir(), 'auscult-build-'));
    try {
      const build = spawnSync(python, ['training/build.py', 'prevent', '--out', out], {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
      });
      assert.equal(build.status, 0, build.stderr);
      assert.ok(readFileSync(join(out, '1', 'model.onnx')).equals(read('models/prevent/1/model.onnx')));
      assert.ok(readFileSync(join(out, 'parity.jsonl')).equals(read('models/prevent/parity.jsonl')));
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  it('ships the vectors it trains against', () => {
    assert.ok(read('training/prevent/vectors.jsonl').equals(read('models/prevent/parity.jsonl')));
  });

  it('carries 100 equations with citation, source and licence note', () => {
    const carried = JSON.parse(read('training/prevent/coefficients.json').toString());
    const equations = Object.values(carried.coefficients as Record<string, object>)
      .flatMap((variants) => Object.values(variants as Record<string, object>))
      .flatMap((sexes) => Object.values(sexes as Record<string, object>))
      .flatMap((outcomes) => Object.values(outcomes as Record<string, object>));
    assert.equal(equations.length, 100);
    for (const field of ['citation', 'source', 'licence_note']) assert.ok(carried[field].length > 20, field);
  });

  it('keeps cited eGFR vectors for the features', () => {
    const lines = read('training/ckd-epi-2021/vectors.jsonl').toString().trimEnd().split('\n');
    assert.equal(lines.length, 110);
    for (const line of lines) assert.match(JSON.parse(line).source, /^cran\/nephro@[0-9a-f]{12}:/);
  });
});
