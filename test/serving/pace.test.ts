import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createPace } from '../../src/serving/pace.ts';
import { Refusal } from '../../src/serving/refusal.ts';

describe('pace', () => {
  const passes = (pace: () => void): number | 'passed' => {
    try {
      pace();
      return 'passed';
    } catch (thrown) {
      assert.ok(thrown instanceof Refusal && thrown.code === 'rate-limited');
      return thrown.retryAfter ?? Number.NaN;
    }
  };

  it('a minute’s worth at once, then evenly', () => {
    let now = 0;
    const pace = createPace(() => now);
    const client = { id: 'a', scopes: [], perMinute: 2 };
    assert.deepEqual(
      [1, 2, 3].map(() => passes(() => pace(client))),
      ['passed', 'passed', 30],
    );
    now = 29_999;
    assert.equal(
      passes(() => pace(client)),
      1,
    );
    now = 30_000;
    assert.equal(
      passes(() => pace(client)),
      'passed',
    );
    assert.equal(
      passes(() => pace({ ...client, id: 'b' })),
      'passed',
    );
    assert.equal(
      passes(() => pace({ id: 'c', scopes: [] })),
      'passed',
    );
  });

  it('whatever the times, never more than the bucket and what flowed in; who waits as told passes', () => {
    const steps = fc.array(fc.nat(20_000), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 60 }), (waits, perMinute) => {
        let now = 0;
        const pace = createPace(() => now);
        const ask = () => passes(() => pace({ id: 'a', scopes: [], perMinute }));
        let passed = 0;
        for (const wait of waits) {
          now += wait;
          const answer = ask();
          if (answer === 'passed') passed += 1;
          else {
            now += answer * 1000;
            assert.equal(ask(), 'passed');
            passed += 1;
          }
        }
        assert.ok(passed <= perMinute + (now / 60_000) * perMinute + 1e-6);
      }),
    );
  });
});
