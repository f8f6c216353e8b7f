import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../errors.ts';

/** What operations watch. Labels are names from our own packages: no patient, no caller-chosen text. */
export interface Metrics {
  answered(service: string, outcome: string, seconds: number): void;
  failed(code: ErrorCode): void;
  feedback(joined: number, repeated: number, quarantined: number): void;
  /** Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Bucket bounds in seconds: the budget of an answer is 0.5 s. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const answers = new Counter({
    name: 'auscult_hook_answers_total',
    help: 'CDS Hooks answers by service and outcome.',
    labelNames: ['service', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'auscult_hook_seconds',
    help: 'Time from request to answer.',
    labelNames: ['service'],
    buckets,
    registers,
  });
  const errors = new Counter({
    name: 'auscult_errors_total',
    help: 'Requests refused or failed, by error code.',
    labelNames: ['code'],
    registers,
  });
  const feedback = new Counter({
    name: 'auscult_feedback_total',
    help: 'Feedback entries by what became of them.',
    labelNames: ['result'],
    registers,
  });
  return {
    answered(service, outcome, elapsed) {
      answers.inc({ service, outcome });
      seconds.observe({ service }, elapsed);
    },
    failed: (code) => errors.inc({ code }),
    feedback(joined, repeated, quarantined) {
      feedback.inc({ result: 'joined' }, joined);
      feedback.inc({ result: 'repeated' }, repeated);
      feedback.inc({ result: 'quarantined' }, quarantined);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
