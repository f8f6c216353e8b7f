/**
 * Any JSON as prefetch: it is read or refused, never thrown at; and whatever is read into a chart names the patient
 * in context, judged here by other means than the matcher's own.
 */
import assert from 'node:assert/strict';
import { chartNames, loadChart } from '../fixtures/charts.ts';
import { answer } from '../fixtures/requests.ts';
import { Fault } from '../src/errors.ts';
import type { PatientId } from '../src/fhir/chart.ts';
import type { HookRequest } from '../src/hooks/envelope.ts';
import { gatherChart } from '../src/hooks/gather.ts';
import { readPrefetch } from '../src/hooks/prefetch.ts';
import { editSeeds, jsonFrom } from './edits.ts';
import { bytes } from './target.ts';

const now = new Date('2026-03-15T10:00:00Z');
const queries = [
  'Patient/{{context.patientId}}',
  'Observation?patient=x',
  'Condition?patient=x',
  'MedicationRequest?patient=x',
];
const lists = queries.map((query, at) => ({ key: `k${at}`, query, required: false }));
const me = 'fuzz-patient';

/** The fixtures' charts as prefetch, all of one patient. */
const bases: readonly unknown[] = chartNames().map((name) => {
  const { bundle, patientId } = loadChart(name, now);
  const prefetch = Object.fromEntries(
    lists.map(({ key, query }) => [
      key,
      answer(
        bundle,
        query.replace('{{context.patientId}}', patientId).replace('patient=x', `patient=${patientId}`),
      ),
    ]),
  );
  return JSON.parse(JSON.stringify(prefetch).replaceAll(patientId, me));
});

export async function fuzz(data: Buffer): Promise<void> {
  const prefetch = jsonFrom(data, bases);
  if (typeof prefetch !== 'object' || prefetch === null) return;
  for (const value of Object.values(prefetch))
    for (const query of queries) assert.match(readPrefetch(value, query).kind, /^(page|failed|absent)$/);
  const request = { context: { patientId: me as PatientId }, prefetch: new Map(Object.entries(prefetch)) };
  const options = { reader: undefined, fhirServers: [], now, signal: new AbortController().signal };
  try {
    const chart = await gatherChart(request as unknown as HookRequest, lists, options);
    for (const resource of chart.resources)
      assert.ok(!namesAnother(resource), JSON.stringify(resource).slice(0, 300));
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code === 'internal') throw thrown;
  }
}

/** Does its subject or patient, or that of anything in it, lead to somebody else? */
function namesAnother(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  const { resourceType, id, subject, patient } = node as Record<string, unknown>;
  if (resourceType === 'Patient' && id !== me) return true;
  const named = typeof resourceType === 'string' ? [subject, patient].flat() : [];
  const references = named.map((each) => (each as { reference?: unknown } | null | undefined)?.reference);
  if (references.some((text) => typeof text === 'string' && /Patient\//.test(text) && !leadsToMe.test(text)))
    return true;
  return Object.values(node).some(namesAnother);
}
const leadsToMe = new RegExp(`(^|/)Patient/${me}(/_history/[\\w.-]+)?$`);

export const seeds = (): readonly Buffer[] => [...bases.slice(0, 3).map(bytes), ...editSeeds(bases)];

export const dictionary = [
  '"resourceType":"',
  'Bundle',
  'Patient/other',
  '"subject":',
  '"reference":"',
  '"contained":[',
  '#p',
];
