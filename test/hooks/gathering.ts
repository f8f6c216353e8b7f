/** One patient, three lists and a chart gathered from them in memory: what the tests of gathering share. */
import assert from 'node:assert/strict';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { type ErrorCode, Fault } from '../../src/errors.ts';
import { type Answer, type MemoryReader, memoryReader } from '../../src/fhir/memory-reader.ts';
import { parseEnvelope } from '../../src/hooks/envelope.ts';
import { type GatherOptions, gatherChart } from '../../src/hooks/gather.ts';

export const fhirServer = 'https://ehr.example/fhir';
export const now = new Date('2026-11-20T12:00:00Z');
export const patient = { resourceType: 'Patient', id: '1' } as const;
const subject = { reference: 'Patient/1' };
export const observation = (id: string, more: object = {}) =>
  ({ resourceType: 'Observation', id, status: 'final', code: {}, subject, ...more }) as Resource;
export const prescription = (id: string, reference: string) =>
  ({
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    subject,
    medicationReference: { reference },
  }) as Resource;
export const bundle = (resources: readonly unknown[], next?: string): Bundle => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource: resource as Resource })),
  ...(next === undefined ? {} : { link: [{ relation: 'next', url: next }] }),
});
export const outcome = (severity: string) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity, code: 'processing' }],
});

export const lists = [
  { key: 'patient', query: 'Patient/{{context.patientId}}', required: true },
  {
    key: 'lipids',
    query: 'Observation?patient={{context.patientId}}&code=http://loinc.org|2093-3',
    required: true,
  },
  {
    key: 'medications',
    query: 'MedicationRequest?patient={{context.patientId}}&status=active',
    required: false,
  },
];
export const lipids = 'Observation?patient=1&code=http://loinc.org|2093-3';
export const medications = 'MedicationRequest?patient=1&status=active';
export const whole = { patient, lipids: bundle([observation('a')]), medications: null };
export const without = (key: string): object =>
  Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key));

export function gather(
  prefetch: object,
  answers?: Record<string, Answer> | MemoryReader,
  more: Partial<GatherOptions> & { body?: object } = {},
) {
  const { body, ...options } = more;
  const request = parseEnvelope(
    {
      hook: 'patient-view',
      hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
      context: { userId: 'Practitioner/1', patientId: '1' },
      prefetch,
      ...body,
    },
    'patient-view',
  );
  const reader =
    answers === undefined
      ? undefined
      : typeof answers.read === 'function'
        ? (answers as MemoryReader)
        : memoryReader(answers as Record<string, Answer>);
  return gatherChart(request, lists, {
    reader,
    fhirServers: [fhirServer],
    now,
    signal: new AbortController().signal,
    ...options,
  });
}

export const refused = (promise: Promise<unknown>, code: ErrorCode, ...details: string[]): Promise<void> =>
  assert.rejects(promise, (thrown) => {
    assert.ok(thrown instanceof Fault, String(thrown));
    assert.deepEqual([thrown.code, ...thrown.details], [code, ...details]);
    return true;
  });

export const stateOf = async (chart: ReturnType<typeof gather>, key: string) => (await chart).supply.get(key);
export const idsOf = async (chart: ReturnType<typeof gather>) => (await chart).resources.map(({ id }) => id);
