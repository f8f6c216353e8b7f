/**
 * Conformance and hostile-caller tests for any CDS Hooks service: checks as data, a target to run them on, reports.
 * @see https://cds-hooks.hl7.org/2.0/
 */
export { type OpenCanary, openCanary } from './canary.ts';
export * from './check.ts';
export { conformance, type Io } from './cli.ts';
export { hostileChecks } from './hostile/index.ts';
export { type OpenTarget, openTarget, type TargetOptions } from './open-target.ts';
export { jsonReport, junitReport, summary, textReport } from './report.ts';
export { answerChecks, callChecks, ruleChecks } from './rules/index.ts';
export { type Outcome, type Report, type Result, type RunOptions, runChecks } from './run.ts';
export { type OwnFhirServer, startStubFhirServer } from './stub-fhir-server.ts';
export type * from './target.ts';
