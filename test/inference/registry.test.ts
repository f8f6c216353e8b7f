/** The sealed model as served: through the registry and the runner's child process. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { sha256 } from '../../src/inference/digest.ts';
import type { Row } from '../../src/inference/model.ts';
import { ModelPackageError } from '../../src/inference/package.ts';
import { predict } from '../../src/inference/predict.ts';
import { type ModelRegistry, openRegistry } from '../../src/inference/registry.ts';
import { encodeRow, type InputValue } from '../../src/inference/row.ts';
import { sealPackage } from '../../src/inference/seal.ts';
import { folder, inputs, manifest, manifestJson, models, row, vectors, withCopy } from './prevent.ts';

describe('model registry', () => {
  let registry: ModelRegistry;
  before(async () => {
    registry = await openRegistry(models);
  });
  after(() => registry.close());

  const outputsOf = async (given: Readonly<Record<string, InputValue>>) => {
    const result = await predict(registry.get('prevent'), new Map(Object.entries(given)));
    assert.ok(result.kind === 'prediction', JSON.stringify(result));
    return result;
  };

  it('serves the sealed models of a folder', () => {
    const folders = readdirSync(models, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(registry.ids(), folders.map(({ name }) => name).sort());
    assert.equal(registry.get('prevent').digest, manifest.digest);
    assert.throws(() => registry.get('toString'), { code: 'unknown-model' });
  });

  it('reproduces all 160 reference vectors, the variant chosen by the published rule', async () => {
    assert.equal(vectors.length, 160);
    for (const vector of vectors) {
      const { outputs, labels } = await outputsOf(vector.input);
      assert.deepEqual(labels, vector.labels, vector.id);
      const { model: _, ...risks } = outputs;
      assert.deepEqual(Object.keys(risks).sort(), Object.keys(vector.expected).sort(), vector.id);
      for (const [name, expected] of Object.entries(vector.expected)) {
        const difference = Math.abs((risks[name] ?? Number.NaN) - expected);
        assert.ok(difference <= vector.tolerance, `${vector.id} ${name}: off by ${difference}`);
      }
    }
  });

  it('reproduces them too with the variant asked for by name', async () => {
    for (const vector of vectors) {
      const { outputs } = await outputsOf({ ...vector.input, model: vector.labels.model ?? null });
      for (const [name, expected] of Object.entries(vector.expected)) {
        assert.ok(Math.abs((outputs[name] ?? Number.NaN) - expected) <= vector.tolerance, vector.id);
      }
    }
  });

  it('gives 30-year risks up to age 59 only', async () => {
    for (const [age, count] of [
      [59, 11],
      [60, 6],
    ] as const) {
      const { outputs } = await outputsOf({ ...Object.fromEntries(inputs()), age });
      assert.equal(Object.keys(outputs).length, count);
    }
  });

  it('answers a batch as it answers each row alone', async () => {
    const rows = vectors.map(({ input }) => encodeRow(manifest, new Map(Object.entries(input))).row);
    const model = registry.get('prevent');
    const batch = await model.run(rows);
    for (const [at, alone] of rows.entries()) {
      const [single] = await model.run([alone]);
      assert.deepEqual(Object.keys(batch[at] ?? {}), Object.keys(single ?? {}));
      for (const [name, value] of Object.entries(single ?? {})) {
        assert.ok(Math.abs(value - (batch[at]?.[name] ?? Number.NaN)) <= 1e-15, name);
      }
    }
  });

  it('computes only the outputs that are wanted, to the same bit', async () => {
    const [whole] = await registry.get('prevent').run([row]);
    const [part] = await registry.get('prevent').run([row], undefined, ['10yr_ascvd']);
    assert.deepEqual(part, { '10yr_ascvd': whole?.['10yr_ascvd'] });
  });

  it('answers with a probability everywhere in the valid range', async () => {
    const numbers = manifest.inputs.flatMap((input) => (input.kind === 'number' ? [input] : []));
    const anyRow: fc.Arbitrary<Row> = fc.record({
      ...Object.fromEntries(
        numbers.map(({ name, valid: { min, max, integer }, ifMissing }) => {
          const value = integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
          return [name, ifMissing === 'abstain' ? value : fc.option(value)];
        }),
      ),
      ...Object.fromEntries(
        ['sex', 'bp_tx', 'statin', 'dm', 'smoking'].map((name) => [name, fc.integer({ min: 0, max: 1 })]),
      ),
      model: fc.integer({ min: -1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 50 }), async (rows) => {
        const answers = await registry.get('prevent').run(rows);
        assert.equal(answers.length, rows.length);
        for (const { model, ...risks } of answers) {
          assert.ok(Object.values(risks).every((risk) => risk > 0 && risk < 1));
          assert.ok(model !== undefined && [0, 1, 2, 3, 4].includes(model));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('has no answer, rather than a wrong one, for a UACR that has no logarithm', async () => {
    for (const uacr of [0, -5]) {
      const result = await predict(registry.get('prevent'), inputs({ uacr }), { allowOutOfRange: true });
      assert.ok(result.kind === 'abstention');
    }
    const base = { allowOutOfRange: true };
    const unread = await predict(registry.get('prevent'), inputs({ uacr: 0, model: 'base' }), base);
    assert.equal(unread.kind, 'prediction');
  });

  it('cuts a large batch into runs and keeps the order', async () => {
    const rows = Array.from({ length: 2500 }, (_, at) => ({ ...row, age: 30 + (at % 50) }));
    const answers = await registry.get('prevent').run(rows);
    assert.equal(answers.length, rows.length);
    assert.deepEqual(answers[2499], answers[49]);
    assert.notDeepEqual(answers[2498], answers[49]);
  });

  it('runs no rows without asking, and refuses a row the manifest has no place for', async () => {
    const model = registry.get('prevent');
    assert.deepEqual(await model.run([]), []);
    await assert.rejects(model.run([{ ...row, weight: 70 }]), {
      code: 'internal',
      details: ['prevent', 'weight'],
    });
    await assert.rejects(model.run([{ ...row, bmi: null }]), {
      code: 'internal',
      details: ['prevent', 'bmi'],
    });
  });
});

describe('model registry at the start', () => {
  const opened = async (at: string): Promise<void> => (await openRegistry(at)).close();

  it('refuses a model that does not reproduce a vector, and names it', async () => {
    await withCopy(async (copy) => {
      const text = readFileSync(join(folder, 'parity.jsonl'), 'utf8');
      copy.write('parity.jsonl', text.replace('0.0548791679', '0.0548791699'));
      await sealPackage(copy.folder);
      await assert.rejects(
        opened(copy.models),
        /^ModelPackageError: models\/prevent\/parity.jsonl: prevent-base-001: 10yr_total_cvd: is not reproduced/,
      );
    });
  });

  it('refuses a vector that lacks an output the model gives', async () => {
    await withCopy(async (copy) => {
      const text = readFileSync(join(folder, 'parity.jsonl'), 'utf8');
      copy.write('parity.jsonl', text.replace('"10yr_total_cvd": 0.0548791679, ', ''));
      await sealPackage(copy.folder);
      await assert.rejects(opened(copy.models), /prevent-base-001: 10yr_total_cvd/);
    });
  });

  it('refuses a manifest whose tensors are not the graph’s', async () => {
    await withCopy(async (copy) => {
      const json = JSON.stringify(manifestJson()).replace('"tensor":"egfr"', '"tensor":"gfr"');
      copy.write('manifest.json', json);
      await sealPackage(copy.folder);
      await assert.rejects(opened(copy.models), (error) => {
        assert.ok(error instanceof ModelPackageError);
        assert.deepEqual([error.file, error.field], ['models/prevent/1/model.onnx', 'input gfr']);
        return true;
      });
    });
  });

  it('refuses a manifest that reads an output as something it is not', async () => {
    await withCopy(async (copy) => {
      const json = JSON.stringify(manifestJson());
      copy.write(
        'manifest.json',
        json.replaceAll('"appliesTensor":"30yr_applies"', '"appliesTensor":"variant"'),
      );
      await sealPackage(copy.folder);
      await assert.rejects(opened(copy.models), /output variant: is not bool/);
    });
  });

  it('refuses a sealed file that is no graph', async () => {
    await withCopy(async (copy) => {
      const bytes = new TextEncoder().encode('not a graph');
      copy.write('1/model.onnx', bytes);
      await sealPackage(copy.folder);
      await assert.rejects(opened(copy.models), /models\/prevent\/1\/model.onnx: cannot be loaded/);
      assert.notEqual(sha256(bytes), manifest.digest);
    });
  });
});
