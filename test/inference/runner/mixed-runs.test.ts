/** Rows of mixtures are made in the runner's process, whole or cut: the answers are those of the rows themselves. */
import assert from 'node:assert/strict';
import { Fault } from '../../../src/errors.ts';
import { inputTensors } from '../../../src/inference/manifest.ts';
import type { MixedRows, Mixture } from '../../../src/inference/mixture.ts';
import { plain } from '../../../src/inference/runner/joined.ts';
import { type Runner, startRunner } from '../../../src/inference/runner/runner.ts';
import { column } from '../../../src/inference/tensor.ts';
import { toldOf } from '../mixtures.ts';
import { graph, manifest, row } from '../prevent.ts';

const fetches = ['10yr_ascvd'];
const names = inputTensors(manifest);
const players = 7;

/** One number for each tensor and row: the patient of the published example, older by so many years. */
const feedsOf = (...older: readonly number[]) =>
  Object.fromEntries(
    names.map((name) => {
      const value = new Map(Object.entries(row)).get(name) ?? (name.endsWith('_missing') ? 1 : 0);
      return [name, column(Float64Array.from(older, (years) => (name === 'age' ? value + years : value)))];
    }),
  );

const mixture: Mixture = {
  ends: feedsOf(0, -10, 5, 12),
  owners: Int32Array.from(names, (_, at) => ((at + 1) % (players + 1)) - 1),
};

const told = (rows: number): MixedRows =>
  toldOf(
    mixture,
    Array.from({ length: rows }, (_, at) => ({
      start: 1 + (at % 3),
      players: Array.from({ length: players }, (_, player) => player).filter((player) => (at >> player) & 1),
    })),
    1,
  );

describe('runs of a mixture', () => {
  let runner: Runner;
  beforeEach(async () => {
    runner = startRunner();
    await runner.load('prevent', graph());
  });
  afterEach(() => runner.close());

  for (const lane of ['hook', 'bulk'] as const)
    it(`answer as the rows themselves do: ${lane} lane`, async () => {
      const mixed = { ...told(5000), fetches };
      const [one, other] = [
        await runner.run('prevent', mixed, { lane }),
        await runner.run('prevent', plain(mixed), { lane }),
      ];
      assert.deepEqual(one, other);
      assert.ok(new Set(one['10yr_ascvd']?.data as Float64Array).size >= 3);
      assert.ok(runner.stats().lanes[lane].cut > 0);
    });

  it('alike and under way together are computed once, others apart', async () => {
    const mixed = { ...told(64), fetches };
    const copy = { ...mixed, mixture: structuredClone(mixture) };
    const other = { ...mixed, mixture: { ...mixture, ends: feedsOf(20, -10, 5, 12) } };
    const [first, second, third] = await Promise.all(
      [mixed, copy, other].map((batch) => runner.run('prevent', batch)),
    );
    assert.deepEqual(second, first);
    assert.notDeepEqual(third, first);
    const { coalesced, joined } = runner.stats().lanes.hook;
    assert.deepEqual([coalesced, joined], [1, 0]);
  });

  it('that begin as none of the ends are refused, and the process lives', async () => {
    const pid = runner.pid;
    const odd = toldOf(mixture, [{ start: 4, players: [] }]);
    await assert.rejects(
      runner.run('prevent', { ...odd, fetches }),
      (thrown) => thrown instanceof Fault && thrown.code === 'model-unavailable',
    );
    await runner.run('prevent', { ...told(1), fetches });
    assert.equal(runner.pid, pid);
  });
});
