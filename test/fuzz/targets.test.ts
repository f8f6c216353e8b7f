/** The fuzz targets still stand on their feet: every seed and a few hundred mutations, no coverage, no native code. */
import assert from 'node:assert/strict';
import { mutate, randomFrom } from '../../fuzz/mutate.ts';
import { explore } from '../../fuzz/portable.ts';
import { type FuzzTarget, loadTarget, targetNames } from '../../fuzz/target.ts';

const mutations: Partial<Record<(typeof targetNames)[number], number>> = {
  app: 100,
  chart: 200,
  prefetch: 200,
};

describe('fuzz targets', function () {
  this.timeout(60_000);

  for (const name of targetNames) {
    it(`${name}: seeds and mutations hold`, async () => {
      const target: FuzzTarget = await loadTarget(name);
      const seeds = target.seeds();
      assert.ok(seeds.length > 0);
      const runs = seeds.length + (mutations[name] ?? 500);
      const { finding, runs: made } = await explore(target, seeds, { seconds: 30, runs, seed: 7 });
      await target.close?.();
      assert.ok(finding === undefined, `${finding?.thrown}\n${finding?.input.toString('base64')}`);
      assert.ok(made >= Math.min(runs, 100));
    });
  }

  it('a target that breaks its promise is found, with the input', async () => {
    const fuzz = (data: Buffer): void => assert.ok(!data.includes('!'), 'a shout');
    const { finding } = await explore({ fuzz, seeds: () => [] }, [Buffer.from('quiet')], {
      seconds: 10,
      runs: 100_000,
      seed: 1,
    });
    assert.ok(finding?.input.includes('!'));
  });

  it('mutations are the same for the same seed, and differ from their input', () => {
    const data = Buffer.from('{"a":1}');
    const made = (seed: number) => {
      const random = randomFrom(seed);
      return Array.from({ length: 200 }, () => mutate(data, [data], ['word'], random).toString('hex'));
    };
    assert.deepEqual(made(1), made(1));
    assert.notDeepEqual(made(1), made(2));
    assert.ok(new Set(made(1)).size > 150);
  });
});
