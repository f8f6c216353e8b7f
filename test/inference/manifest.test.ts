import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputTensors, manifestJsonSchema, manifestSchema } from '../../src/inference/manifest.ts';
import { manifest, manifestJson, models } from './prevent.ts';

type Bendable = Record<string, unknown> & {
  inputs: Record<string, unknown>[];
  outputs: Record<string, unknown>[];
  explain: { hold: string[]; baseline: { inputs: Record<string, unknown> }; peer: { inputs: string[] } };
};

/** `<path>: <rule>` of everything that is wrong with the manifest after a change. */
function complaints(change: (json: Bendable) => void): string[] {
  const json = manifestJson() as Bendable;
  change(json);
  const read = manifestSchema.safeParse(json);
  return read.success ? [] : read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

const first = (list: Record<string, unknown>[]): Record<string, unknown> => list[0] ?? {};

describe('model manifest', () => {
  it('accepts the shipped manifest', () => {
    assert.deepEqual(
      complaints(() => {}),
      [],
    );
  });

  it('refuses a field it does not know', () => {
    assert.match(complaints((json) => Object.assign(json, { scripts: 'x' })).join(), /scripts/);
    assert.match(
      complaints((json) => Object.assign(first(json.inputs), { when: 'x' })).join(),
      /inputs\.0.*when/,
    );
  });

  it('will not serve a model without a regulatory tier, a review date, a citation or cautions', () => {
    for (const field of ['regulatoryTier', 'reviewBy', 'citation', 'cautions', 'intendedUse', 'license']) {
      assert.match(complaints((json) => delete json[field]).join(), new RegExp(`^${field}:`));
    }
  });

  it('refuses two inputs of one name, and two tensors of one name', () => {
    const twice = complaints((json) => json.inputs.push({ ...first(json.inputs) }));
    assert.ok(twice.includes('inputs: input name age is given twice'), twice.join('\n'));
    assert.ok(twice.includes('inputs: tensor age is given twice'));
    const outputs = complaints((json) => json.outputs.push({ ...first(json.outputs) }));
    assert.ok(outputs.includes('outputs: output name 10yr_total_cvd is given twice'));
  });

  it('refuses a range upside down and codes that two words share', () => {
    assert.deepEqual(
      complaints((json) => Object.assign(first(json.inputs), { valid: { min: 79, max: 30 } })),
      ['inputs.0.valid: min is above max'],
    );
    assert.deepEqual(
      complaints((json) => Object.assign(json.inputs[1] ?? {}, { codes: { female: 0, male: 0 } })),
      ['inputs.1.codes: two words share a code'],
    );
  });

  it('wants a baseline for every input that is not held, and for no other', () => {
    assert.deepEqual(
      complaints((json) => delete json.explain.baseline.inputs.bmi),
      ['explain.baseline.inputs: bmi is missing'],
    );
    assert.deepEqual(
      complaints((json) => Object.assign(json.explain.baseline.inputs, { sex: 'female' })),
      ['explain.baseline.inputs.sex: is held or no input'],
    );
    assert.match(complaints((json) => json.explain.hold.push('weight')).join(), /weight is no input/);
  });

  it('compares with a peer of inputs that may differ only', () => {
    for (const name of ['sex', 'weight']) {
      assert.deepEqual(
        complaints((json) => json.explain.peer.inputs.push(name)),
        [`explain.peer.inputs: ${name} is held or no input`],
      );
    }
    assert.deepEqual(
      complaints((json) => Reflect.deleteProperty(json.explain, 'peer')),
      [],
    );
  });

  it('prints only words that have a code', () => {
    const label = (json: Bendable) => json.outputs.find(({ kind }) => kind === 'label') ?? {};
    assert.match(
      complaints((json) => Object.assign(label(json), { words: { basis: 'base' } })).join(),
      /words: basis has no code/,
    );
  });

  it('names a companion tensor for each optional input', () => {
    const companions = inputTensors(manifest).filter((tensor) => tensor.endsWith('_missing'));
    assert.deepEqual(companions, ['uacr_missing', 'hba1c_missing', 'sdi_decile_missing']);
    assert.equal(inputTensors(manifest).length, 18);
  });

  it('has the published ranges', () => {
    const ranges = manifest.inputs.flatMap((input) =>
      input.kind === 'number' ? [[input.name, input.valid.min, input.valid.max]] : [],
    );
    assert.deepEqual(ranges, [
      ['age', 30, 79],
      ['total_c', 130, 320],
      ['hdl_c', 20, 100],
      ['sbp', 90, 200],
      ['egfr', 15, 140],
      ['bmi', 18.5, 39.9],
      ['uacr', 0.1, 25000],
      ['hba1c', 3, 15],
      ['sdi_decile', 1, 10],
    ]);
  });

  it('is published as JSON Schema, and the published file is this schema', () => {
    const published: unknown = JSON.parse(readFileSync(join(models, 'manifest.schema.json'), 'utf8'));
    assert.deepEqual(published, JSON.parse(JSON.stringify(manifestJsonSchema())));
  });
});
