import assert from 'node:assert/strict';
import { createTail } from '../../../src/inference/remote/tail.ts';

describe('the tail of answer times', () => {
  it('is unknown until twenty answers are', () => {
    const tail = createTail();
    for (let ms = 1; ms < 20; ms++) tail.add(1, ms);
    assert.equal(tail.p95(1), undefined);
    tail.add(1, 20);
    assert.equal(tail.p95(1), 19);
  });

  it('is learned for batches of like size', () => {
    const tail = createTail();
    for (let at = 0; at < 20; at++) {
      tail.add(1, 1);
      tail.add(1000, 50);
    }
    assert.deepEqual(
      [tail.p95(1), tail.p95(700), tail.p95(2), tail.p95(4096)],
      [1, 50, undefined, undefined],
    );
  });

  it('forgets', () => {
    const tail = createTail();
    for (let at = 0; at < 20; at++) tail.add(1, 1000);
    for (let at = 0; at < 128; at++) tail.add(1, 1);
    assert.equal(tail.p95(1), 1);
  });
});
