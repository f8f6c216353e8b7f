/** reliability.md §3: data of another patient, wherever it stands, is 422 and never a card. */
import assert from 'node:assert/strict';
import type { PatientViewRequest } from '../../fixtures/requests.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import { cardsOf, fhirStub, hookPath, openHouse, refused, type Site, type TestHouse } from '../harness.ts';

describe('another patient', () => {
  let house: TestHouse;
  let site: Site;
  let recorded = 0;
  before(async () => {
    house = await openHouse();
    const memory = createMemoryLedger();
    const record: typeof memory.record = (decision) => {
      recorded++;
      return memory.record(decision);
    };
    site = await house.listen({ ledger: { ...memory, record } });
  });
  after(async () => {
    await site.close();
    await house.close();
  });
  beforeEach(() => {
    recorded = 0;
  });

  const post = (request: unknown) => site.post(hookPath, request);
  const me = () => `Patient/${house.request().context.patientId}`;
  const observation = (subject: unknown) => ({
    resourceType: 'Observation',
    id: 'planted',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '2093-3' }] },
    ...(subject === undefined ? {} : { subject }),
    valueQuantity: { value: 300, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
    effectiveDateTime: '2026-03-01T09:00:00Z',
  });
  const bundle = (...resources: unknown[]) => ({
    resourceType: 'Bundle',
    type: 'searchset',
    entry: resources.map((resource) => ({ resource })),
  });
  const withKey = (key: string, value: unknown) => {
    const request: PatientViewRequest = house.request();
    return { ...request, prefetch: { ...request.prefetch, [key]: value } };
  };

  const places: readonly [string, () => unknown, string][] = [
    ['Patient.id', () => withKey('patient', { resourceType: 'Patient', id: 'other' }), 'prefetch.patient'],
    ['a Patient without id', () => withKey('patient', { resourceType: 'Patient' }), 'prefetch.patient'],
    [
      'Observation.subject',
      () => withKey('lipids', bundle(observation({ reference: 'Patient/other' }))),
      'prefetch.lipids',
    ],
    [
      'one record among right ones',
      () =>
        withKey(
          'lipids',
          bundle(observation({ reference: me() }), observation({ reference: 'Patient/other' })),
        ),
      'prefetch.lipids',
    ],
    ['an Observation of nobody', () => withKey('lipids', bundle(observation(undefined))), 'prefetch.lipids'],
    [
      'a subject by identifier only',
      () => withKey('lipids', bundle(observation({ identifier: { value: '1' } }))),
      'prefetch.lipids',
    ],
    [
      'the same id on another server',
      () => withKey('lipids', bundle(observation({ reference: `https://other.example/fhir/${me()}` }))),
      'prefetch.lipids',
    ],
    [
      'a contained Patient',
      () =>
        withKey(
          'lipids',
          bundle({
            ...observation({ reference: '#p' }),
            contained: [{ resourceType: 'Patient', id: 'p' }],
          }),
        ),
      'prefetch.lipids',
    ],
    [
      'a contained Observation',
      () =>
        withKey(
          'lipids',
          bundle({
            ...observation({ reference: me() }),
            contained: [observation({ reference: 'Patient/other' })],
          }),
        ),
      'prefetch.lipids',
    ],
    [
      'a Bundle in a Bundle',
      () => withKey('lipids', bundle(bundle(observation({ reference: 'Patient/other' })))),
      'prefetch.lipids',
    ],
    [
      'AllergyIntolerance.patient',
      () =>
        withKey(
          'allergies',
          bundle({ resourceType: 'AllergyIntolerance', patient: { reference: 'Patient/x' } }),
        ),
      'prefetch.allergies',
    ],
    [
      'a key nobody asked for',
      () => withKey('extra', observation({ reference: 'Patient/other' })),
      'prefetch.extra',
    ],
    [
      'a draft order',
      () => {
        const request = house.request();
        const order = { resourceType: 'MedicationRequest', subject: { reference: 'Patient/other' } };
        return { ...request, context: { ...request.context, draftOrders: bundle(order) } };
      },
      'context.draftOrders',
    ],
    [
      'fhirAuthorization.patient',
      () => ({
        ...house.request(),
        fhirServer: 'http://localhost:3000/sandbox/fhir',
        fhirAuthorization: {
          access_token: 't',
          token_type: 'Bearer',
          expires_in: 300,
          scope: 'patient/*.rs',
          subject: 'auscult',
          patient: 'other',
        },
      }),
      'fhirAuthorization.patient',
    ],
  ];

  for (const [place, request, part] of places) {
    it(`${place}: 422, which part and no more, nothing decided`, async () => {
      refused(await post(request()), 422, 'wrong-patient', part);
      assert.equal(recorded, 0);
    });
  }

  it('what the FHIR server sends is matched as well', async () => {
    const fhir = await fhirStub((_, send) => send(200, bundle(observation({ reference: 'Patient/other' }))));
    const own = await house.listen({ authenticate: async () => fhir.registration });
    const request = house.request();
    const { lipids: _, ...prefetch } = request.prefetch;
    const answer = await own.post(hookPath, { ...request, prefetch, fhirServer: fhir.base });
    refused(answer, 422, 'wrong-patient', 'fhirServer.lipids');
    await own.close();
    await fhir.close();
  });

  it('the right patient by absolute, versioned or urn reference is the right patient', async () => {
    const patient = { resourceType: 'Patient', id: house.request().context.patientId };
    const sandbox = 'http://localhost:3000/sandbox/fhir';
    for (const reference of [me(), `${sandbox}/${me()}`, `${me()}/_history/1`]) {
      const request = withKey('extra', bundle(observation({ reference })));
      assert.equal(cardsOf(await post(request)).length, 1, reference);
    }
    const named = {
      ...bundle(observation({ reference: 'urn:uuid:d1577c69-dfbe-44ad-ba6d-3e05e953b2ea' })),
      entry: [
        { fullUrl: 'urn:uuid:d1577c69-dfbe-44ad-ba6d-3e05e953b2ea', resource: patient },
        { resource: observation({ reference: 'urn:uuid:d1577c69-dfbe-44ad-ba6d-3e05e953b2ea' }) },
      ],
    };
    assert.equal(cardsOf(await post(withKey('extra', named))).length, 1);
  });
});
