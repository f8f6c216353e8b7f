import pino from 'pino';
import type { ErrorCode } from '../errors.ts';
import type { Settings } from '../settings.ts';

/**
 * Everything a log line may say. The list is closed: no patient, no value, no reason of a decision (a reason
 * can be a diagnosis), no URL (a URL can carry an id), no token.
 */
export interface LogEvent {
  readonly event:
    | 'no-ehr-registered'
    | 'listening'
    | 'draining'
    | 'stopped'
    | 'hook-answered'
    | 'feedback-recorded'
    | 'request-failed'
    | 'runner-restarted'
    | 'decisions-purged'
    | 'value-set-kept'
    | 'provider-tried'
    | 'model-refused';
  readonly service?: string;
  readonly outcome?: string;
  readonly code?: ErrorCode;
  readonly status?: number;
  /** Elapsed milliseconds. */
  readonly ms?: number;
  readonly port?: number;
  readonly count?: number;
  /** Execution provider of a device. */
  readonly provider?: string;
  readonly model?: string;
  /**
   * Why a device is not used, in the words of onnxruntime or ours, or what follows. Set before anything of a patient is
   * computed.
   */
  readonly reason?: string;
  /** Where one of our own functions failed; set for `internal` faults only. */
  readonly at?: string;
}

export type Log = (event: LogEvent) => void;

/** JSON lines on stdout. Fields outside LogEvent are dropped even where the type was circumvented. */
export function createLog(level: Settings['LOG_LEVEL'], destination?: pino.DestinationStream): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const logger = destination === undefined ? pino(options) : pino(options, destination);
  return (event) => {
    const line = Object.fromEntries(
      fields.flatMap((name) => (event[name] === undefined ? [] : [[name, event[name]]])),
    );
    if (event.code === 'internal') logger.error(line);
    else logger.info(line);
  };
}

const fields = [
  'event',
  'service',
  'outcome',
  'code',
  'status',
  'ms',
  'port',
  'count',
  'provider',
  'model',
  'reason',
  'at',
] as const;

/** The innermost of our own stack frames as `src/file.ts:line`: where, never what. */
export function frameOf(thrown: unknown): string | undefined {
  const stack =
    thrown instanceof Error ? (thrown.cause instanceof Error ? thrown.cause.stack : thrown.stack) : undefined;
  return /(?:src|sandbox|smart-app)\/[\w./-]+\.ts:\d+/.exec(stack ?? '')?.[0];
}
