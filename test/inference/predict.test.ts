import assert from 'node:assert/strict';
import { Fault } from '../../src/errors.ts';
import { memoryModel } from '../../src/inference/memory-model.ts';
import type { Outputs } from '../../src/inference/model.ts';
import { predict, predictAll } from '../../src/inference/predict.ts';
import { answer, inputs, manifest, row } from './prevent.ts';

const saying = (change: Outputs) => memoryModel(manifest, () => ({ ...answer, ...change }));

describe('predict', () => {
  it('gives the row, the unrounded outputs and the variant in words', async () => {
    const result = await predict(saying({ '10yr_ascvd': 0.07499999999999998 }), inputs());
    assert.equal(result.kind, 'prediction');
    if (result.kind !== 'prediction') return;
    assert.deepEqual(result.row, row);
    assert.equal(result.outputs['10yr_ascvd'], 0.07499999999999998);
    assert.deepEqual(result.labels, { model: 'base' });
    assert.deepEqual([result.model, result.version, result.digest], ['prevent', '1.0.0', manifest.digest]);
  });

  it('abstains with every reason, in the order of the manifest, and does not ask the model', async () => {
    const never = memoryModel(manifest, () => assert.fail('asked'));
    const result = await predict(never, inputs({ bmi: null, sbp: 220, sex: 'x', age: Number.NaN }));
    assert.equal(result.kind, 'abstention');
    if (result.kind !== 'abstention') return;
    assert.deepEqual(
      result.because.map(({ input, reason }) => [input, reason]),
      [
        ['age', 'not-finite'],
        ['sex', 'unknown-category'],
        ['sbp', 'out-of-range'],
        ['bmi', 'missing'],
      ],
    );
  });

  it('computes outside the range only when told to, and never with a value missing', async () => {
    const out = inputs({ sbp: 220 });
    assert.equal((await predict(saying({}), out)).kind, 'abstention');
    assert.equal((await predict(saying({}), out, { allowOutOfRange: true })).kind, 'prediction');
    const gone = await predict(saying({}), inputs({ sbp: 220, bmi: null }), { allowOutOfRange: true });
    assert.deepEqual(gone.kind === 'abstention' && gone.because.map(({ input }) => input), ['bmi']);
  });

  it('never gives a score that is no probability', async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1e-9, 1.0000001]) {
      await assert.rejects(predict(saying({ '10yr_stroke': value }), inputs()), {
        code: 'model-unavailable',
      });
    }
    for (const value of [0, 1]) {
      assert.equal((await predict(saying({ '10yr_stroke': value }), inputs())).kind, 'prediction');
    }
  });

  it('never gives a score whose variant has no name', async () => {
    await assert.rejects(predict(saying({ model: 7 }), inputs()), { code: 'model-unavailable' });
  });

  it('wants every output that always applies; one that does not apply is absent', async () => {
    const { '30yr_stroke': _, ...older } = answer;
    const result = await predict(
      memoryModel(manifest, () => older),
      inputs({ age: 65 }),
    );
    assert.ok(result.kind === 'prediction' && !('30yr_stroke' in result.outputs));
    const { '10yr_stroke': __, ...less } = answer;
    const broken = memoryModel(manifest, () => less);
    await assert.rejects(predict(broken, inputs()), { code: 'model-unavailable' });
  });

  it('abstains where a waived input leaves the equation without an answer', async () => {
    const model = saying({ '10yr_stroke': Number.NaN });
    const result = await predict(model, inputs({ uacr: 0 }), { allowOutOfRange: true });
    assert.deepEqual(result.kind === 'abstention' && result.because.map(({ input }) => input), ['uacr']);
  });

  it('stops waiting at the deadline', async () => {
    await assert.rejects(predict(saying({}), inputs(), { signal: AbortSignal.abort() }), (thrown) => {
      assert.ok(thrown instanceof Fault);
      assert.deepEqual([thrown.code, thrown.details], ['deadline-passed', ['prevent']]);
      return true;
    });
  });

  it('asks each model with its own values and keeps the order', async () => {
    const one = saying({});
    const two = { ...saying({}), manifest: { ...manifest, id: 'other' } };
    const results = await predictAll([one, two], new Map());
    assert.deepEqual(
      results.map((result) => [result.model, result.kind]),
      [
        ['prevent', 'abstention'],
        ['other', 'abstention'],
      ],
    );
    const [first] = results;
    assert.equal(first?.kind === 'abstention' && first.because[0]?.detail, 'not-supplied');
  });
});
