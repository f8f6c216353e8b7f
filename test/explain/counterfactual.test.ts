import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Ask,
  type Counterfactual,
  searchCounterfactual,
  type Target,
} from '../../src/explain/counterfactual.ts';
import type { Dial } from '../../src/explain/dials.ts';
import { sum } from './networks.ts';

/** A dial from 0 to 10 in whole steps. */
const dial = (input: string, from: number): Dial => ({
  input,
  label: `Label ${input}`,
  unit: 'mg',
  from,
  settings: [...Array(11).keys()]
    .filter((code) => code !== from)
    .map((code) => ({ code, value: code, distance: Math.abs(code - from) / 10 })),
});

type Of = (numbers: readonly number[]) => number;
const asking =
  (dials: readonly Dial[], of: Of): Ask =>
  async (candidates) =>
    candidates.map((changes) => of(dials.map(({ input, from }) => changes.get(input) ?? Number(from))));

const search = (dials: readonly Dial[], of: Of, target: Target, more: object = {}): Promise<Counterfactual> =>
  searchCounterfactual(dials, asking(dials, of), 'risk', { modifiable: [], target, ...more });

const isAcross = (target: Target, value: number): boolean =>
  'below' in target ? value < target.below : value > target.above;

/** Every change of at most so many dials: the definition. */
function smallest(dials: readonly Dial[], of: Of, target: Target, most: number): number {
  const go = (at: number, numbers: readonly number[], changed: number, distance: number): number => {
    const own = dials[at];
    if (own === undefined) return isAcross(target, of(numbers)) ? distance : Number.POSITIVE_INFINITY;
    const kept = go(at + 1, [...numbers, Number(own.from)], changed, distance);
    if (changed === most) return kept;
    const moved = own.settings.map((setting) =>
      go(at + 1, [...numbers, setting.code], changed + 1, distance + setting.distance),
    );
    return Math.min(kept, ...moved);
  };
  return go(0, [], 0, 0);
}

const weights = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 6, maxLength: 6 });
const game = fc.record({
  from: fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1, maxLength: 3 }),
  weights,
  threshold: fc.integer({ min: -80, max: 80 }),
  below: fc.boolean(),
  maxChanges: fc.constantFrom(1, 2),
});
/** Not monotonous, and with every pair's product. */
const ofWeights =
  (given: readonly number[]): Of =>
  (x) =>
    sum(x.map((each, at) => (given[at] ?? 0) * each)) +
    sum(
      x.flatMap((a, at) =>
        x.slice(at + 1).map((b, to) => 0.3 * (given[3 + at + to] ?? 0) * (a - 5) * (b - 5)),
      ),
    );

describe('counterfactual', () => {
  const dials = [dial('a', 8), dial('b', 8)];

  it('is the smallest change that crosses, in words that can be read', async () => {
    const { status, value, found, proven } = await search(dials, ([a = 0, b = 0]) => a + 2 * b, {
      below: 20,
    });
    assert.deepEqual({ status, value, proven }, { status: 'found', value: 24, proven: true });
    assert.deepEqual(found[0], {
      changes: [{ input: 'b', label: 'Label b', unit: 'mg', from: 8, to: 5 }],
      distance: 0.3,
      value: 18,
    });
  });

  it('offers other ways after the smallest, nearest first, none that holds one before it', async () => {
    const three = [...dials, dial('c', 8)];
    const { found } = await search(three, (x) => sum(x), { below: 20 });
    assert.deepEqual(
      found.map(({ changes }) => changes.map(({ input, to }) => `${input} ${to}`).join()),
      ['a 3', 'b 3', 'c 3'],
    );
  });

  it('changes two where one does not reach', async () => {
    const both: Of = ([a = 0, b = 0]) => Math.max(a, b);
    const { found } = await search(dials, both, { below: 6 });
    assert.deepEqual(
      found[0]?.changes.map(({ to }) => to),
      [5, 5],
    );
    assert.equal((await search(dials, both, { below: 6 }, { maxChanges: 1 })).status, 'none');
  });

  it('of one or two inputs has nothing nearer on the grid (every candidate is tried)', async () => {
    await fc.assert(
      fc.asyncProperty(game, async ({ from, weights: given, threshold, below, maxChanges }) => {
        const own = from.map((each, at) => dial(`x${at}`, each));
        const [of, target] = [ofWeights(given), below ? { below: threshold } : { above: threshold }];
        const { status, found, proven } = await search(own, of, target, { maxChanges });
        const least = smallest(own, of, target, maxChanges);
        assert.ok(proven);
        if (status === 'already') assert.ok(isAcross(target, of(from)));
        else if (status === 'none') assert.equal(least, Number.POSITIVE_INFINITY);
        else assert.ok(Math.abs((found[0]?.distance ?? 0) - least) < 1e-12);
      }),
      { numRuns: 200 },
    );
  });

  it('reaches what it says, changes no more than it may, and only to where its dials go', async () => {
    await fc.assert(
      fc.asyncProperty(game, fc.integer({ min: 1, max: 3 }), async (one, maxChanges) => {
        const own = one.from.map((each, at) => dial(`x${at}`, each));
        const [of, target] = [ofWeights(one.weights), { below: one.threshold }];
        const { found } = await search(own, of, target, { maxChanges });
        for (const { changes, value, distance } of found) {
          assert.ok(changes.length <= maxChanges && isAcross(target, value));
          const to = new Map(changes.map((change) => [change.input, Number(change.to)]));
          assert.equal(of(own.map(({ input, from }) => to.get(input) ?? Number(from))), value);
          const moved = own.filter(({ input }) => to.has(input));
          assert.ok(
            moved.every(({ settings, input }) => settings.some(({ code }) => code === to.get(input))),
          );
          const far = sum(moved.map(({ input, from }) => Math.abs((to.get(input) ?? 0) - Number(from)) / 10));
          assert.ok(Math.abs(far - distance) < 1e-12);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is none needed where the output is across already', async () => {
    const { status, found, evaluations } = await search(dials, sum, { below: 17 });
    assert.deepEqual({ status, found, evaluations }, { status: 'already', found: [], evaluations: 1 });
  });

  it('of three inputs is found one by one, and does not claim to be the smallest', async () => {
    const three = [dial('a', 8), dial('b', 8), dial('c', 8)];
    const all: Of = (x) => Math.max(...x);
    const none = await search(three, all, { below: 6 });
    assert.deepEqual([none.status, none.proven], ['none', true]);
    const smooth: Of = (x) => sum(x.map((each) => each * each));
    const { status, found, proven } = await search(three, smooth, { below: 20 }, { maxChanges: 3 });
    assert.deepEqual([status, proven, found[0]?.changes.length], ['found', false, 3]);
    assert.ok((found[0]?.value ?? 99) < 20);
  });

  it('is not proven where the search was cut short', async () => {
    const { status, proven, evaluations } = await search(
      dials,
      () => 9,
      { below: 1 },
      { maxEvaluations: 50 },
    );
    assert.deepEqual({ status, proven }, { status: 'none', proven: false });
    assert.ok(evaluations <= 50);
  });

  it('passes over candidates that have no answer', async () => {
    const gap: Of = ([a = 0, b = 0]) => (a === 5 ? Number.NaN : a + b);
    const { found } = await search(dials.slice(0, 1), gap, { below: 6 });
    assert.deepEqual(
      found[0]?.changes.map(({ to }) => to),
      [4],
    );
  });

  it('goes down and up', async () => {
    const { found } = await search(dials, sum, { above: 18 });
    assert.equal(found[0]?.value, 19);
  });
});
