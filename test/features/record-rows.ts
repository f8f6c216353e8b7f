import assert from 'node:assert/strict';
import { snomed } from './sample-chart.ts';
import { asked, said } from './small-vocabulary.ts';

/** Charts of procedures and orders, and the table of what they come to. */

type Given = readonly object[];
interface Row {
  readonly rule: string;
  readonly given: Given;
  readonly lookback?: string;
  readonly expect: boolean | string;
}

export const coded = (code: string): object => ({ coding: [{ system: snomed, code }] });
export const procedure = (code: object | undefined, more: object = {}): object => ({
  resourceType: 'Procedure',
  id: 'p',
  status: 'completed',
  code,
  performedDateTime: '2026-05-01',
  ...more,
});
export const order = (code: object, more: object = {}): object => ({
  resourceType: 'ServiceRequest',
  id: 's',
  status: 'active',
  intent: 'order',
  code,
  authoredOn: '2026-05-01',
  ...more,
});

export function check(entry: object, rows: readonly Row[]): void {
  for (const { rule, given, lookback, expect } of rows) {
    it(rule, () => {
      const timed = lookback === undefined ? {} : { lookback };
      assert.equal(said(asked({ ...entry, ...timed, pick: 'any' }, { resources: given })), expect);
    });
  }
}
