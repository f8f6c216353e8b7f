/** How large the parts of a run are. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LatencyCurve } from '../../../src/inference/runner/latency.ts';
import { longestBulkMs, longestMs, rowsPerRun } from '../../../src/inference/runner/plan.ts';

const rules = { bulkMs: longestBulkMs };
const limits = { bulk: longestBulkMs, app: longestMs, hook: longestMs };

/** Cuts by what was learned and learns from it, again and again. @returns rows of each part */
function cutOn(curve: LatencyCurve, parts: number, msOf: (rows: number) => number): readonly number[] {
  return Array.from({ length: parts }, (_, at) => {
    const rows = rowsPerRun(curve, 'bulk', rules);
    curve.learn(rows, msOf(rows), at);
    return rows;
  });
}

/** As it stands after runs of one row in a bad spell of the machine. */
function afterBadSpell(msOfOneRow: number): LatencyCurve {
  const curve = new LatencyCurve();
  for (let at = 0; at < 50; at++) curve.learn(1, msOfOneRow, at);
  return curve;
}

describe('rows of a run', () => {
  it('cost at least as much as the run by itself, whatever a run costs', () => {
    const costs = fc.record({
      perRow: fc.double({ min: 0.001, max: 0.1, noNaN: true }),
      perRun: fc.double({ min: 1, max: 500, noNaN: true }),
      lane: fc.constantFrom('bulk' as const, 'app' as const, 'hook' as const),
    });
    fc.assert(
      fc.property(costs, ({ perRow, perRun, lane }) => {
        const curve = new LatencyCurve();
        for (let at = 0; at < 300; at++) {
          const rows = [1, 64, 4096, 65_536][at % 4] ?? 1;
          curve.learn(rows, perRow * rows + perRun, at);
        }
        const rows = rowsPerRun(curve, lane, rules);
        const least = Math.min(limits[lane] / 2, perRun);
        assert.ok(rows * perRow >= 0.9 * least, `${rows} rows cost less than the run`);
      }),
    );
  });

  it('grow again after a bad spell in which even one row took longer than the lane allows', () => {
    for (const ms of [3, 6, 60, 600]) {
      const rows = cutOn(afterBadSpell(ms), 100, (each) => 0.2 + 0.005 * each);
      assert.ok(Math.max(...rows) >= 256, `after ${ms} ms a row: ${rows}`);
    }
  });

  it('grow where one row costs as much as many do, however long the run is', () => {
    for (const perRun of [6, 60, 600]) {
      const rows = cutOn(afterBadSpell(perRun), 200, (each) => perRun + 0.01 * each);
      assert.ok(
        (rows.at(-1) ?? 0) * 0.01 >= Math.min(perRun, longestBulkMs) / 2,
        `${perRun} ms a run: ${rows}`,
      );
    }
  });

  it('stay few where it is the rows that cost', () => {
    const rows = cutOn(afterBadSpell(8), 200, (each) => 8 * each);
    assert.ok(Math.max(...rows.slice(20)) <= 2, `${rows}`);
    assert.ok(rows.filter((each) => each > 1).length <= rows.length / 8, `${rows}`);
  });
});
