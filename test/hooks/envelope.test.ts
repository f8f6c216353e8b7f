import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ErrorCode, Fault } from '../../src/errors.ts';
import { parseEnvelope } from '../../src/hooks/envelope.ts';

const hookInstance = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
type Body = Record<string, unknown>;
const order = {
  resource: { resourceType: 'MedicationRequest', id: 'o1', subject: { reference: 'Patient/1' } },
};
const bundle = { resourceType: 'Bundle', entry: [order] };
const atScreen = { userId: 'Practitioner/1', patientId: '1' };

/** Hook → a context with every required field of the hook library, and nothing else. */
const contexts: Record<string, Body> = {
  'allergyintolerance-create': { ...atScreen, allergyIntolerance: { resourceType: 'AllergyIntolerance' } },
  'appointment-book': { ...atScreen, appointments: bundle },
  'encounter-discharge': { ...atScreen, encounterId: 'e1' },
  'encounter-start': { ...atScreen, encounterId: 'e1' },
  'medication-refill': { patientId: '1', medications: bundle },
  'medication-verify': { ...atScreen, medication: { resourceType: 'MedicationRequest' } },
  'order-dispatch': { patientId: '1', dispatchedOrders: ['ServiceRequest/1'], performer: 'Organization/1' },
  'order-select': { ...atScreen, selections: ['MedicationRequest/o1'], draftOrders: bundle },
  'order-sign': { ...atScreen, draftOrders: bundle },
  'patient-view': atScreen,
  'problem-list-item-create': { ...atScreen, conditions: bundle },
};
const base: Body = { hook: 'patient-view', hookInstance, context: atScreen };
const fhirServer = 'https://ehr.example/fhir';
const fhirAuthorization = {
  access_token: 'SECRET',
  token_type: 'Bearer',
  expires_in: 300,
  scope: 'user/Patient.read patient/Observation.rs?category=laboratory urn:vendor:scope',
  subject: 'auscult',
};
const without = (object: Body, name: string): Body =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));

function refused(body: unknown, code: ErrorCode, details?: readonly string[], hook = 'patient-view'): void {
  assert.throws(
    () => parseEnvelope(body, hook),
    (thrown) => {
      assert.ok(thrown instanceof Fault);
      assert.equal(thrown.code, code, thrown.details.join());
      if (details !== undefined) assert.deepEqual(thrown.details, details);
      assert.doesNotMatch(thrown.details.join(), /SECRET/);
      return true;
    },
  );
}

describe('hook envelope', () => {
  for (const [hook, context] of Object.entries(contexts)) {
    describe(hook, () => {
      const body = { hook, hookInstance, context };
      it('Q2: takes the required fields alone', () => {
        assert.equal(parseEnvelope(body, hook).context.patientId, '1');
      });
      for (const field of Object.keys(context)) {
        // A pharmacy's refill and a dispatch have nobody at a screen.
        it(`Q2: refuses a context without ${field}`, () =>
          refused(
            { ...body, context: without(context, field) },
            'malformed-request',
            [`context.${field}`],
            hook,
          ));
        for (const wrong of [null, '', 7, true]) {
          it(`Q2: refuses ${JSON.stringify(wrong)} as ${field}`, () =>
            refused(
              { ...body, context: { ...context, [field]: wrong } },
              'malformed-request',
              [`context.${field}`],
              hook,
            ));
        }
      }
    });
  }

  for (const field of ['hook', 'hookInstance', 'context']) {
    it(`Q2: refuses a request without ${field}`, () =>
      refused(without(base, field), 'malformed-request', [field]));
    for (const wrong of [null, '', 7, []]) {
      it(`Q2: refuses ${JSON.stringify(wrong)} as ${field}`, () =>
        refused({ ...base, [field]: wrong }, 'malformed-request', [field]));
    }
  }

  it('Q2: refuses a hookInstance that is no UUID', () =>
    refused({ ...base, hookInstance: 'SECRET' }, 'malformed-request', ['hookInstance']));

  it('Q2: refuses the hook of another service', () => {
    refused({ hook: 'order-sign', hookInstance, context: contexts['order-sign'] }, 'hook-mismatch');
    refused({ ...base, hook: 'constructor' }, 'hook-mismatch', undefined, 'constructor');
  });

  for (const patientId of ['.', '..', '../1', 'a/b', 'a?b', '1 2', '{{x}}', 'Patient/1']) {
    it(`refuses ${patientId} as a patient id`, () =>
      refused({ ...base, context: { ...atScreen, patientId } }, 'malformed-request', ['context.patientId']));
  }

  it('takes long ids of real servers', () => {
    const patientId = `e${'.ab-C_9'.repeat(20)}`;
    assert.equal(
      parseEnvelope({ ...base, context: { ...atScreen, patientId } }, 'patient-view').context.patientId,
      patientId,
    );
  });

  it('refuses an empty list of selections', () =>
    refused(
      { hook: 'order-select', hookInstance, context: { ...contexts['order-select'], selections: [] } },
      'malformed-request',
      ['context.selections'],
      'order-select',
    ));

  it('takes draft orders without Bundle.type and without intent, as the public sandbox sends them', () => {
    const request = parseEnvelope(
      { hook: 'order-sign', hookInstance, context: contexts['order-sign'] },
      'order-sign',
    );
    assert.ok(request.hook === 'order-sign');
    assert.equal(request.context.draftOrders.entry?.length, 1);
  });

  it('J4: tolerates extensions and members it does not know', () => {
    const request = parseEnvelope(
      {
        ...base,
        extension: { 'com.epic': { 'bpa-trigger-action': '26' } },
        x: 1,
        context: { ...atScreen, y: {} },
      },
      'patient-view',
    );
    assert.equal(request.hookInstance, hookInstance);
  });

  describe('fhirAuthorization', () => {
    const body = { ...base, fhirServer, fhirAuthorization };
    it('Q3: takes SMART v1, v2 and vendor scopes', () => {
      assert.deepEqual(parseEnvelope(body, 'patient-view').fhirAuthorization, fhirAuthorization);
    });
    it('Q3: implies fhirServer', () =>
      refused(without(body, 'fhirServer'), 'malformed-request', ['fhirServer']));
    for (const field of Object.keys(fhirAuthorization)) {
      it(`Q3: needs ${field}`, () =>
        refused({ ...body, fhirAuthorization: without(fhirAuthorization, field) }, 'malformed-request', [
          `fhirAuthorization.${field}`,
        ]));
    }
    const wrong: readonly (readonly [string, unknown])[] = [
      ['token_type', 'MAC'],
      ['expires_in', '300'],
      ['expires_in', 1.5],
      ['expires_in', 0],
      ['access_token', 'SECRET\r\nx-header: 1'],
      ['access_token', 'SECRET with spaces'],
      ['patient', ''],
      ['patient', '../1'],
      ['scope', ['patient/*.read']],
    ];
    for (const [field, value] of wrong) {
      it(`Q3: refuses ${JSON.stringify(value)} as ${field}`, () =>
        refused(
          { ...body, fhirAuthorization: { ...fhirAuthorization, [field]: value } },
          'malformed-request',
          [`fhirAuthorization.${field}`],
        ));
    }
    it('cds-r-1: fhirAuthorization implies fhirServer, and fhirServer needs none', () => {
      refused({ ...base, fhirAuthorization }, 'malformed-request', ['fhirServer']);
      assert.equal(parseEnvelope({ ...base, fhirServer }, 'patient-view').fhirServer, fhirServer);
    });
    it('cds-r-2: patient scopes should come with the patient, as an id; without one each record is matched', () => {
      const scope = 'launch patient/Observation.rs';
      const read = (patient?: string) =>
        parseEnvelope(
          { ...body, fhirAuthorization: { ...fhirAuthorization, scope, ...(patient ? { patient } : {}) } },
          'patient-view',
        ).fhirAuthorization?.patient;
      assert.deepEqual([read('1'), read('Patient/1'), read()], ['1', 'Patient/1', undefined]);
      assert.throws(() => read('Group/1'), { code: 'malformed-request' });
    });
    it('takes "bearer" in lower case as Bearer', () => {
      const request = parseEnvelope(
        { ...body, fhirAuthorization: { ...fhirAuthorization, token_type: 'bearer' } },
        'patient-view',
      );
      assert.equal(request.fhirAuthorization?.token_type, 'Bearer');
    });
    for (const server of [
      '',
      'ehr',
      'file:///etc',
      'https://u:p@ehr.example',
      'https://ehr.example/fhir?x',
      null,
      {},
    ]) {
      it(`refuses ${JSON.stringify(server)} as fhirServer`, () =>
        refused({ ...base, fhirServer: server }, 'malformed-request', ['fhirServer']));
    }
  });

  describe('prefetch', () => {
    const withPrefetch = (prefetch: unknown): Body => ({ ...base, prefetch });
    it('Q4, Q5: keeps absent keys and null apart', () => {
      const { prefetch } = parseEnvelope(
        withPrefetch({ lipids: null, patient: { resourceType: 'Patient' } }),
        'patient-view',
      );
      assert.deepEqual([...prefetch.keys()], ['lipids', 'patient']);
      assert.equal(prefetch.get('lipids'), null);
      assert.equal(prefetch.get('kidney'), undefined);
    });
    it('takes no prefetch and an empty one', () => {
      assert.equal(parseEnvelope(base, 'patient-view').prefetch.size, 0);
      assert.equal(parseEnvelope(withPrefetch({}), 'patient-view').prefetch.size, 0);
    });
    for (const wrong of [[], 'x', 1, null]) {
      it(`refuses ${JSON.stringify(wrong)} as prefetch`, () =>
        refused(withPrefetch(wrong), 'malformed-request', ['prefetch']));
    }
    for (const wrong of [[{ resourceType: 'Condition' }], 'x', 1, true, '']) {
      it(`refuses ${JSON.stringify(wrong)} under a key`, () =>
        refused(withPrefetch({ conditions: wrong }), 'malformed-request', ['prefetch.conditions']));
    }
    it('refuses an object that is no resource', () =>
      refused(withPrefetch({ conditions: {} }), 'malformed-request', ['prefetch.conditions.resourceType']));
    it('does not repeat a key that is no plain name', () =>
      refused(withPrefetch({ 'SECRET patient name': 1 }), 'malformed-request', ['prefetch.?']));
    it('refuses more than 5,000 entries, in one key or in all', () => {
      const entries = (count: number) => ({ resourceType: 'Bundle', entry: Array(count).fill({}) });
      refused(withPrefetch({ a: entries(5001) }), 'too-large');
      refused(withPrefetch({ a: entries(2500), b: entries(2501) }), 'too-large');
      refused(
        withPrefetch(Object.fromEntries(Array.from({ length: 5001 }, (_, at) => [`k${at}`, null]))),
        'too-large',
      );
      assert.equal(parseEnvelope(withPrefetch({ a: entries(4900) }), 'patient-view').prefetch.size, 1);
    });
  });

  it('never crashes: any JSON is a request or a fault of ours', () => {
    const members = fc.record(
      {
        hook: fc.oneof(fc.constantFrom(...Object.keys(contexts)), fc.jsonValue()),
        hookInstance: fc.oneof(fc.constant(hookInstance), fc.jsonValue()),
        context: fc.oneof(fc.constantFrom(...Object.values(contexts)), fc.jsonValue()),
        prefetch: fc.jsonValue(),
        fhirServer: fc.oneof(fc.constant(fhirServer), fc.jsonValue()),
        fhirAuthorization: fc.oneof(fc.constant(fhirAuthorization), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(members, fc.jsonValue()),
        fc.constantFrom(...Object.keys(contexts)),
        (body, hook) => {
          try {
            parseEnvelope(body, hook);
          } catch (thrown) {
            assert.ok(thrown instanceof Fault && thrown.status < 500);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});
