import assert from 'node:assert/strict';
import { setTimeout as after } from 'node:timers/promises';
import { deadlineIn } from '../../src/fhir/deadline.ts';

describe('deadline', () => {
  it('aborts its signal when the time is over', async () => {
    using deadline = deadlineIn(5);
    assert.equal(deadline.signal.aborted, false);
    await after(30);
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

  it('leaves no timer behind', () => {
    const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
    const before = timers();
    {
      using deadline = deadlineIn(60_000);
      assert.equal(deadline.signal.aborted, false);
      assert.equal(timers(), before + 1);
    }
    assert.equal(timers(), before);
  });
});
