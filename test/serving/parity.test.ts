/** infer says what predict says, for every vector that the models are sealed with. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Model } from '../../src/inference/model.ts';
import { readPackage } from '../../src/inference/package.ts';
import { predict } from '../../src/inference/predict.ts';
import { models as folder, vectors } from '../inference/prevent.ts';
import {
  columnsOf,
  type InferAnswer,
  inputsOf,
  openServed,
  type Patient,
  type Served,
  type Site,
} from './served.ts';

describe('infer beside predict', () => {
  let served: Served;
  let site: Site;
  before(async () => {
    served = await openServed();
    site = await served.listen();
  });
  after(async () => {
    await site.close();
    await served.close();
  });

  const ask = async (model: Model, patients: readonly Patient[]) => {
    const { manifest } = model;
    const answer = await site.post(`/v2/models/${manifest.id}/infer`, {
      inputs: inputsOf(manifest, patients),
    });
    assert.equal(answer.status, 200, answer.bytes.toString());
    return columnsOf(answer.json<InferAnswer>());
  };

  async function predicted(model: Model, patient: Patient): Promise<Readonly<Record<string, unknown>>> {
    const result = await predict(model, new Map(Object.entries(patient)));
    assert.ok(result.kind === 'prediction');
    return { ...result.outputs, ...result.labels };
  }

  it(`all ${vectors.length} PREVENT vectors one by one, to the bit`, async () => {
    const model = served.models.get('prevent');
    for (const { id, input } of vectors) {
      const [columns, expected] = await Promise.all([ask(model, [input]), predicted(model, input)]);
      for (const { name } of model.manifest.outputs)
        assert.equal(columns[name]?.[0], expected[name] ?? null, `${id} ${name}`);
    }
  });

  it('every vector of every model together: the last bits may differ, nothing else', async () => {
    for (const id of served.models.ids()) {
      const model = served.models.get(id);
      const patients = (await readPackage(join(folder, id))).parity.map(({ input }) => input).slice(0, 4096);
      const columns = await ask(model, patients);
      for (const [row, patient] of patients.entries()) {
        const expected = await predicted(model, patient);
        for (const { name } of model.manifest.outputs)
          assertNear(columns[name]?.[row], expected[name] ?? null, `${id} row ${row} ${name}`);
      }
    }
  }).timeout(60_000);
});

/** Rows computed together take the vector forms of exp and log, which round otherwise. */
function assertNear(value: unknown, expected: unknown, what: string): void {
  if (typeof value !== 'number' || typeof expected !== 'number') {
    assert.equal(value, expected, what);
    return;
  }
  const off = Math.abs(value - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE);
  assert.ok(value === expected || off < 1e-13, `${what}: off by ${off}`);
}
