import assert from 'node:assert/strict';
import { retryAfterMs } from '../../src/fhir/retry-after.ts';

const now = Date.parse('2026-03-15T10:00:00Z');

describe('Retry-After (RFC 9110 §10.2.3)', () => {
  const cases: Record<string, readonly [string | undefined, number | undefined]> = {
    'none asks for nothing': [undefined, undefined],
    'no seconds': ['0', 0],
    seconds: ['3', 3_000],
    'an HTTP date': ['Sun, 15 Mar 2026 10:00:02 GMT', 2_000],
    'a date that has passed': ['Sun, 15 Mar 2026 09:59:00 GMT', 0],
    'a date in another format cannot be read': ['2026-03-15T10:00:02Z', undefined],
    'words cannot be read': ['soon GMT', undefined],
    'a negative number cannot be read': ['-1', undefined],
    'a fraction cannot be read': ['0.1', undefined],
    'a number without end cannot be read': ['9'.repeat(400), undefined],
    'two values cannot be read': ['1,2', undefined],
  };
  for (const [what, [header, milliseconds]] of Object.entries(cases)) {
    it(`F16: ${what}`, () => assert.equal(retryAfterMs(header, now), milliseconds));
  }
});
