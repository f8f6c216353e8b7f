import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Fault } from '../../src/errors.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import { explainPrediction } from '../../src/explain/shapley.ts';
import { explainOf } from '../../src/inference/manifest.ts';
import { memoryModel } from '../../src/inference/memory-model.ts';
import type { Model, Outputs, Prediction, Row } from '../../src/inference/model.ts';
import { predict } from '../../src/inference/predict.ts';
import { openRegistry } from '../../src/inference/registry.ts';
import type { InputValue } from '../../src/inference/row.ts';
import { root, vocabulary } from '../card/package.ts';
import { inputs, manifest } from '../inference/prevent.ts';

const logit = (p: number): number => Math.log(p / (1 - p));
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const clinical = [
  'age',
  'sbp',
  'bp_tx',
  'total_c',
  'hdl_c',
  'egfr',
  'bmi',
  'dm',
  'smoking',
  'uacr',
  'hba1c',
] as const;
const weights: Readonly<Record<string, number>> = {
  age: 0.05,
  sbp: 0.02,
  bp_tx: 0.3,
  total_c: 0.004,
  hdl_c: -0.01,
  egfr: -0.01,
  dm: 0.8,
  smoking: 0.5,
  uacr: 0.002,
  hba1c: 0.1,
};

const variantOf = (row: Row): number => Math.max(0, row.model ?? 0);

/** A linear model on the logit scale, with its own intercept per sex and variant. */
const score = (row: Row): number =>
  sum(clinical.map((name) => (weights[name] ?? 0) * (row[name] ?? 0))) +
  (row.sex === 1 ? 0.7 : 0) -
  6 +
  0.2 * variantOf(row);

function recording(answer: (row: Row) => number = score): { model: Model; batches: (readonly Row[])[] } {
  const batches: Row[][] = [];
  const inner = memoryModel(manifest, (row) => {
    batches.at(-1)?.push(row);
    return answered(row);
  });
  const answered = (row: Row): Outputs => ({
    ...Object.fromEntries(manifest.outputs.map(({ name }) => [name, 1 / (1 + Math.exp(-answer(row)))])),
    model: variantOf(row),
  });
  return {
    batches,
    model: {
      ...inner,
      run: (...asked) => {
        batches.push([]);
        return inner.run(...asked);
      },
      between: (...asked) => {
        batches.push([]);
        return inner.between(...asked);
      },
    },
  };
}

async function predictionOf(
  model: Model,
  change: Readonly<Record<string, InputValue>> = {},
): Promise<Prediction> {
  const result = await predict(model, inputs(change));
  assert.equal(result.kind, 'prediction');
  return result as Prediction;
}

async function explained(change: Readonly<Record<string, InputValue>> = {}, answer?: (row: Row) => number) {
  const { model, batches } = recording(answer);
  const prediction = await predictionOf(model, change);
  const explanation = await explainPrediction(model, prediction, '10yr_ascvd', vocabulary);
  return { explanation, batch: batches[1] ?? [], batches, prediction };
}

const phiOf = ({ contributions }: Explanation, group: string): number =>
  contributions.find((each) => each.group === group)?.phi ?? Number.NaN;

describe('explanation of a prediction', () => {
  it('gives a linear model its own coefficients back, per clinical group', async () => {
    const { explanation } = await explained();
    const { inputs: base } = explainOf(manifest).baseline;
    assert.ok(Math.abs(phiOf(explanation, 'demographics') - 0.05 * (50 - 55)) < 1e-9);
    assert.ok(Math.abs(phiOf(explanation, 'bloodPressure') - (0.02 * (160 - 130) + 0.3)) < 1e-9);
    const lipids = 0.004 * (200 - Number(base.total_c)) - 0.01 * (45 - Number(base.hdl_c));
    assert.ok(Math.abs(phiOf(explanation, 'lipids') - lipids) < 1e-9);
    assert.ok(Math.abs(phiOf(explanation, 'diabetes') - 0.8) < 1e-9);
  });

  it('adds up from the reference person to the patient', async () => {
    const interacting = (row: Row): number =>
      score(row) + 0.01 * (row.age ?? 0) * (row.dm ?? 0) + 0.1 * (row.smoking ?? 0) * (row.bp_tx ?? 0);
    const { explanation, prediction } = await explained({ smoking: true }, interacting);
    const steps = sum(explanation.contributions.map(({ phi }) => phi));
    assert.ok(Math.abs(steps - (logit(explanation.value) - logit(explanation.baseline.value))) < 1e-9);
    assert.equal(explanation.value, prediction.outputs['10yr_ascvd']);
  });

  it('names the reference person and where it comes from', async () => {
    const { explanation } = await explained();
    assert.equal(explanation.baseline.label, explainOf(manifest).baseline.label);
    assert.equal(explanation.baseline.source, explainOf(manifest).baseline.source);
  });

  it('has a peer of the same age and sex, the reference person in everything else', async () => {
    const { explanation, batch } = await explained({ age: 67, sex: 'male', smoking: true });
    assert.equal(explanation.peer?.label, explainOf(manifest).peer?.label);
    const peer = batch.filter(
      (row) => row.age === 67 && row.sbp === 130 && row.smoking === 0 && row.dm === 0,
    );
    const [row] = peer.filter(({ bmi, total_c }) => bmi === 25 && total_c !== 200);
    assert.ok(row);
    assert.ok(Math.abs(logit(explanation.peer?.value ?? 0) - score(row)) < 1e-9);
  });

  it('has no peer where the manifest names none, or one that is no whole group', async () => {
    const { model } = recording();
    const { peer: _, ...explain } = explainOf(manifest);
    for (const changed of [explain, { ...explain, peer: { inputs: ['sbp'], label: 'same pressure' } }]) {
      const other = { ...model, manifest: { ...manifest, explain: changed } };
      const prediction = await predictionOf(other);
      assert.ok(!('peer' in (await explainPrediction(other, prediction, '10yr_ascvd', vocabulary))));
    }
  });

  it('asks the model once, for two to the number of groups', async () => {
    const { batches, batch, explanation } = await explained();
    assert.equal(batches.length, 2);
    assert.equal(batch.length, 2 ** explanation.contributions.length);
    assert.equal(
      new Set(batch.map((row) => JSON.stringify(row))).size,
      2 ** 5,
      'five groups differ from the reference',
    );
  });

  it('holds sex and the equation variant at the patient in every coalition', async () => {
    const { batch } = await explained({ sex: 'male', uacr: 40, hba1c: 7 });
    assert.deepEqual([...new Set(batch.map((row) => row.sex))], [1]);
    assert.deepEqual([...new Set(batch.map((row) => row.model))], [0]);
    const { explanation } = await explained({ sex: 'male' });
    assert.ok(
      !explanation.contributions.some(
        ({ inputs: names }) => names.includes('sex') || names.includes('model'),
      ),
    );
  });

  it('feeds back the variant that answered, not the wish', async () => {
    const { model, batches } = recording();
    const prediction = { ...(await predictionOf(model)), labels: { model: 'full' } };
    await assert.rejects(explainPrediction(model, prediction, '10yr_ascvd', vocabulary), Fault);
    assert.deepEqual([...new Set(batches[1]?.map((row) => row.model))], [4]);
  });

  it('leaves an optional input out that neither patient nor reference has, and brings it in with the patient', async () => {
    const without = await explained();
    assert.ok(!without.explanation.contributions.some(({ inputs: names }) => names.includes('hba1c')));
    assert.ok(!without.explanation.contributions.some(({ group }) => group === 'deprivation'));
    const { explanation, batch } = await explained({ hba1c: 7 });
    assert.deepEqual(explanation.contributions.find(({ group }) => group === 'diabetes')?.inputs, [
      'dm',
      'hba1c',
    ]);
    assert.deepEqual(new Set(batch.map((row) => row.hba1c)), new Set([null, 7]));
    assert.ok(Math.abs(phiOf(explanation, 'diabetes') - 1.5) < 1e-9);
  });

  it('moves the inputs of one clinical group together', async () => {
    const { batch } = await explained();
    for (const row of batch) assert.equal(row.sbp === 160, row.bp_tx === 1);
  });

  it('sorts by size, whatever the direction', async () => {
    const { explanation } = await explained({ smoking: true });
    const sizes = explanation.contributions.map(({ phi }) => Math.abs(phi));
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => b - a),
    );
    assert.ok(explanation.contributions.some(({ phi }) => phi < 0));
  });

  it('calls a group of which sex is held after what is left of it', async () => {
    const { explanation } = await explained();
    assert.equal(explanation.contributions.find(({ group }) => group === 'demographics')?.label, 'Age');
    assert.equal(explanation.contributions.find(({ group }) => group === 'lipids')?.label, 'Cholesterol');
  });

  it('says in each sentence what the values are and where they push', async () => {
    const { explanation } = await explained({ smoking: true });
    const sentences = explanation.contributions.map(({ sentence }) => sentence);
    assert.ok(sentences.includes('Current smoking raises the risk.'));
    assert.ok(
      sentences.includes(
        'Systolic blood pressure 160 mmHg and being on blood pressure treatment together raise the risk.',
      ),
    );
    assert.ok(sentences.includes('Age 50 years lowers the risk.'));
    assert.ok(sentences.includes('Body mass index 35 kg/m²: little effect on this risk.'));
  });

  it('refuses to explain a number that the batch does not give', async () => {
    const { model } = recording();
    const prediction = await predictionOf(model);
    const other = { ...prediction, outputs: { ...prediction.outputs, '10yr_ascvd': 0.2 } };
    await assert.rejects(explainPrediction(model, other, '10yr_ascvd', vocabulary), {
      code: 'model-unavailable',
    });
  });

  it('refuses an output that is no proportion between 0 and 1', async () => {
    const { model } = recording();
    await assert.rejects(explainPrediction(model, await predictionOf(model), 'none', vocabulary), {
      code: 'model-unavailable',
    });
    const certain = recording(() => Number.POSITIVE_INFINITY);
    await assert.rejects(
      explainPrediction(certain.model, await predictionOf(certain.model), '10yr_ascvd', vocabulary),
      {
        code: 'model-unavailable',
      },
    );
  });

  it('minds the signal', async () => {
    const { model } = recording();
    const prediction = await predictionOf(model);
    await assert.rejects(
      explainPrediction(model, prediction, '10yr_ascvd', vocabulary, { signal: AbortSignal.abort() }),
      {
        code: 'deadline-passed',
      },
    );
  });

  it('has the peer that the shipped equations give when asked directly', async () => {
    const registry = await openRegistry(join(root, 'models'));
    try {
      const model = registry.get('prevent');
      const changes: readonly Readonly<Record<string, InputValue>>[] = [
        { age: 67 },
        { age: 38, sex: 'male' },
        { age: 67, hba1c: 8 },
      ];
      for (const change of changes) {
        const prediction = await predictionOf(model, change);
        const { peer } = await explainPrediction(model, prediction, '10yr_ascvd', vocabulary);
        const { age = null, sex = null } = prediction.row;
        const like = {
          ...explainOf(manifest).baseline.inputs,
          bp_tx: 0,
          statin: 0,
          dm: 0,
          smoking: 0,
        } as Row;
        const [direct] = await model.run([{ ...like, age, sex, model: 'hba1c' in change ? 2 : 0 }]);
        assert.ok(Math.abs((peer?.value ?? Number.NaN) - (direct?.['10yr_ascvd'] ?? 0)) < 1e-12);
      }
    } finally {
      await registry.close();
    }
  });

  it('is exact on the shipped equations, for every output and variant', async () => {
    const registry = await openRegistry(join(root, 'models'));
    try {
      const model = registry.get('prevent');
      const changes: readonly Readonly<Record<string, InputValue>>[] = [
        {},
        { uacr: 120 },
        { hba1c: 8 },
        { sdi_decile: 9 },
        { uacr: 120, hba1c: 8 },
      ];
      for (const change of changes) {
        const prediction = await predictionOf(model, change);
        for (const output of ['10yr_ascvd', '10yr_total_cvd', '30yr_heart_failure']) {
          const { value, baseline, contributions } = await explainPrediction(
            model,
            prediction,
            output,
            vocabulary,
          );
          assert.equal(value, prediction.outputs[output]);
          assert.ok(
            Math.abs(sum(contributions.map(({ phi }) => phi)) - (logit(value) - logit(baseline.value))) <
              1e-9,
          );
        }
      }
    } finally {
      await registry.close();
    }
  });
});
