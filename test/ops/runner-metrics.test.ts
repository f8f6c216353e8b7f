import assert from 'node:assert/strict';
import type { LaneStats } from '../../src/inference/runner/counts.ts';
import { createMetrics } from '../../src/ops/metrics.ts';

const idle: LaneStats = { refused: 0, joined: 0, coalesced: 0, cut: 0, waiting: 0, running: 0 };

describe('metrics of the runner', () => {
  it('are read anew whenever someone asks, by lane, and by model and provider', async () => {
    const metrics = createMetrics();
    let refused = 2;
    metrics.watch({
      stats: () => ({
        lanes: { hook: { ...idle, running: 1 }, app: idle, bulk: { ...idle, waiting: 3, refused } },
        curves: [{ provider: 'cpu', model: 'prevent', perRow: 0.001, perRun: 0.2, p99: 1.5, runs: 9 }],
      }),
    });
    const first = await metrics.text();
    for (const line of [
      'auscult_runs{lane="hook",state="running"} 1',
      'auscult_runs{lane="bulk",state="waiting"} 3',
      'auscult_runs_total{lane="bulk",state="refused"} 2',
      'auscult_run_seconds{model="prevent",provider="cpu"} 0.0015',
    ]) {
      assert.ok(first.includes(line), line);
    }
    refused = 5;
    assert.match(await metrics.text(), /auscult_runs_total\{lane="bulk",state="refused"\} 5/);
  });
});
