import assert from 'node:assert/strict';
import { Fault } from '../../src/errors.ts';
import { memoryModel } from '../../src/inference/memory-model.ts';
import type { Model } from '../../src/inference/model.ts';
import { type PredictionLine, predictLines } from '../../src/inference/predict-lines.ts';
import { answer, manifest, patient } from './prevent.ts';

const model = memoryModel(manifest, () => answer);

async function lines(given: readonly string[], of: Model = model, options = {}): Promise<PredictionLine[]> {
  return Array.fromAsync(predictLines(of, given, options));
}

const line = (change: object = {}): string => JSON.stringify({ ...patient, ...change });

describe('auscult predict', () => {
  it('prints output name → number, and not the variant', async () => {
    const { model: _, ...numbers } = answer;
    assert.deepEqual(await lines([line()]), [numbers]);
  });

  it('omits an output that does not apply', async () => {
    const only10 = Object.fromEntries(Object.entries(answer).filter(([name]) => !name.startsWith('30yr')));
    const [printed] = await lines(
      [line({ age: 70 })],
      memoryModel(manifest, () => only10),
    );
    assert.deepEqual(Object.keys(printed ?? {}), [
      '10yr_total_cvd',
      '10yr_ascvd',
      '10yr_heart_failure',
      '10yr_chd',
      '10yr_stroke',
    ]);
  });

  it('abstains with every reason in one string', async () => {
    assert.deepEqual(await lines([line({ sbp: 220, bmi: null })]), [
      {
        abstained:
          'sbp: out-of-range (Systolic blood pressure 220 mm[Hg] is above 200); bmi: missing (not-supplied)',
      },
    ]);
  });

  it('answers a line that is not a JSON object with an error and goes on, one answer per line', async () => {
    const given = ['{', '', '[]', 'null', '3', line({ age: { value: 50 } }), line()];
    const printed = await lines(given);
    assert.equal(printed.length, given.length);
    assert.ok(printed.slice(0, 6).every((one) => Object.keys(one).join() === 'error'));
    assert.ok('10yr_ascvd' in (printed[6] ?? {}));
  });

  it('reads a number too large for a double as not finite', async () => {
    const [printed] = await lines([line().replace('"age":50', '"age":1e999')]);
    assert.match(JSON.stringify(printed), /age: not-finite/);
  });

  it('goes on after a line whose model could not run', async () => {
    let calls = 0;
    const failing: Model = {
      ...model,
      run: async () => {
        if (calls++ === 0) throw new Fault('model-unavailable', ['prevent']);
        return [answer];
      },
    };
    const [first, second] = await lines([line(), line()], failing);
    assert.deepEqual(Object.keys(first ?? {}), ['error']);
    assert.ok('10yr_ascvd' in (second ?? {}));
  });

  it('computes outside the valid range when asked to', async () => {
    const [printed] = await lines([line({ sbp: 220 })], model, { allowOutOfRange: true });
    assert.ok('10yr_ascvd' in (printed ?? {}));
  });
});
