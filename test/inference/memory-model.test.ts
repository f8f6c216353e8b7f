import assert from 'node:assert/strict';
import { memoryModel, memoryRegistry } from '../../src/inference/memory-model.ts';
import { answer, manifest, row } from './prevent.ts';

describe('in-memory model', () => {
  const model = memoryModel(manifest, ({ age }) => ({ ...answer, '10yr_ascvd': (age ?? 0) / 1000 }));

  it('keeps the order of rows', async () => {
    const outputs = await model.run([40, 50, 60].map((age) => ({ ...row, age })));
    assert.deepEqual(
      outputs.map((output) => output['10yr_ascvd']),
      [0.04, 0.05, 0.06],
    );
  });

  it('mixes two rows as the real one does: bit i of the place says whose player i’s inputs are', async () => {
    const sums = memoryModel(manifest, (given) => ({ '10yr_ascvd': (given.age ?? 0) + (given.sbp ?? 0) }));
    const [from, to] = [
      { ...row, age: 1, sbp: 20 },
      { ...row, age: 3, sbp: 50 },
    ];
    const answers = async (players: readonly (readonly string[])[]) =>
      (await sums.between(from, to, players)).map((output) => output['10yr_ascvd']);
    assert.deepEqual(await answers([['age'], ['sbp']]), [21, 23, 51, 53]);
    assert.deepEqual(await answers([['sbp']]), [23, 53]);
    assert.deepEqual(await answers([]), [53]);
  });

  it('minds the signal', async () => {
    await assert.rejects(model.run([row], { signal: AbortSignal.abort() }), { code: 'deadline-passed' });
  });

  it('stands in a registry', async () => {
    const registry = memoryRegistry([model]);
    assert.deepEqual(registry.ids(), ['prevent']);
    assert.equal(registry.get('prevent'), model);
    assert.throws(() => registry.get('other'), { code: 'unknown-model' });
    await registry.close();
  });
});
