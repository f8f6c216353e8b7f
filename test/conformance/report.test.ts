/** What people, programs and build servers read. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { failed, passed, skipped, type Verdict } from '../../src/conformance/check.ts';
import { escapeXml, jsonReport, junitReport, textReport } from '../../src/conformance/report.ts';
import type { Outcome, Report } from '../../src/conformance/run.ts';
import { readXml } from './xml.ts';

const result = (id: string, outcome: Outcome, verdict: Verdict) => ({
  ...{ outcome, verdict, ms: 12.4 },
  check: {
    id,
    rule: `The rule of ${id}.`,
    strength: 'SHALL',
    source: 'Here; R1',
    run: async () => passed,
  } as const,
});

const report = (saw = 'answered 500'): Report => ({
  ...{
    baseUrl: 'http://localhost:3000',
    services: ['a (patient-view)'],
    startedAt: '2026-03-15T10:00:00.000Z',
  },
  results: [
    result('D1', 'passed', passed),
    result('Q1-json', 'failed', failed(saw)),
    result('A14', 'warned', failed('no OperationOutcome')),
    result('K1', 'skipped', skipped('no key: give one with --key')),
  ],
  counts: { passed: 1, failed: 1, warned: 1, skipped: 1 },
});

describe('conformance: reports', () => {
  it('text: a line per check, what was seen, where the rule stands, counts at the end', () => {
    assert.equal(
      textReport(report()),
      [
        'CDS Hooks conformance of http://localhost:3000',
        'a (patient-view)',
        '',
        '✓ D1       SHALL     The rule of D1.',
        '✗ Q1-json  SHALL     The rule of Q1-json.',
        '                     saw: answered 500',
        '                     see: Here; R1',
        '! A14      SHALL     The rule of A14.',
        '                     saw: no OperationOutcome',
        '                     see: Here; R1',
        '– K1       SHALL     The rule of K1.',
        '                     skipped: no key: give one with --key',
        '',
        '1 passed, 1 failed, 1 warning, 1 skipped',
        '',
      ].join('\n'),
    );
  });

  it('JSON: the same, each check with its outcome, rule, source and time', () => {
    const { results, counts } = JSON.parse(jsonReport(report())) as Report & { results: unknown[] };
    assert.deepEqual(counts, report().counts);
    assert.deepEqual(results[1], {
      ...{ id: 'Q1-json', outcome: 'failed', rule: 'The rule of Q1-json.', strength: 'SHALL' },
      ...{ source: 'Here; R1', saw: 'answered 500', ms: 12 },
    });
  });

  it('JUnit: one case per check; a failure fails, a skip is skipped, a warning passes and says so', () => {
    const suites = readXml(junitReport(report()));
    const [suite] = suites.children;
    assert.deepEqual([suites.name, suite?.name], ['testsuites', 'testsuite']);
    assert.deepEqual(
      [suite?.attributes.tests, suite?.attributes.failures, suite?.attributes.skipped],
      ['4', '1', '1'],
    );
    assert.deepEqual(
      suite?.children.map(({ children }) => children.map(({ name }) => name)),
      [[], ['failure'], ['system-out'], ['skipped']],
    );
  });

  it('JUnit stays XML whatever a service made the kit see', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (saw) => {
        const [suite] = readXml(junitReport(report(saw))).children;
        const allowed = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
        assert.equal(suite?.children[1]?.children[0]?.attributes.message, saw.replaceAll(allowed, ''));
      }),
    );
  });

  it('XML: the five characters are escaped and what XML forbids is left out', () => {
    assert.equal(
      escapeXml(`<a b="c">'&'\u0000\ud800</a>`),
      '&lt;a b=&quot;c&quot;&gt;&apos;&amp;&apos;&lt;/a&gt;',
    );
  });
});
