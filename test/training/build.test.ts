/** The repository rebuilds its own models, byte for byte, from the published coefficients it carries. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const python = process.env.AUSCULT_PYTHON ?? 'python3';
const read = (...path: string[]): Buffer => readFileSync(join(root, ...path));

const folders = (of: string): readonly string[] =>
  readdirSync(join(root, of), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** Folders of training/ that build a model: `_` for the `-` of its id. */
const builders = folders('training').filter((name) => existsSync(join(root, 'training', name, 'graph.py')));
const idOf = (builder: string): string => builder.replaceAll('_', '-');

function missingTool(): string | undefined {
  const pinned = /^onnx==(.+)$/m.exec(read('training/requirements.txt').toString())?.[1];
  const found = spawnSync(python, ['-c', 'import onnx, numpy; print(onnx.__version__)'], {
    encoding: 'utf8',
  });
  if (found.status !== 0) return `no onnx in ${python}; set AUSCULT_PYTHON`;
  const version = found.stdout.trim();
  return version === pinned ? undefined : `onnx ${version} is not the pinned ${pinned}`;
}

function run(...args: readonly string[]): void {
  const build = spawnSync(python, ['training/build.py', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  assert.equal(build.status, 0, build.stderr);
}

describe('training', () => {
  it('has a builder for every model', () => {
    assert.deepEqual(builders.map(idOf).sort(), [...folders('models')].sort());
  });

  it('rebuilds every model to the same bytes', function () {
    this.timeout(120_000);
    const why = missingTool();
    if (why !== undefined) {
      console.log(`      skipped: ${why} (training/requirements.txt)`);
      this.skip();
    }
    const out = mkdtempSync(join(tmpdir(), 'auscult-build-'));
    try {
      run('--all', '--out', out);
      for (const id of builders.map(idOf)) {
        for (const file of ['1/model.onnx', 'parity.jsonl']) {
          assert.ok(readFileSync(join(out, id, file)).equals(read('models', id, file)), `${id}/${file}`);
        }
      }
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  for (const builder of builders) {
    it(`${builder}: ships the vectors it trains against, each with its source`, () => {
      const vectors = read('training', builder, 'vectors.jsonl');
      assert.ok(vectors.equals(read('models', idOf(builder), 'parity.jsonl')));
      const rows = vectors
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length, 'an id twice');
      for (const { id, source } of rows) assert.ok(source.length > 20, id);
    });

    if (!existsSync(join(root, 'training', builder, 'coefficients.json'))) continue;
    it(`${builder}: carries citation, source and licence note`, () => {
      const carried = JSON.parse(read('training', builder, 'coefficients.json').toString());
      for (const field of ['citation', 'source', 'licence_note']) {
        assert.ok(carried[field]?.length > 20, field);
      }
    });
  }

  it('carries the 100 equations of PREVENT', () => {
    const carried = JSON.parse(read('training/prevent/coefficients.json').toString());
    const equations = Object.values(carried.coefficients as Record<string, object>)
      .flatMap((variants) => Object.values(variants as Record<string, object>))
      .flatMap((sexes) => Object.values(sexes as Record<string, object>))
      .flatMap((outcomes) => Object.values(outcomes as Record<string, object>));
    assert.equal(equations.length, 100);
  });

  it('keeps cited eGFR vectors for the features', () => {
    const lines = read('training/ckd_epi_2021/vectors.jsonl').toString().trimEnd().split('\n');
    const sources: string[] = lines.map((line) => JSON.parse(line).source);
    assert.equal(sources.filter((source) => /^cran\/nephro@[0-9a-f]{12}:/.test(source)).length, 120);
  });
});
