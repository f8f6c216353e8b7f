import assert from 'node:assert/strict';
import { memoryModel } from '../../src/inference/memory-model.ts';
import { recordOf } from '../../src/ledger/record.ts';
import { featuresOf, predicted, vocabulary } from '../card/package.ts';
import { answer, manifest } from '../inference/prevent.ts';
import { decision } from '../smart-app/decision-fixture.ts';

const model = memoryModel(manifest, () => answer);
const { id, title, issuer, outcome, reason, clinicalReview, patientId } = decision;
const circumstances = {
  id,
  service: { id: decision.service, title, clinicalReview: { status: clinicalReview } },
  request: { hook: decision.hook, hookInstance: decision.hookInstance },
  issuer,
  chart: { patientId, now: new Date(decision.decidedAt) },
  verdict: { outcome, reason },
};
const recorded = (word: string) =>
  recordOf(circumstances, {
    features: featuresOf(),
    vocabulary,
    models: [model],
    results: [{ ...predicted(0.2), labels: { model: word } }],
    explanation: undefined,
    cards: [],
  });

describe('record of a decision', () => {
  it('says who asked what about whom, when, and what came of it', () => {
    const { values, results, outputs, models, explanation, cards, ...said } = recorded('base');
    const {
      values: _v,
      results: _r,
      outputs: _o,
      models: _m,
      explanation: _e,
      cards: _c,
      ...expected
    } = decision;
    assert.deepEqual(said, expected);
  });

  it('tells what feeds a model from what is only checked', () => {
    const roles = new Map(recorded('base').values.map(({ name, role }) => [name, role]));
    const fed = manifest.inputs.flatMap((input) => (input.kind === 'control' ? [] : [input.value]));
    for (const name of fed) assert.equal(roles.get(name), 'input', name);
    for (const name of ['ldlCholesterol', 'deceased', 'ascvd', 'statinAllergy'])
      assert.equal(roles.get(name), 'check', name);
  });

  it('names the variant that answered in the words of the manifest', () => {
    assert.equal(recorded('hba1c').models[0]?.variant, 'HbA1c');
    assert.equal(recorded('base').models[0]?.variant, 'base');
  });
});
