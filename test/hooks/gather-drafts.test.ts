import assert from 'node:assert/strict';
import type { Resource } from '@medplum/fhirtypes';
import { memoryReader } from '../../src/fhir/memory-reader.ts';
import { parseEnvelope } from '../../src/hooks/envelope.ts';
import { gatherChart } from '../../src/hooks/gather.ts';
import { bundle, fhirServer, lists, now, prescription, refused, whole } from './gathering.ts';

const medication: Resource = { resourceType: 'Medication', id: 'x', code: { text: 'a drug' } };
const draft = { ...prescription('d1', 'Medication/x'), status: 'draft' };
const other = { ...prescription('d2', '#in'), status: 'draft' };

function gather(hook: string, context: object, answers: Parameters<typeof memoryReader>[0] = {}) {
  const request = parseEnvelope(
    {
      hook,
      hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
      context: { userId: 'Practitioner/1', patientId: '1', ...context },
      prefetch: whole,
    },
    hook,
  );
  const { signal } = new AbortController();
  return gatherChart(request, lists, {
    reader: memoryReader(answers),
    fhirServers: [fhirServer],
    now,
    signal,
  });
}

describe('draft orders of a hook', () => {
  const draftOrders = bundle([draft, other]);

  it('are apart from the record, and all are chosen when they are signed', async () => {
    const chart = await gather('order-sign', { draftOrders, encounterId: 'e1' });
    assert.deepEqual(
      chart.drafts.map(({ id }) => id),
      ['d1', 'd2'],
    );
    assert.deepEqual([...chart.selected], ['MedicationRequest/d1', 'MedicationRequest/d2']);
    assert.ok(chart.resources.every(({ id }) => id !== 'd1'));
    assert.equal(chart.encounterId, 'e1');
  });

  it('are chosen by name while they are being written', async () => {
    const chart = await gather('order-select', { draftOrders, selections: ['MedicationRequest/d2'] });
    assert.deepEqual([...chart.selected], ['MedicationRequest/d2']);
  });

  it('bring the Medication that they only point to', async () => {
    const chart = await gather('order-sign', { draftOrders }, { 'Medication/x': medication });
    assert.ok(chart.resources.some(({ resourceType, id }) => resourceType === 'Medication' && id === 'x'));
  });

  it('Q9: of another patient are refused', async () => {
    const foreign = { ...draft, subject: { reference: 'Patient/2' } };
    await refused(
      gather('order-sign', { draftOrders: bundle([foreign]) }),
      'wrong-patient',
      'context.draftOrders',
    );
  });

  it('are none at other hooks', async () => {
    const chart = await gather('patient-view', {});
    assert.deepEqual([chart.drafts, chart.selected.size, chart.encounterId], [[], 0, undefined]);
  });
});
