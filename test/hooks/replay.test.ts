import assert from 'node:assert/strict';
import { memoryReplayStore } from '../../src/hooks/replay.ts';

describe('replay store', () => {
  it('K7: knows a token until it expires, by issuer', () => {
    const store = memoryReplayStore();
    assert.equal(store.useOnce('a', 'j', 100, 0), true);
    assert.equal(store.useOnce('a', 'j', 100, 99), false);
    assert.equal(store.useOnce('b', 'j', 100, 99), true);
    assert.equal(store.useOnce('a","j', '', 100, 0), true);
    assert.equal(store.useOnce('a', 'j', 300, 161), true);
  });

  it('refuses rather than forgets when it is full', () => {
    const store = memoryReplayStore(2);
    assert.equal(store.useOnce('a', '1', 10, 0), true);
    assert.equal(store.useOnce('a', '2', 20, 0), true);
    assert.equal(store.useOnce('a', '3', 20, 5), false);
    assert.equal(store.useOnce('a', '3', 20, 11), true);
    assert.equal(store.useOnce('a', '2', 20, 11), false);
  });
});
