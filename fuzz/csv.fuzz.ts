/** Any text as a field of an export: a reader finds as many fields, none of them a formula. */
import assert from 'node:assert/strict';
import { csvLine } from '../src/ledger/csv.ts';
import { parseCsv } from '../test/ledger/csv-reader.ts';
import { bytes } from './target.ts';

export function fuzz(data: Buffer): void {
  const fields = data.toString('utf16le').split('|');
  const rows = parseCsv(csvLine(fields) + csvLine(['end']));
  assert.deepEqual([rows.length, rows[0]?.length, rows[1]], [2, fields.length, ['end']]);
  for (const field of rows[0] ?? []) assert.doesNotMatch(field, /^[\s\p{Cf}]*[=+\-@]/u);
}

export const seeds = (): readonly Buffer[] =>
  ['a|b', '=1+1|"x"', '\r\n=cmd|@', 'x,y;"|\t-1', ''].map((text) =>
    Buffer.from(bytes(text).toString(), 'utf16le'),
  );
