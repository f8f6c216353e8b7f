import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { CounterfactualQuestion } from '../../src/explain/counterfactual.ts';
import { explainModel, modelCounterfactual } from '../../src/explain/explain-model.ts';
import { explainPrediction } from '../../src/explain/shapley.ts';
import type { Model, Prediction } from '../../src/inference/model.ts';
import { predict } from '../../src/inference/predict.ts';
import { type ModelRegistry, openRegistry } from '../../src/inference/registry.ts';
import type { InputValue } from '../../src/inference/row.ts';
import { root, vocabulary } from '../card/package.ts';
import { inputs } from '../inference/prevent.ts';
import { logit, sum } from './networks.ts';

const malformed = (rule: RegExp) => (thrown: { code: string; details: readonly string[] }) => {
  assert.match(thrown.details.join(), rule);
  return thrown.code === 'malformed-inference';
};

describe('explanation of a clinical model', () => {
  let registry: ModelRegistry;
  let prevent: Model;
  before(async () => {
    registry = await openRegistry(join(root, 'models'));
    prevent = registry.get('prevent');
  });
  after(() => registry.close());

  const predictionOf = async (change: Readonly<Record<string, InputValue>> = {}): Promise<Prediction> => {
    const result = await predict(prevent, inputs(change));
    return result.kind === 'prediction' ? result : assert.fail(result.kind);
  };

  it('is the one behind the card, on the scale of log odds, in the form of the inference API', async () => {
    const prediction = await predictionOf({ smoking: true });
    const asked = { output: '10yr_ascvd' };
    const explained = await explainModel(prevent, prediction, asked, {}, vocabulary);
    const card = await explainPrediction(prevent, prediction, '10yr_ascvd', vocabulary);
    assert.deepEqual(
      explained.players,
      card.contributions.map(({ label, inputs: names, phi }) => ({ label, input: names.join('+'), phi })),
    );
    assert.equal(explained.predicted, card.value);
    assert.equal(explained.value, logit(card.value));
    assert.equal(explained.baseline, logit(card.baseline.value));
    assert.equal(explained.background.label, card.baseline.label);
    assert.equal(explained.evaluations, 2 ** card.contributions.length);
  });

  it('without a vocabulary has each input for itself, and adds up', async () => {
    const {
      players,
      value,
      baseline = 0,
      gap = 1,
      output,
    } = await explainModel(prevent, await predictionOf());
    assert.ok(players.some(({ input, label }) => input === 'sbp' && label === 'Systolic blood pressure'));
    assert.ok(players.every(({ input }) => !input.includes('+')));
    assert.ok(Math.abs(value - baseline - sum(players.map(({ phi }) => phi))) < 1e-9);
    assert.ok(Math.abs(gap) < 1e-9);
    assert.equal(output, prevent.manifest.outputs.find(({ kind }) => kind === 'probability')?.name);
  });

  it('refuses another method, an output that is no probability or does not apply, a model without one', async () => {
    const prediction = await predictionOf({ age: 70 });
    const asked = [
      [{ method: 'lime' }, /^method: is none of exact-shapley$/],
      [{ output: 'model' }, /^outputs: the model has no such probability$/],
      [{ output: '30yr_ascvd' }, /^outputs: does not apply to this row$/],
    ] as const;
    for (const [question, rule] of asked)
      await assert.rejects(explainModel(prevent, prediction, question), malformed(rule));
    const unexplained = registry.get('ckd-epi-2021');
    await assert.rejects(explainModel(unexplained, prediction), malformed(/^the model is not explained/));
  });

  describe('counterfactual', () => {
    const risk = ({ outputs }: Prediction): number => outputs['10yr_ascvd'] ?? Number.NaN;
    /** A fifth less risk, by what a person can change. */
    const ask = async (question: Partial<CounterfactualQuestion> = {}, change = {}) => {
      const prediction = await predictionOf(change);
      return modelCounterfactual(prevent, prediction, {
        modifiable: ['sbp', 'bmi', 'smoking'],
        target: { below: 0.8 * risk(prediction) },
        output: '10yr_ascvd',
        ...question,
      });
    };

    it('brings the model itself below the threshold, with nothing else changed', async () => {
      const before = await predictionOf({ smoking: true });
      const { status, found, value, proven } = await ask({}, { smoking: true });
      assert.equal(status, 'found');
      assert.equal(value, risk(before));
      assert.ok(proven);
      for (const { changes, value: reached } of found) {
        assert.ok(changes.length <= 2 && reached < 0.8 * value);
        const changed = Object.fromEntries(changes.map(({ input, to }) => [input, to]));
        const after = await predictionOf({ smoking: true, ...changed });
        assert.ok(Math.abs(risk(after) - reached) < 1e-12);
      }
    });

    it('says in the manifest’s unit what changes from what to what', async () => {
      const { found } = await ask({ modifiable: ['sbp'] }, { sbp: 180 });
      const [change] = found[0]?.changes ?? [];
      assert.deepEqual([change?.input, change?.unit, change?.from], ['sbp', 'mm[Hg]', 180]);
      assert.ok(Number(change?.to) >= 90 && Number(change?.to) < 180);
    });

    it('is none where nothing within the valid ranges reaches', async () => {
      const { status, found, proven } = await ask({ target: { below: 0.000001 } });
      assert.deepEqual({ status, found, proven }, { status: 'none', found: [], proven: true });
    });

    it('refuses what nobody can change', async () => {
      await assert.rejects(ask({ modifiable: ['sbp', 'age'] }), malformed(/nobody can change it/));
    });
  });
});
