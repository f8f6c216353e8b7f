/** Q1–Q3 and Q9 on every hook of the library, through the real app. */
import assert from 'node:assert/strict';
import type { FhirAuthorization } from 'cds-hooks-types';
import { type HookCall, hookCall, hookNames } from '../../fixtures/hooks.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import {
  cardsOf,
  type FhirStub,
  fhirStub,
  hookPath,
  now,
  openHouse,
  refused,
  type Site,
  type TestHouse,
} from '../harness.ts';
import { adultTemplates, offersWithAdult } from './adult.ts';

const persona = 'high-risk-untreated';
const token = 'canary-access-token';
const authorization: FhirAuthorization = {
  access_token: token,
  token_type: 'Bearer',
  expires_in: 300,
  scope: 'patient/Patient.read',
  subject: 'auscult',
  patient: persona,
};

/** Optional members of a context, which may be there or not. */
const optional: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'order-dispatch': {
    fulfillmentTasks: [
      {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        for: { reference: `Patient/${persona}` },
      },
    ],
  },
  'medication-refill': { userId: 'Practitioner/1', encounterId: 'e1' },
  'encounter-start': {},
  'encounter-discharge': {},
};

describe('the call (CDS Hooks 2.0, "Calling a CDS Service")', () => {
  let house: TestHouse;
  let site: Site;
  let fhir: FhirStub;
  const kept: unknown[] = [];
  before(async () => {
    house = await openHouse();
    fhir = await fhirStub((_, send) =>
      send(200, { resourceType: 'Patient', id: persona, birthDate: '1950-01-01' }),
    );
    const memory = createMemoryLedger();
    site = await house.listen({
      offers: offersWithAdult(house.packages.services),
      authenticate: async () => fhir.registration,
      ledger: {
        ...memory,
        record: async (decision) => {
          kept.push(decision);
          await memory.record(decision);
        },
      },
    });
  });
  after(() => house.close());

  const post = (call: HookCall | object, hook: string) => site.post(`/cds-services/adult-${hook}`, call);
  const withContext = (call: HookCall, changes: Readonly<Record<string, unknown>>) => ({
    ...call,
    context: { ...call.context, ...changes },
  });

  it('Q1: an unknown service is 404, a body that is no JSON 400, another media type 415', async () => {
    refused(await site.post('/cds-services/nobody', house.request()), 404, 'unknown-service');
    refused(await site.post(hookPath, '{"hook":'), 400, 'malformed-json');
    refused(await site.post(hookPath, '{}', { 'content-type': 'text/plain' }), 415, 'unsupported-media-type');
  });

  for (const hook of hookNames) {
    const call = () => hookCall(hook, persona, now, adultTemplates);
    const required = Object.keys(call().context);

    it(`Q1: ${hook} is answered at its own address`, async () => {
      assert.equal(cardsOf(await post(call(), hook)).length, 1);
    });

    it(`Q2: ${hook} without ${required.join(', ')} one by one is 400 that names it`, async () => {
      for (const name of required) {
        const { [name]: _, ...context } = call().context;
        refused(await post({ ...call(), context }, hook), 400, 'malformed-request', `context.${name}`);
      }
    });

    it(`Q2: ${hook} with its optional context is answered too`, async () => {
      const more = optional[hook] ?? { encounterId: 'encounter-1' };
      assert.equal(cardsOf(await post(withContext(call(), more), hook)).length, 1);
    });
  }

  it('Q2: every kind of user may be at the screen', async () => {
    for (const type of ['Practitioner', 'PractitionerRole', 'Patient', 'RelatedPerson']) {
      const call = hookCall('patient-view', persona, now, adultTemplates);
      const answer = await post(withContext(call, { userId: `${type}/${persona}` }), 'patient-view');
      assert.equal(cardsOf(answer).length, 1, type);
    }
  });

  it('Q2: an order of another patient in the context is refused, whatever the hook', async () => {
    for (const hook of hookNames) {
      const call = JSON.parse(
        JSON.stringify(hookCall(hook, persona, now)).replaceAll(`Patient/${persona}`, 'Patient/x'),
      );
      if (!JSON.stringify(call.context).includes('Patient/x')) continue;
      refused(await post(call, hook), 422, 'wrong-patient', /context\./);
    }
  });

  const authorized = (changes: Partial<Record<keyof FhirAuthorization, unknown>> = {}) => {
    const { prefetch: _, ...call } = hookCall('patient-view', persona, now);
    return { ...call, fhirServer: fhir.base, fhirAuthorization: { ...authorization, ...changes } };
  };

  it('cds-r-1: fhirAuthorization without fhirServer is 400', async () => {
    const { fhirServer: _, ...call } = authorized();
    refused(await post(call, 'patient-view'), 400, 'malformed-request', 'fhirServer');
  });

  it('cds-r-2: patient scopes without the patient are borne; with another patient they are 422', async () => {
    const { patient: _, ...unnamed } = authorization;
    const call = { ...authorized(), fhirAuthorization: unnamed };
    assert.equal(cardsOf(await post(call, 'patient-view')).length, 1);
    refused(
      await post(authorized({ patient: 'somebody-else' }), 'patient-view'),
      422,
      'wrong-patient',
      'fhirAuthorization.patient',
    );
  });

  it('Q3: each member of fhirAuthorization is needed, and any scope string is taken', async () => {
    for (const name of ['access_token', 'token_type', 'expires_in', 'scope', 'subject'] as const) {
      const { [name]: _, ...lacking } = authorization;
      const call = { ...authorized(), fhirAuthorization: lacking };
      refused(await post(call, 'patient-view'), 400, 'malformed-request', `fhirAuthorization.${name}`);
    }
    const scopes = [
      'patient/*.read user/*.write',
      'patient/Observation.rs?category=laboratory launch',
      'EPIC.FHIR.R4.SERVICES.Patient.Read',
    ];
    for (const scope of scopes) {
      assert.equal(cardsOf(await post(authorized({ scope }), 'patient-view')).length, 1, scope);
    }
  });

  it('Q9: the token is seen by the FHIR server alone: not in an answer, a log or the ledger', async () => {
    const asked = fhir.asked.length;
    const good = await post(authorized(), 'patient-view');
    const bad = await post({ ...authorized(), context: {} }, 'patient-view');
    assert.equal(fhir.asked[asked]?.headers.authorization, `Bearer ${token}`);
    assert.ok(kept.length > 0 && site.logged.length > 0);
    for (const text of [good.text, bad.text, JSON.stringify(site.logged), JSON.stringify(kept)]) {
      assert.ok(!text.includes(token));
    }
  });
});
