/** Every sealed model, through the real runner: its whole parity.jsonl, and its silence beyond its ranges. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ManifestInput, NumberInput } from '../../src/inference/manifest.ts';
import type { Model, Prediction, Result } from '../../src/inference/model.ts';
import { type ModelPackage, type ParityRow, readPackage } from '../../src/inference/package.ts';
import { predict } from '../../src/inference/predict.ts';
import { type ModelRegistry, openRegistry } from '../../src/inference/registry.ts';
import type { InputValue } from '../../src/inference/row.ts';
import { models } from './prevent.ts';

type Patient = Readonly<Record<string, InputValue>>;

const ids = readdirSync(models, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const ask = (model: Model, patient: Patient): Promise<Result> =>
  predict(model, new Map(Object.entries(patient)));

async function answered(model: Model, patient: Patient, what: string): Promise<Prediction> {
  const result = await ask(model, patient);
  assert.ok(result.kind === 'prediction', `${what}: ${JSON.stringify(result)}`);
  return result;
}

const measured = (input: ManifestInput): input is NumberInput => input.kind === 'number';

/** The next number a double holds, or the next whole one. */
function beyond({ valid }: NumberInput, bound: 'min' | 'max'): number {
  const edge = valid[bound];
  const size = valid.integer === true ? 1 : Math.max(Math.abs(edge) * Number.EPSILON, Number.MIN_VALUE);
  return bound === 'min' ? edge - size : edge + size;
}

const bounds = (model: Model) =>
  model.manifest.inputs
    .filter(measured)
    .flatMap((input) => (['min', 'max'] as const).map((bound) => ({ input, bound })));

/** The first vector's. */
const patientOf = ({ parity }: ModelPackage): Patient => parity[0]?.input ?? {};

function assertReproduced(row: ParityRow, { outputs, labels }: Prediction): void {
  assert.deepEqual(labels, row.labels, row.id);
  const numbers = Object.keys(outputs).filter((name) => !(name in labels));
  assert.deepEqual(numbers.sort(), Object.keys(row.expected).sort(), row.id);
  for (const [name, expected] of Object.entries(row.expected)) {
    const off = Math.abs((outputs[name] ?? Number.NaN) - expected);
    assert.ok(off <= row.tolerance, `${row.id} ${name}: off by ${off}`);
  }
}

describe('sealed models', () => {
  let registry: ModelRegistry;
  before(async () => {
    registry = await openRegistry(models);
  });
  after(() => registry.close());

  for (const id of ids) {
    describe(id, () => {
      let model: Model;
      let sealed: ModelPackage;
      before(async () => {
        model = registry.get(id);
        sealed = await readPackage(join(models, id));
      });

      it('reproduces every vector', async () => {
        for (const row of sealed.parity) assertReproduced(row, await answered(model, row.input, row.id));
      });

      it('answers at each bound of its valid ranges and abstains one step beyond', async () => {
        const patient = patientOf(sealed);
        for (const { input, bound } of bounds(model)) {
          const { name } = input;
          await answered(model, { ...patient, [name]: input.valid[bound] }, `${name} at its ${bound}`);
          const result = await ask(model, { ...patient, [name]: beyond(input, bound) });
          assert.ok(result.kind === 'abstention', `${name} beyond its ${bound} is answered`);
          assert.deepEqual(
            result.because.map((problem) => [problem.input, problem.reason]),
            [[name, 'out-of-range']],
          );
        }
      });

      it('abstains where an input it cannot do without is missing, and says which', async () => {
        const patient = patientOf(sealed);
        for (const input of model.manifest.inputs) {
          if (input.kind === 'control' || input.ifMissing !== 'abstain') continue;
          const result = await ask(model, { ...patient, [input.name]: null });
          assert.ok(result.kind === 'abstention', `${input.name} missing is answered`);
          assert.deepEqual(
            result.because.map((problem) => [problem.input, problem.reason]),
            [[input.name, 'missing']],
          );
        }
      });

      it('answers for its reference person, where it is explained', async () => {
        const { explain, outputs } = model.manifest;
        if (explain === undefined) return;
        const patient = patientOf(sealed);
        const held = Object.fromEntries(explain.hold.map((name) => [name, patient[name] ?? null]));
        const answer = await answered(model, { ...held, ...explain.baseline.inputs }, 'the reference person');
        for (const { name, kind } of outputs) {
          const value = answer.outputs[name];
          if (kind !== 'probability' || value === undefined) continue;
          assert.ok(value > 0 && value < 1, `${name} has no logit: ${value}`);
        }
      });
    });
  }
});
