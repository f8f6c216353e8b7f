import assert from 'node:assert/strict';
import fc from 'fast-check';
import { memoryReplayStore } from '../../src/hooks/replay.ts';

describe('replay store', () => {
  it('K7: knows a token until it expires, by issuer', async () => {
    const store = memoryReplayStore();
    assert.equal(await store.useOnce('a', 'j', 100, 0), true);
    assert.equal(await store.useOnce('a', 'j', 100, 99), false);
    assert.equal(await store.useOnce('b', 'j', 100, 99), true);
    assert.equal(await store.useOnce('a', '__proto__', 100, 0), true);
    assert.equal(await store.useOnce('a', 'j', 300, 161), true);
  });

  it('K7: refuses rather than forgets when it is full', async () => {
    const store = memoryReplayStore(2);
    assert.equal(await store.useOnce('a', '1', 10, 0), true);
    assert.equal(await store.useOnce('a', '2', 20, 0), true);
    assert.equal(await store.useOnce('a', '3', 20, 5), false);
    assert.equal(await store.useOnce('a', '3', 20, 11), true);
    assert.equal(await store.useOnce('a', '2', 20, 11), false);
  });

  it('K7: an issuer that fills it locks out nobody else', async () => {
    const store = memoryReplayStore(1);
    assert.equal(await store.useOnce('a', '1', 10, 0), true);
    assert.equal(await store.useOnce('a', '2', 10, 0), false);
    assert.equal(await store.useOnce('b', '1', 10, 0), true);
  });

  it('K7: in no order of calls is a token taken twice while it lives', async () => {
    const call = fc.record({
      issuer: fc.constantFrom('a', 'b'),
      jti: fc.constantFrom('1', '2', '3'),
      wait: fc.nat(90),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
        const store = memoryReplayStore();
        const takenUntil = new Map<string, number>();
        let now = 0;
        for (const { issuer, jti, wait } of calls) {
          now += wait;
          const name = `${issuer}/${jti}`;
          const taken = await store.useOnce(issuer, jti, now + 120, now);
          assert.ok(!taken || now >= (takenUntil.get(name) ?? 0));
          if (taken) takenUntil.set(name, now + 120);
        }
      }),
    );
  });
});
