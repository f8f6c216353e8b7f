/** Any JSON as a hook call: a request whose parts hold what they promise, or a Fault that quotes nothing. */
import assert from 'node:assert/strict';
import { chartNames } from '../fixtures/charts.ts';
import { patientView } from '../fixtures/requests.ts';
import { Fault } from '../src/errors.ts';
import { isFhirId } from '../src/fhir/base.ts';
import { parseEnvelope, type Sender } from '../src/hooks/envelope.ts';
import { editSeeds, jsonFrom } from './edits.ts';
import { bytes } from './target.ts';

const now = new Date('2026-03-15T10:00:00Z');
const hookInstance = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
const order = { resource: { resourceType: 'MedicationRequest', subject: { reference: 'Patient/1' } } };
const draftOrders = { resourceType: 'Bundle', entry: [order] };
const context = { userId: 'Practitioner/1', patientId: '1', encounterId: 'e1' };
const fhirAuthorization = {
  ...{
    access_token: 'token',
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'patient/*.rs',
    subject: 'auscult',
  },
  patient: 'Patient/1',
};
const bases: readonly unknown[] = [
  patientView(
    chartNames()[0] ?? '',
    now,
    [{ key: 'patient', query: 'Patient/{{context.patientId}}' }],
    hookInstance,
  ),
  {
    hook: 'order-sign',
    hookInstance,
    context: { ...context, draftOrders },
    fhirServer: 'https://ehr.example/fhir',
  },
  {
    hook: 'order-select',
    hookInstance,
    context: { ...context, selections: ['MedicationRequest/1'], draftOrders },
  },
  { hook: 'patient-view', hookInstance, context, fhirServer: 'https://ehr.example/fhir', fhirAuthorization },
  { hook: 'encounter-discharge', hookInstance, context, prefetch: { patient: null } },
  { hook: 'patient-view', hookInstance, context: { ...context, draftOrders }, extension: { trigger: 7 } },
];
const hooks = [
  'patient-view',
  'order-sign',
  'order-select',
  'encounter-discharge',
  'order-dispatch',
  'toString',
];

const strict: Sender = { sends: { userId: 'reference', nullPrefetch: 'empty' } };
/** A client that departs wherever one may. */
const lenient: Sender = {
  sends: {
    userId: 'optional',
    nullPrefetch: 'not-asked',
    trigger: {
      extension: 'trigger',
      hook: 'patient-view',
      values: { 7: { hook: 'order-sign', name: 'Sign' }, a: { hook: 'order-select', name: 'Select' } },
    },
  },
};

export function fuzz(data: Buffer): void {
  const body = jsonFrom(data, bases);
  for (const hook of hooks) {
    read(body, hook, strict);
    read(body, hook, lenient);
  }
}

function read(body: unknown, hook: string, sender: Sender): void {
  try {
    const request = parseEnvelope(body, hook, sender);
    assert.equal(request.hook, hook);
    assert.ok(isFhirId(request.context.patientId));
    assert.match(request.hookInstance, /^[0-9a-f-]{36}$/i);
    assert.ok([...request.prefetch.values()].every((value) => value === null || value.resourceType !== ''));
    assert.ok(request.fhirAuthorization === undefined || request.fhirServer !== undefined);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.status >= 500) throw thrown;
    assert.ok(
      thrown.details.every((detail) => /^[\w\-.?]{1,400}$/.test(detail)),
      thrown.details.join(),
    );
  }
}

export const seeds = (): readonly Buffer[] => [...bases.slice(1).map(bytes), ...editSeeds(bases)];

export const dictionary = [
  '"hook":',
  '"context":',
  '"prefetch":',
  '"patientId":',
  '"resourceType":',
  '"entry":[',
  'null',
];
