import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { deadlineIn } from '../../src/fhir/deadline.ts';

describe('deadline', () => {
  it('aborts its signal when the time is over', async () => {
    using deadline = deadlineIn(5);
    assert.equal(deadline.signal.aborted, false);
    await pause(30);
    assert.equal(deadline.signal.aborted, true);
    assert.equal(deadline.signal.reason.name, 'TimeoutError');
  });

  it('aborts with the outer signal, for its reason, also where that was over already', () => {
    const outer = new AbortController();
    using before = deadlineIn(60_000, outer.signal);
    outer.abort(new Error('the answer is late'));
    using late = deadlineIn(60_000, outer.signal);
    assert.deepEqual(
      [before, late].map(({ signal }) => signal.reason.message),
      ['the answer is late', 'the answer is late'],
    );
  });

  it('stops what still runs when its block is left, and lets go of the outer signal', () => {
    const outer = new AbortController();
    let told = 0;
    {
      using deadline = deadlineIn(60_000, outer.signal);
      deadline.signal.addEventListener('abort', () => told++);
    }
    assert.equal(told, 1);
    outer.abort();
    assert.equal(told, 1);
  });

  it('ends with its block, long before its time', async () => {
    const { signal, endsAt } = (() => {
      using deadline = deadlineIn(10);
      return deadline;
    })();
    assert.ok(endsAt - performance.now() <= 10);
    await pause(30);
    assert.equal(signal.reason.name, 'AbortError');
  });
});
