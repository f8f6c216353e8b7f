/** A run for people, for programs, and for build servers. */
import type { Outcome, Report, Result } from './run.ts';

const marks: Readonly<Record<Outcome, string>> = { passed: '✓', failed: '✗', warned: '!', skipped: '–' };

/** Text: a line per check, what was seen under those that did not hold, counts at the end. */
export function textReport(report: Report): string {
  const { services, results, baseUrl } = report;
  const width = Math.max(...results.map(({ check }) => check.id.length), 0);
  const listed = services.length === 0 ? 'no service' : services.join(', ');
  const lines = results.flatMap((result) => linesOf(result, width));
  return [`CDS Hooks conformance of ${baseUrl}`, listed, '', ...lines, '', summary(report), ''].join('\n');
}

function linesOf({ check, verdict, outcome }: Result, width: number): readonly string[] {
  const { id, strength, rule, source } = check;
  const line = `${marks[outcome]} ${id.padEnd(width)}  ${strength.padEnd(8)}  ${rule}`;
  const indent = ' '.repeat(width + 4 + 10);
  switch (verdict.kind) {
    case 'passed':
      return [line];
    case 'failed':
      return [line, `${indent}saw: ${verdict.saw}`, `${indent}see: ${source}`];
    case 'skipped':
      return [line, `${indent}skipped: ${verdict.why}`];
  }
}

/** `94 passed, 0 failed, 1 warning, 12 skipped` */
export function summary({ counts }: Report): string {
  const { passed, failed, warned, skipped } = counts;
  return `${passed} passed, ${failed} failed, ${warned} ${warned === 1 ? 'warning' : 'warnings'}, ${skipped} skipped`;
}

/** JSON: everything the text has, with times. */
export function jsonReport(report: Report): string {
  const { results, ...head } = report;
  return `${JSON.stringify({ ...head, results: results.map(entryOf) }, null, 2)}\n`;
}

function entryOf({ check, verdict, outcome, ms }: Result): Record<string, unknown> {
  const { id, rule, strength, source } = check;
  const told = {
    saw: 'saw' in verdict ? verdict.saw : undefined,
    why: 'why' in verdict ? verdict.why : undefined,
  };
  return { id, outcome, rule, strength, source, ...told, ms: Math.round(ms) };
}

/** JUnit XML: a test case per check; a warning is a passed case that says so on its output. */
export function junitReport(report: Report): string {
  const { counts, results, baseUrl, startedAt } = report;
  const seconds = results.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  const numbers = `tests="${results.length}" failures="${counts.failed}" errors="0" skipped="${counts.skipped}"`;
  const time = `time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${numbers} ${time}>`,
    `  <testsuite name="${escapeXml(`CDS Hooks conformance of ${baseUrl}`)}" ${numbers} ${time} timestamp="${startedAt}">`,
    ...results.map(caseOf),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseOf({ check, verdict, outcome, ms }: Result): string {
  const name = escapeXml(`${check.id} ${check.rule}`);
  const head = `    <testcase classname="${escapeXml(check.strength)}" name="${name}" time="${(ms / 1000).toFixed(3)}"`;
  if (verdict.kind === 'passed') return `${head}/>`;
  const told = escapeXml(verdict.kind === 'failed' ? verdict.saw : verdict.why);
  switch (outcome) {
    case 'failed':
      return `${head}><failure message="${told}">${escapeXml(check.source)}</failure></testcase>`;
    case 'skipped':
      return `${head}><skipped message="${told}"/></testcase>`;
    default:
      return `${head}><system-out>warning: ${told}</system-out></testcase>`;
  }
}

/** Text of XML 1.0: what it forbids is left out. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
