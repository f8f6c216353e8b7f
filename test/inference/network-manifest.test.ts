/** What a network's manifest may say, and what must agree inside it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkJsonSchema, networkManifestSchema } from '../../src/inference/network-manifest.ts';
import { models } from './prevent.ts';
import { manifestJson } from './small-network.ts';

/** `<path>: <rule>` of everything that is wrong with the manifest after a change. */
function complaints(change: (json: ReturnType<typeof manifestJson>) => object): readonly string[] {
  const json = manifestJson();
  const read = networkManifestSchema.safeParse({ ...json, ...change(json) });
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

type Json = ReturnType<typeof manifestJson>;
const input = ({ inputs }: Json, change: object) => ({ inputs: [{ ...inputs[0], ...change }] });
const output = ({ outputs }: Json, change: object) => ({ outputs: [{ ...outputs[0], ...change }] });
const explain = (json: Json, change: object) => ({ explain: { ...json.explain, ...change } });
const player = (json: Json, change: object) => explain(json, { players: [{ input: 'x', ...change }] });
const labels = ['age', 'urea', 'pulse'];
const without = (json: Json, field: 'background' | 'gradient' | 'explain') => ({
  ...json,
  [field]: undefined,
});
const whole = { valid: { min: -4, max: 4 }, dtype: 'int64' };

describe('network manifest', () => {
  it('accepts what agrees', () => {
    assert.deepEqual(
      complaints(() => ({})),
      [],
    );
    const bare = { explain: undefined, background: undefined, gradient: undefined };
    assert.deepEqual(
      complaints(() => bare),
      [],
    );
    const groups = { size: labels.slice(0, 1), blood: labels.slice(1) };
    assert.deepEqual(
      complaints((json) => player(json, { by: 'group', axis: 'column', groups })),
      [],
    );
  });

  it('refuses a field it does not know, and a package without a citation or cautions', () => {
    assert.match(complaints(() => ({ scripts: 'x' })).join(), /scripts/);
    for (const field of ['citation', 'cautions', 'license', 'reviewBy', 'regulatoryTier']) {
      assert.match(complaints(() => ({ [field]: undefined })).join(), new RegExp(`^${field}:`));
    }
  });

  for (const [change, expected] of [
    [(json) => output(json, { name: 'x' }), 'outputs: tensor x is given twice'],
    [
      (json) => input(json, { axes: [{ name: 'column', size: 4, labels }] }),
      'inputs.0.axes.0.labels: are 3 words for 4 positions',
    ],
    [
      (json) => input(json, { axes: [{ name: 'column', size: 3, labels: ['age', 'age', 'urea'] }] }),
      'inputs.0.axes.0.labels: label age is given twice',
    ],
    [
      (json) =>
        input(json, {
          axes: [
            { name: 'column', size: 3 },
            { name: 'column', size: 3 },
          ],
        }),
      'inputs.0.axes: axis column is given twice',
    ],
    [(json) => input(json, { valid: { min: 1, max: 0 } }), 'inputs.0.valid: min is above max'],
    [
      (json) => input(json, { valid: { min: 0, max: 1e39 } }),
      'inputs.0.valid: float32 does not reach so far',
    ],
    [
      (json) => ({ ...input(json, { ...whole, valid: { min: 0, max: 0.5 } }) }),
      'inputs.0.valid: bounds of int64 are whole numbers within 2^53',
    ],
    [(json) => input(json, { ...whole, missing: 'nan' }), 'inputs.0.missing: int64 has no NaN'],
    [
      (json) => output(json, { range: { min: 0, max: 1.5 } }),
      'outputs.0.range: a probability is within 0 to 1',
    ],
    [(json) => output(json, { dtype: 'int64' }), 'outputs.0.dtype: a probability is no int64'],
    [(json) => explain(json, { output: 'score' }), 'explain.output: score is no output'],
    [(json) => explain(json, { element: 1 }), 'explain.element: risk has no element 1'],
    [(json) => output(json, { kind: 'number' }), 'explain.scale: only a probability has a logit'],
    [(json) => player(json, { by: 'whole', input: 'y' }), 'explain.players.0.input: y is no input'],
    [(json) => player(json, { by: 'position', axis: 'hour' }), 'explain.players.0.axis: hour is no axis'],
    [(json) => player(json, { by: 'patch', size: 2 }), 'explain.players.0: x is no image'],
    [
      (json) => player(json, { by: 'group', axis: 'column', groups: { blood: ['weight'] } }),
      'explain.players.0.groups: weight is no label of column',
    ],
    [
      (json) => player(json, { by: 'group', axis: 'column', groups: { one: ['age'], two: ['age'] } }),
      'explain.players.0.groups: label age is given twice',
    ],
    [
      (json) => explain(json, { players: [...json.explain.players, { input: 'x', by: 'whole' }] }),
      'explain.players: input x is given twice',
    ],
    [(json) => explain(json, { methods: ['lime', 'lime'] }), 'explain.methods: method lime is given twice'],
    [(json) => without(json, 'background'), 'explain.methods.0: exact-shapley needs a background'],
    [(json) => without(json, 'gradient'), 'explain.methods.1: integrated-gradients needs a gradient'],
    [
      (json) => ({ ...input(json, whole), ...explain(json, { methods: ['tree-shap'] }) }),
      'explain.methods.0: tree-shap needs players of floating-point inputs',
    ],
    [
      (json) => explain(json, { methods: ['grad-cam'] }),
      'explain.methods.0: grad-cam needs an image: channels, rows, columns',
    ],
    [(json) => without(json, 'explain'), 'background: there is no explanation that needs it'],
  ] as readonly (readonly [(json: Json) => object, string])[]) {
    it(`refuses ${expected}`, () => {
      const found = complaints(change);
      assert.ok(found.includes(expected), found.join('\n'));
    });
  }

  it('is published as JSON Schema, and the published file is this schema', () => {
    const published: unknown = JSON.parse(readFileSync(join(models, 'network.schema.json'), 'utf8'));
    assert.deepEqual(published, JSON.parse(JSON.stringify(networkJsonSchema())));
  });
});
