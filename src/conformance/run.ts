/** Runs checks one after another against one service. */
import { type Check, failed, skipped, type Verdict } from './check.ts';
import type { Target } from './target.ts';

/** `warned`: a SHOULD or MAY that does not hold, where it does not fail the run. */
export type Outcome = 'passed' | 'failed' | 'warned' | 'skipped';

export interface Result {
  readonly check: Check;
  readonly verdict: Verdict;
  readonly outcome: Outcome;
  readonly ms: number;
}

export interface Report {
  readonly baseUrl: string;
  /** `id (hook)` of each service that discovery named. */
  readonly services: readonly string[];
  /** ISO 8601. */
  readonly startedAt: string;
  readonly results: readonly Result[];
  readonly counts: Readonly<Record<Outcome, number>>;
}

export interface RunOptions {
  /** A SHOULD that does not hold fails the run. Default false: it is a warning. */
  readonly strict?: boolean;
  /** Run checks of strength MAY too. Default false: they are skipped. */
  readonly includeMay?: boolean;
  /** Longest time of one check, in milliseconds. Default 60 s; what takes longer has failed. */
  readonly timeoutMs?: number;
  /** Told as each check ends. */
  readonly onResult?: (result: Result) => void;
}

/** Never rejects: a check that breaks has failed and says so. */
export async function runChecks(
  checks: readonly Check[],
  target: Target,
  options: RunOptions = {},
): Promise<Report> {
  const startedAt = new Date().toISOString();
  const results: Result[] = [];
  for (const check of checks) {
    target.fhir?.forget();
    const began = performance.now();
    const verdict = await judge(check, target, options);
    const result = {
      check,
      verdict,
      outcome: outcomeOf(check, verdict, options),
      ms: performance.now() - began,
    };
    results.push(result);
    options.onResult?.(result);
  }
  const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
  return {
    baseUrl: target.baseUrl,
    services: target.services.map(({ id, hook }) => `${id} (${hook})`),
    startedAt,
    results,
    counts: {
      passed: count('passed'),
      failed: count('failed'),
      warned: count('warned'),
      skipped: count('skipped'),
    },
  };
}

async function judge(
  check: Check,
  target: Target,
  { includeMay, timeoutMs = 60_000 }: RunOptions,
): Promise<Verdict> {
  if (check.strength === 'MAY' && !includeMay) return skipped('optional: include it with --include MAY');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Verdict>((resolve) => {
    timer = setTimeout(
      () => resolve(failed(`the check did not end within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([check.run(target), late]);
  } catch (thrown) {
    return failed(`the check broke: ${thrown instanceof Error ? thrown.name : 'unknown'}`);
  } finally {
    clearTimeout(timer);
  }
}

function outcomeOf({ strength }: Check, { kind }: Verdict, { strict = false }: RunOptions): Outcome {
  if (kind !== 'failed') return kind;
  switch (strength) {
    case 'SHALL':
    case 'practice':
      return 'failed';
    case 'SHOULD':
      return strict ? 'failed' : 'warned';
    case 'MAY':
      return 'warned';
  }
}
