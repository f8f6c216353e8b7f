import assert from 'node:assert/strict';
import { deadlineIn } from '../../src/fhir/deadline.ts';
import { memoryReader } from '../../src/fhir/memory-reader.ts';

const patient = { resourceType: 'Patient' as const, id: '1' };

describe('FHIR in memory', () => {
  it('answers what it was given, fails as told, and does not find the rest', async () => {
    const reader = memoryReader({ 'Patient/1': patient, 'Condition?patient=1': { failed: 'throttled' } });
    const budget = deadlineIn(5_000);
    assert.deepEqual(await reader.read('Patient/1', budget), { kind: 'read', body: patient });
    assert.deepEqual(await reader.read('Condition?patient=1', budget), {
      kind: 'failed',
      reason: 'throttled',
    });
    assert.deepEqual(await reader.read('Patient/2', budget), { kind: 'failed', reason: 'not-found' });
    assert.deepEqual(reader.asked, ['Patient/1', 'Condition?patient=1', 'Patient/2']);
  });

  it('ends with the signal, as the real one does', async () => {
    const reader = memoryReader({
      slow: { after: 10_000, body: patient },
      quick: { after: 1, body: patient },
    });
    assert.deepEqual(await reader.read('slow', deadlineIn(20)), {
      kind: 'failed',
      reason: 'timeout',
    });
    assert.deepEqual(await reader.read('quick', deadlineIn(5_000)), { kind: 'read', body: patient });
    assert.deepEqual(await reader.read('quick', deadlineIn(5_000, AbortSignal.abort())), {
      kind: 'failed',
      reason: 'timeout',
    });
  });
});
