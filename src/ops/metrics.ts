import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../errors.ts';
import type { Runner } from '../inference/runner/runner.ts';
import { watchRunner } from './runner-metrics.ts';

/** What operations watch. Labels are names from our own packages and tables: no patient, no caller-chosen text. */
export interface Metrics {
  answered(service: string, outcome: string, seconds: number): void;
  failed(code: ErrorCode): void;
  feedback(joined: number, repeated: number, quarantined: number): void;
  /** Why a caller was refused: said here and nowhere else. */
  refused(reason: string): void;
  /** Keys of an EHR are used although they could not be fetched again. */
  staleKeys(): void;
  /** A part of a card that the calling client cannot take. */
  dropped(client: string, part: string): void;
  /** One read from a caller's FHIR server: what became of it, after how many requests. */
  read(report: { readonly outcome: string; readonly requests: number; readonly milliseconds: number }): void;
  /** How this runner's runs fare, from now on. */
  watch(runner: Pick<Runner, 'stats'>): void;
  /** Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Bucket bounds in seconds: the budget of an answer is 0.5 s. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** Name, help and labels of every counter. */
const counters = {
  answers: ['auscult_hook_answers_total', 'CDS Hooks answers.', ['service', 'outcome']],
  errors: ['auscult_errors_total', 'Requests refused or failed, by error code.', ['code']],
  feedback: ['auscult_feedback_total', 'Feedback entries by what became of them.', ['result']],
  refusals: [
    'auscult_callers_refused_total',
    'Callers refused, by reason; at the token endpoint by its own word as well.',
    ['reason'],
  ],
  stale: ['auscult_stale_keys_total', 'Calls judged by keys that could not be fetched again.', []],
  dropped: [
    'auscult_card_parts_dropped_total',
    'Parts of cards that a client cannot take.',
    ['client', 'part'],
  ],
  reads: ['auscult_fhir_reads_total', "Reads from callers' FHIR servers.", ['outcome']],
  repeats: ['auscult_fhir_repeats_total', 'Reads that were asked a second time.', []],
} as const satisfies Record<string, readonly [name: string, help: string, labels: readonly string[]]>;

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = (of: keyof typeof counters): Counter => {
    const [name, help, labelNames] = counters[of];
    return new Counter({ name, help, labelNames, registers });
  };
  const [answers, errors, feedback] = [counter('answers'), counter('errors'), counter('feedback')];
  const [refusals, stale, dropped] = [counter('refusals'), counter('stale'), counter('dropped')];
  const [reads, repeats] = [counter('reads'), counter('repeats')];
  const histogram = (name: string, help: string, labelNames: readonly string[]): Histogram =>
    new Histogram({ name, help, labelNames, buckets, registers });
  const seconds = histogram('auscult_hook_seconds', 'Time from request to answer.', ['service']);
  const readSeconds = histogram('auscult_fhir_read_seconds', "Time of one read from a caller's server.", []);
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
    refused: (reason) => refusals.inc({ reason }),
    staleKeys: () => stale.inc(),
    dropped: (client, part) => dropped.inc({ client, part }),
    read({ outcome, requests, milliseconds }) {
      reads.inc({ outcome });
      repeats.inc(Number(requests > 1));
      readSeconds.observe(milliseconds / 1000);
    },
    watch: (runner) => watchRunner(registry, runner),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
