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
