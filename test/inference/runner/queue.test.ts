import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareTurns, Queue, type Queued } from '../../../src/inference/runner/queue.ts';
import { lanes } from '../../../src/inference/urgency.ts';

const waiting: fc.Arbitrary<readonly Queued[]> = fc
  .array(
    fc.record({
      lane: fc.constantFrom(...lanes),
      endsAt: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(20)),
    }),
  )
  .map((items) => items.map((item, order) => ({ ...item, order })));

describe('queue of runs', () => {
  const hook = { lane: 'hook', endsAt: 500, order: 3 } as const;
  const cases: readonly (readonly [why: string, first: Queued, second: Queued])[] = [
    ['a hook before a clinician in the app', hook, { lane: 'app', endsAt: 1, order: 0 }],
    [
      'the app before bulk work',
      { lane: 'app', endsAt: 900, order: 9 },
      { lane: 'bulk', endsAt: 1, order: 0 },
    ],
    ['the earlier deadline', hook, { ...hook, endsAt: 501, order: 0 }],
    ['a deadline before none', hook, { ...hook, endsAt: Number.POSITIVE_INFINITY, order: 0 }],
    ['the earlier arrival', hook, { ...hook, order: 4 }],
  ];
  for (const [why, first, second] of cases) {
    it(`serves ${why}`, () => {
      const queue = new Queue<Queued>();
      queue.add(second);
      queue.add(first);
      assert.deepEqual([...queue], [first, second]);
    });
  }

  it('serves by lane, deadline and arrival, whatever came when', () => {
    fc.assert(
      fc.property(waiting, (items) => {
        const queue = new Queue<Queued>();
        for (const item of items) queue.add(item);
        assert.deepEqual([...queue], items.toSorted(compareTurns));
        for (const lane of lanes)
          assert.equal(queue.size(lane), items.filter((item) => item.lane === lane).length);
      }),
    );
  });

  it('loses what is taken, and only that; what was taken was there once', () => {
    fc.assert(
      fc.property(waiting, fc.func(fc.boolean()), (items, taken) => {
        const queue = new Queue<Queued>();
        for (const item of items) queue.add(item);
        for (const item of items.filter((each) => taken(each)))
          assert.deepEqual([queue.remove(item), queue.remove(item)], [true, false]);
        assert.deepEqual([...queue], items.filter((item) => !taken(item)).toSorted(compareTurns));
      }),
    );
  });

  it('names what is served before one that has not come in yet', () => {
    const queue = new Queue<Queued>();
    const [app, bulk] = [
      { lane: 'app', endsAt: 5, order: 0 } as const,
      { lane: 'bulk', endsAt: 5, order: 1 } as const,
    ];
    queue.add(app);
    queue.add(bulk);
    assert.deepEqual([...queue.before({ lane: 'app', endsAt: 5, order: 2 })], [app]);
    assert.deepEqual([...queue.before({ lane: 'app', endsAt: 4, order: 2 })], []);
    assert.deepEqual([...queue.before({ lane: 'bulk', endsAt: 6, order: 2 })], [app, bulk]);
  });
});
