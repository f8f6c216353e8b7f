import assert from 'node:assert/strict';
import type { Manifest } from '../../src/inference/manifest.ts';
import type { Digest } from '../../src/inference/model.ts';
import { onnxModel } from '../../src/inference/onnx-model.ts';
import { maskOf } from '../../src/inference/row-tensors.ts';
import { plain } from '../../src/inference/runner/joined.ts';
import type { Batch } from '../../src/inference/runner/protocol.ts';
import { column, type Tensors } from '../../src/inference/tensor.ts';
import { manifest, row } from './prevent.ts';

/** Names that JavaScript puts first in an object, whatever the manifest's order. */
const tensors: Readonly<Record<string, string>> = { age: '7', sbp: '0' };
const odd: Manifest = {
  ...manifest,
  inputs: manifest.inputs.map((input) => ({ ...input, tensor: tensors[input.name] ?? input.tensor })),
};
const masks = new Set(odd.outputs.map(maskOf));

/** Every output is the same sum, in which each tensor has a weight of its own. */
function answer(_: string, batch: Batch): Promise<Tensors> {
  const { rows, feeds, fetches } = plain(batch);
  const sum = Float64Array.from({ length: rows }, (_, at) =>
    Object.entries(feeds).reduce((total, [name, { data }]) => total + Number(data[at]) * weightOf(name), 0),
  );
  const applies = { dtype: 'bool', shape: [rows], data: new Uint8Array(rows).fill(1) } as const;
  return Promise.resolve(
    Object.fromEntries(fetches.map((name) => [name, masks.has(name) ? applies : column(sum)])),
  );
}
const weightOf = (tensor: string): number =>
  1 + odd.inputs.findIndex((input) => input.tensor === tensor) + tensor.length / 100;

describe('a clinical model over a runner', () => {
  it('answers between two rows as it answers those rows, whatever its tensors are called', async () => {
    const model = onnxModel(odd, manifest.digest as Digest, { run: answer });
    const [from, to] = [row, { ...row, age: 44, sbp: 101, dm: 1 }];
    const between = await model.between(from, to, [['age'], ['sbp', 'dm']]);
    const rows = [from, { ...from, age: 44 }, { ...from, sbp: 101, dm: 1 }, to];
    assert.deepEqual(between, await model.run(rows));
    assert.equal(new Set(between.map((outputs) => outputs['10yr_ascvd'])).size, 4);
  });
});
