import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LatencyCurve } from '../../../src/inference/runner/latency.ts';

const rowCounts = [1, 16, 128, 1024];

/** Runs of that many rows that take exactly or about perRow · rows + perRun. */
function learn(
  curve: LatencyCurve,
  perRow: number,
  perRun: number,
  runs: number,
  noise = (_: number) => 1,
): void {
  for (let at = 0; at < runs; at++) {
    const rows = rowCounts[at % rowCounts.length] ?? 1;
    curve.learn(rows, (perRow * rows + perRun) * noise(at), at);
  }
}

const near = (value: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(value - expected) <= tolerance * expected, `${value} is not about ${expected}`);

describe('latency curve', () => {
  it('knows nothing at first: no run is refused on it, and the first is small', () => {
    const curve = new LatencyCurve();
    assert.equal(curve.learned, false);
    assert.equal(curve.isKnown(0), false);
    assert.equal(curve.mean(1000), 0);
    assert.equal(curve.p99(1000), 0);
    assert.equal(curve.rowsWithin(50, 256), 256);
  });

  it('learns what a row and what a run costs', () => {
    const costs = fc.record({
      perRow: fc.double({ min: 0.0005, max: 5, noNaN: true }),
      perRun: fc.double({ min: 0.02, max: 40, noNaN: true }),
    });
    fc.assert(
      fc.property(costs, ({ perRow, perRun }) => {
        const curve = new LatencyCurve();
        learn(curve, perRow, perRun, 200);
        for (const rows of rowCounts) near(curve.mean(rows), perRow * rows + perRun, 0.02);
      }),
    );
  });

  it('learns them from runs that scatter', () => {
    const curve = new LatencyCurve();
    learn(curve, 0.01, 0.4, 400, (at) => 1 + 0.2 * Math.sin(7 * at));
    for (const rows of rowCounts) near(curve.mean(rows), 0.01 * rows + 0.4, 0.15);
  });

  it('follows a machine that becomes slower', () => {
    const curve = new LatencyCurve();
    learn(curve, 0.01, 0.4, 200);
    learn(curve, 0.03, 1.2, 200);
    for (const rows of rowCounts) near(curve.mean(rows), 0.03 * rows + 1.2, 0.1);
  });

  for (const coldMs of [700, 20_000]) {
    it(`gets over a first run of ${coldMs} ms`, () => {
      const curve = new LatencyCurve();
      curve.learn(256, coldMs, 0);
      for (let at = 1; at < 60; at++) {
        const rows = curve.rowsWithin(5, 256);
        curve.learn(rows, (0.002 * rows + 0.5) * (at % 5 === 0 ? 4 : 1), at);
      }
      near(curve.rowsWithin(5, 256), 2250, 0.4);
      near(curve.mean(1), 0.5, 0.6);
    });
  }

  it('forgets no slope while all runs have one row', () => {
    const curve = new LatencyCurve();
    learn(curve, 0.05, 1, 100);
    for (let at = 0; at < 20_000; at++) curve.learn(1, 1.05, at);
    near(curve.mean(1024), 0.05 * 1024 + 1, 0.1);
  });

  it('never names a run that is longer than the limit, once it has learned', () => {
    const curve = new LatencyCurve();
    learn(curve, 0.05, 1, 200);
    const rows = curve.rowsWithin(50, 1024);
    assert.ok(0.05 * rows + 1 <= 50.5 && rows > 900, `${rows} rows`);
    assert.equal(curve.rowsWithin(0.5, 1024), 1);
  });

  it('goes from small runs to large ones in steps, and none costs much more than twice the limit', () => {
    const costs = fc.record({
      perRow: fc.double({ min: 0.0001, max: 20, noNaN: true }),
      perRun: fc.double({ min: 0.02, max: 20, noNaN: true }),
    });
    fc.assert(
      fc.property(costs, ({ perRow, perRun }) => {
        const curve = new LatencyCurve();
        let rows = 1;
        for (let at = 0; at < 60; at++) {
          const ms = perRow * rows + perRun;
          assert.ok(rows === 1 || ms <= 105, `${rows} rows took ${ms}`);
          curve.learn(rows, ms, at);
          rows = curve.rowsWithin(50, 1024);
        }
        const most = Math.max(1, (50 - perRun) / perRow);
        assert.ok(rows >= Math.floor(0.8 * most), `${rows} rows of ${most}`);
      }),
    );
  });

  it('widens by what runs took longer: relative in long runs, no more than a hiccup in short ones', () => {
    const curve = new LatencyCurve();
    learn(curve, 0.05, 1, 400, (at) => (at % 21 === 0 ? 3 : 1));
    assert.ok(curve.p99(1024) > 1.5 * curve.mean(1024));
    const calm = new LatencyCurve();
    learn(calm, 0.05, 1, 400);
    near(calm.p99(1024), calm.mean(1024), 0.02);
    assert.ok(calm.p99(1) < curve.p99(1));
  });

  it('is not known any more when no run was seen for a while', () => {
    const curve = new LatencyCurve();
    learn(curve, 0.05, 1, 10);
    assert.equal(curve.isKnown(9_000), true);
    assert.equal(curve.isKnown(11_000), false);
  });

  it('tells from when on a run hangs: not before it has learned, and never within a second', () => {
    const curve = new LatencyCurve();
    assert.equal(curve.hangMs(1), Number.POSITIVE_INFINITY);
    learn(curve, 0.05, 1, 4);
    assert.equal(curve.hangMs(1), Number.POSITIVE_INFINITY);
    learn(curve, 0.05, 1, 100);
    assert.equal(curve.hangMs(1), 1000);
    near(curve.hangMs(1024), 20 * curve.p99(1024), 1e-9);
  });

  it('takes rows that it never saw to cost as much as those that it saw', () => {
    const curve = new LatencyCurve();
    for (let at = 0; at < 100; at++) curve.learn(1, 10, at);
    assert.ok(curve.hangMs(1000) >= 20 * 1000 * 10);
  });

  it('takes no answer of a clock that stands still for a graph that costs nothing', () => {
    const curve = new LatencyCurve();
    for (let at = 0; at < 10; at++) curve.learn(64, 0, at);
    assert.ok(curve.mean(64) > 0);
    assert.ok(Number.isFinite(curve.rowsWithin(5, 256)));
  });
});
