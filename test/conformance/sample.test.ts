/** Sample requests: correct for every published hook, and real ones left as they are. */
import assert from 'node:assert/strict';
import type { CdsService, HookName } from 'cds-hooks-types';
import { queryOf, requiredContext, sampleRequest } from '../../src/conformance/sample.ts';
import type { Body } from '../../src/conformance/target.ts';

const made = { requests: [], patientId: 'p1' };
const prefetchOf = (request: Body | undefined): Body => (request?.prefetch ?? {}) as Body;
const service = (hook: string, prefetch: Readonly<Record<string, string>> = {}): CdsService => ({
  ...{ id: 's', description: 'd', hook, prefetch },
});

/** REQUIRED context fields of each published hook (CDS Hooks Library). */
const requiredBy: Readonly<Record<HookName, readonly string[]>> = {
  'allergyintolerance-create': ['userId', 'patientId', 'allergyIntolerance'],
  'appointment-book': ['userId', 'patientId', 'appointments'],
  'encounter-discharge': ['userId', 'patientId', 'encounterId'],
  'encounter-start': ['userId', 'patientId', 'encounterId'],
  'medication-refill': ['patientId', 'medications'],
  'medication-verify': ['userId', 'patientId', 'medication'],
  'order-dispatch': ['patientId', 'dispatchedOrders', 'performer'],
  'order-select': ['userId', 'patientId', 'selections', 'draftOrders'],
  'order-sign': ['userId', 'patientId', 'draftOrders'],
  'patient-view': ['userId', 'patientId'],
  'problem-list-item-create': ['userId', 'patientId', 'conditions'],
};

describe('conformance: sample requests', () => {
  for (const [hook, required] of Object.entries(requiredBy)) {
    it(`Q2: ${hook} has the context that its hook requires, all about the patient`, () => {
      const context = sampleRequest(service(hook), made)?.context as Record<string, unknown>;
      assert.deepEqual(Object.keys(context).toSorted(), required.toSorted());
      assert.deepEqual(requiredContext(hook).toSorted(), required.toSorted());
      assert.ok(required.every((name) => JSON.stringify(context[name]).length > 2));
      const patients = [...JSON.stringify(context).matchAll(/"Patient\/([^"]*)"/g)].map(([, id]) => id);
      assert.ok(patients.every((id) => id === 'p1'));
    });
  }

  it('fills every key: the patient, what the context names, empty searches, null for what nobody knows', () => {
    const prefetch = {
      patient: 'Patient/{{context.patientId}}',
      same: 'Patient?_id={{context.patientId}}',
      encounter: 'Encounter/{{context.encounterId}}',
      user: 'Practitioner/{{userPractitionerId}}',
      role: 'PractitionerRole/{{userPractitionerRoleId}}',
      conditions: 'Condition?patient={{context.patientId}}',
    };
    const filled = prefetchOf(sampleRequest(service('encounter-start', prefetch), made));
    const types = Object.entries(filled).map(([key, value]) => [
      key,
      (value as { resourceType?: string })?.resourceType,
    ]);
    assert.deepEqual(Object.fromEntries(types), {
      ...{ patient: 'Patient', same: 'Bundle', encounter: 'Encounter' },
      ...{ user: 'Practitioner', role: undefined, conditions: 'Bundle' },
    });
    assert.equal((filled.same as { total: number }).total, 1);
    assert.deepEqual(filled.conditions, { resourceType: 'Bundle', type: 'searchset', total: 0 });
    assert.equal(filled.role, null);
  });

  it('every call is a new instance', () => {
    const instances = Array.from(
      { length: 3 },
      () => sampleRequest(service('patient-view'), made)?.hookInstance,
    );
    assert.equal(new Set(instances).size, 3);
  });

  it('a real request wins: ids, dates and extensions as they are, its server and token left out', () => {
    const condition = { resourceType: 'Condition', id: 'c', recordedDate: '2020-01-01' };
    const real = {
      ...{ hook: 'patient-view', hookInstance: 'old', extension: { 'org.example.x': {} } },
      ...{ fhirServer: 'https://ehr.example/fhir', fhirAuthorization: { access_token: 'secret' } },
      context: { userId: 'Practitioner/9', patientId: 'real-1' },
      prefetch: { conditions: condition },
    };
    const prefetch = { patient: 'Patient/{{context.patientId}}', conditions: 'Condition?patient=x' };
    const request = sampleRequest(service('patient-view', prefetch), { ...made, requests: [real] });
    assert.deepEqual(request?.context, real.context);
    assert.deepEqual(prefetchOf(request).conditions, condition);
    assert.equal((prefetchOf(request).patient as { id: string }).id, 'real-1');
    assert.deepEqual(request?.extension, real.extension);
    assert.notEqual(request?.hookInstance, 'old');
    assert.ok(!JSON.stringify(request).includes('secret') && !('fhirServer' in (request ?? {})));
  });

  it('a hook that nobody has published needs a real request', () => {
    assert.equal(sampleRequest(service('our-own-hook'), made), undefined);
    const requests = [{ hook: 'our-own-hook', context: { patientId: 'p' } }];
    assert.equal(sampleRequest(service('our-own-hook'), { ...made, requests })?.hook, 'our-own-hook');
  });

  it('P1: a query whose token has no value is no query', () => {
    const context = { patientId: 'p', userId: 'Practitioner/9' };
    assert.equal(queryOf('Patient/{{ context.patientId }}', context), 'Patient/p');
    assert.equal(queryOf('Practitioner/{{userPractitionerId}}', context), 'Practitioner/9');
    assert.equal(queryOf('Encounter/{{context.encounterId}}', context), undefined);
    assert.equal(queryOf('PractitionerRole/{{userPractitionerRoleId}}', context), undefined);
  });
});
