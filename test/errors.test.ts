import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { asFault, errorTable, Fault, toOperationOutcome } from '../src/errors.ts';

describe('errors', () => {
  it('A14: a fault becomes an OperationOutcome with its code, text and details', () => {
    const body = toOperationOutcome(new Fault('required-data-unavailable', ['lipids: timeout']));
    assert.equal(body.resourceType, 'OperationOutcome');
    assert.equal(body.issue[0]?.code, 'incomplete');
    assert.equal(body.issue[0]?.details.coding[0]?.code, 'required-data-unavailable');
    assert.equal(body.issue[0]?.diagnostics, 'lipids: timeout');
  });

  it('K7: a 401 tells nobody why', () => {
    const body = toOperationOutcome(new Fault('unauthorized', ['exp']));
    assert.equal(body.issue[0]?.diagnostics, undefined);
  });

  it('what is not ours becomes internal and keeps its message to itself', () => {
    const fault = asFault(new Error('patient 123 has a creatinine of 9'));
    assert.equal(fault.status, 500);
    assert.doesNotMatch(JSON.stringify(toOperationOutcome(fault)), /creatinine/);
  });

  it('every code is documented in docs/errors.md with its status, and nothing else is', () => {
    const documented = [
      ...readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8').matchAll(
        /^\| `([\w-]+)` \| (\d+) \|/gm,
      ),
    ].map(([, code, status]) => `${code} ${status}`);
    const actual = Object.entries(errorTable).map(([code, row]) => `${code} ${row.status}`);
    assert.deepEqual(documented, actual);
  });
});
