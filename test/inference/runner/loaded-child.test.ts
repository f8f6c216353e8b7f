/** What one life of the process may take of the machine. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { totalmem } from 'node:os';
import { LoadedChild } from '../../../src/inference/runner/loaded-child.ts';
import { smallGraph } from './small-graph.ts';

const gib = 2 ** 30;
const limits = { runHangMs: 5000, startHangMs: 30_000 };

describe('memory of a process', () => {
  it('is ample with what its graphs explain, and too much with twice that, or the most of the machine', async () => {
    const child = new LoadedChild(limits, () => {});
    try {
      assert.equal(child.ampleBytes, gib);
      const bytes = smallGraph({ operator: 'Exp', padding: 2 ** 20 });
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const loading = child.load({ model: 'm', bytes, sha256 });
      assert.equal(child.ampleBytes, gib + 3 * bytes.length, 'while it is loaded');
      await loading;
      assert.equal(child.ampleBytes, gib + 3 * bytes.length);
      assert.ok(child.killBytes <= 2 * child.ampleBytes && child.killBytes <= 0.75 * totalmem());
      await assert.rejects(child.load({ model: 'm', bytes: Uint8Array.of(1), sha256 }));
      assert.equal(child.ampleBytes, gib, 'what failed leaves nothing');
    } finally {
      await child.end();
    }
  });

  it('is as the worker says, where it says so; a GPU needs more', async () => {
    const children = [
      new LoadedChild({ ...limits, killBytes: 1000 }, () => {}),
      new LoadedChild({ ...limits, provider: 'cuda' }, () => {}),
    ];
    assert.deepEqual([children[0]?.killBytes, children[1]?.ampleBytes], [1000, 4 * gib]);
    await Promise.all(children.map((child) => child.end()));
  });
});
