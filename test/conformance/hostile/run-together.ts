import assert from 'node:assert/strict';
import type { Check } from '../../../src/conformance/check.ts';
import {
  addressChecks,
  bodyChecks,
  patientChecks,
  tokenChecks,
} from '../../../src/conformance/hostile/index.ts';
import type { OpenTarget } from '../../../src/conformance/open-target.ts';
import { type Result, runChecks } from '../../../src/conformance/run.ts';

/**
 * Every hostile check on one target, in three runs side by side. Only the one with addresses and patients tells the
 * kit's FHIR server what to answer, so only it may make it forget.
 */
export async function runTogether(target: OpenTarget): Promise<readonly Result[]> {
  const { fhir } = target;
  const bystander = fhir === undefined ? target : { ...target, fhir: { ...fhir, forget: () => {} } };
  const runs = await Promise.all([
    runChecks(bodyChecks, bystander),
    runChecks(tokenChecks, bystander),
    runChecks([...addressChecks, ...patientChecks], target),
  ]);
  return runs.flatMap(({ results }) => results);
}

/** `jwt-01: what was seen` of each that did not hold, and `jwt-01: why` of each that was skipped. */
export const notPassed = (results: readonly Result[], kind: 'failed' | 'skipped'): readonly string[] =>
  results.flatMap(({ check, verdict }) =>
    verdict.kind === kind ? [`${check.id}: ${reasonOf(verdict)}`] : [],
  );

const reasonOf = (verdict: Result['verdict']): string =>
  verdict.kind === 'failed' ? verdict.saw : verdict.kind === 'skipped' ? verdict.why : '';

export function checkOf(checks: readonly Check[], id: string): Check {
  return checks.find((check) => check.id === id) ?? assert.fail(`there is no check ${id}`);
}
