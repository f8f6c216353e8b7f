import assert from 'node:assert/strict';
import { createGate } from '../../src/ops/gate.ts';
import { createShares } from '../../src/serving/share.ts';

describe('places of a client', () => {
  it('are as many as it has, and no more; others still get in; a place that is left is free', async () => {
    const enter = createShares(createGate(3).enter, 2);
    const busy = { code: 'overloaded' };
    const held = Promise.withResolvers<string>();
    const hog = [enter(() => held.promise, 'hog'), enter(() => held.promise, 'hog')];
    await assert.rejects(
      enter(async () => 'late', 'hog'),
      busy,
    );
    assert.equal(await enter(async () => 'other', 'other'), 'other');
    const third = enter(() => held.promise, 'other');
    await assert.rejects(
      enter(async () => 'full', 'third'),
      busy,
    );
    held.resolve('done');
    assert.deepEqual(await Promise.all([...hog, third]), ['done', 'done', 'done']);
    assert.equal(await enter(async () => 'again', 'hog'), 'again');
  });

  it('are given back by work that fails', async () => {
    const enter = createShares(createGate(1).enter, 1);
    await assert.rejects(
      enter(() => Promise.reject(new Error('broken')), 'one'),
      /broken/,
    );
    assert.equal(await enter(async () => 'next', 'one'), 'next');
  });
});
