import assert from 'node:assert/strict';
import { createMetrics } from '../../src/ops/metrics.ts';

describe('metrics', () => {
  it('counts what operations watch, in Prometheus text', async () => {
    const metrics = createMetrics();
    metrics.answered('cardiovascular-risk', 'show', 0.004);
    metrics.failed('wrong-patient');
    metrics.feedback(2, 1, 0);
    metrics.refused('replay');
    metrics.staleKeys();
    metrics.dropped('epic', 'autolaunchable');
    metrics.read({ outcome: 'timeout', requests: 2, milliseconds: 240 });
    const text = await metrics.text();
    for (const line of [
      'auscult_hook_answers_total{service="cardiovascular-risk",outcome="show"} 1',
      'auscult_hook_seconds_bucket{le="0.005",service="cardiovascular-risk"} 1',
      'auscult_errors_total{code="wrong-patient"} 1',
      'auscult_feedback_total{result="joined"} 2',
      'auscult_feedback_total{result="quarantined"} 0',
      'auscult_callers_refused_total{reason="replay"} 1',
      'auscult_stale_keys_total 1',
      'auscult_card_parts_dropped_total{client="epic",part="autolaunchable"} 1',
      'auscult_fhir_reads_total{outcome="timeout"} 1',
      'auscult_fhir_repeats_total 1',
      'auscult_fhir_read_seconds_bucket{le="0.25"} 1',
    ]) {
      assert.ok(text.includes(line), line);
    }
  });
});
