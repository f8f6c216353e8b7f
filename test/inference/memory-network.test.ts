import assert from 'node:assert/strict';
import { memoryRegistry } from '../../src/inference/memory-model.ts';
import { memoryNetwork } from '../../src/inference/memory-network.ts';
import type { Tensors } from '../../src/inference/tensor.ts';
import { feed, manifest, numbers } from './small-network.ts';

const risks = (feeds: Tensors, rows: number): Tensors => ({
  risk: {
    dtype: 'float32',
    shape: [rows],
    data: Float32Array.from({ length: rows }, (_, row) => 0.5 + Number(feeds.x?.data[3 * row]) / 10),
  },
});

describe('in-memory network', () => {
  const network = memoryNetwork(manifest, { answer: risks, slope: (feeds) => ({ d_x: feeds.x ?? never() }) });
  const never = (): never => assert.fail('x is checked');
  const two = feed([
    [1, 0, 0],
    [-1, 0, 0],
  ]);

  it('answers by its function, in the order of rows', async () => {
    assert.deepEqual(numbers((await network.run(two, 2)).risk), [Math.fround(0.6), Math.fround(0.4)]);
    assert.deepEqual((await network.gradient?.(two, 2))?.d_x, two.x);
  });

  it('checks feeds and answers as the real one does', async () => {
    await assert.rejects(network.run({}, 1), { code: 'malformed-inference', details: ['x: is not given'] });
    const beyond = memoryNetwork(manifest, { answer: () => ({}) });
    await assert.rejects(beyond.run(two, 2), { code: 'model-unavailable', details: ['small', 'risk'] });
    assert.equal(beyond.gradient, undefined);
  });

  it('minds the signal', async () => {
    const late = { signal: AbortSignal.abort() };
    await assert.rejects(network.run(two, 2, late), { code: 'deadline-passed' });
    await assert.rejects(async () => network.gradient?.(two, 2, late), { code: 'deadline-passed' });
  });

  it('stands in a registry, not among the models', () => {
    const registry = memoryRegistry([], [network]);
    assert.deepEqual([registry.ids(), registry.networkIds()], [[], ['small']]);
    assert.equal(registry.network('small'), network);
    assert.throws(() => registry.get('small'), { code: 'unknown-model' });
    assert.deepEqual(memoryRegistry([]).networkIds(), []);
  });
});
