/**
 * Medplum's own CDS Hooks client, the real @medplum/core, against a real `auscult start`. It signs nothing and names
 * no FHIR server: what it does not prefetch, nobody can read. (In production it comes over mutual TLS.)
 */
import assert from 'node:assert/strict';
import { buildCdsRequest, type CdsService, MedplumClient, OperationOutcomeError } from '@medplum/core';
import type { Practitioner } from '@medplum/fhirtypes';
import { type Running, startAuscult } from '../running.ts';

const user: Practitioner & { id: string } = { resourceType: 'Practitioner', id: 'sandbox-clinician' };
const serviceId = 'cardiovascular-risk';

describe('Medplum', function () {
  this.timeout(60_000);
  let auscult: Running;
  let medplum: MedplumClient;
  let service: CdsService;
  /** Every request that Medplum's client made. */
  const sent: { readonly url: string; readonly headers: Headers }[] = [];

  before(async () => {
    auscult = await startAuscult();
    medplum = new MedplumClient({
      baseUrl: `${auscult.url}/sandbox/`,
      fhirUrlPath: 'fhir',
      cdsServicesUrl: `${auscult.url}/cds-services`,
      cacheTime: 0,
      fetch: (url: string, init: RequestInit) => {
        sent.push({ url, headers: new Headers(init.headers) });
        return fetch(url, init);
      },
    });
    const { services } = await medplum.getCdsServices();
    const found = services.find(({ id }) => id === serviceId);
    assert.ok(found, 'D1: discovered through Medplum');
    service = found;
  });
  after(() => auscult?.stop());

  const build = (patientId: string, from = service) =>
    buildCdsRequest(medplum, user, from, { userId: `Practitioner/${user.id}`, patientId });
  const call = async (patientId: string, from = service) =>
    (await medplum.callCdsService(serviceId, await build(patientId, from))).cards;
  const refusal = async (patientId: string, from: CdsService): Promise<string> => {
    const thrown: unknown = await call(patientId, from).then(
      () => assert.fail('it was answered'),
      (reason: unknown) => reason,
    );
    assert.ok(thrown instanceof OperationOutcomeError, String(thrown));
    return thrown.outcome.issue.map(({ details }) => details?.coding?.[0]?.code).join();
  };

  it('Q10: a persona gets the card from what Medplum prefetched, and nothing else', async () => {
    const request = await build('high-risk-untreated');
    assert.deepEqual(Object.keys(request).sort(), ['context', 'hook', 'hookInstance', 'prefetch']);
    assert.deepEqual(Object.keys(request.prefetch ?? {}), Object.keys(service.prefetch ?? {}));
    const { cards } = await medplum.callCdsService(serviceId, request);
    assert.equal(cards.length, 1);
    assert.match(cards[0]?.summary ?? '', /10-year ASCVD risk \d/);
    const last = sent.at(-1);
    assert.equal(last?.headers.get('authorization'), null);
    assert.equal(last?.headers.get('content-type'), 'application/json');
    assert.equal(last?.headers.get('x-medplum'), 'extended');
  });

  it('A1: where there is nothing to say Medplum gets an empty list', async () => {
    for (const persona of ['treated', 'low-risk', 'missing-cholesterol']) {
      assert.deepEqual(await call(persona), [], persona);
    }
  });

  it('P1: no template of ours holds a token that Medplum answers with null unasked', async () => {
    const { prefetch = {} } = await build('high-risk-untreated');
    assert.deepEqual(
      Object.entries(prefetch).filter(([, value]) => value === null),
      [],
    );
  });

  it('Q5: null for a token it cannot resolve and an id of the wrong kind do not disturb', async () => {
    const odd = {
      encounter: 'Encounter/{{context.encounterId}}',
      role: 'PractitionerRole?practitioner=Practitioner/{{userPractitionerRoleId}}',
    };
    const from = { ...service, prefetch: { ...service.prefetch, ...odd } };
    const { prefetch = {} } = await build('high-risk-untreated', from);
    assert.equal(prefetch.encounter, null);
    const asked = decodeURIComponent(sent.find(({ url }) => url.includes('PractitionerRole'))?.url ?? '');
    assert.match(asked, new RegExp(`Practitioner/${user.id}$`), 'a Practitioner stands for the role');
    assert.equal((await call('high-risk-untreated', from)).length, 1);
  });

  it('Q7, A14: prefetch: {} and no FHIR server is 412, which Medplum reads as its own error', async () => {
    const { prefetch: _, ...unfilled } = service;
    assert.deepEqual((await build('high-risk-untreated', unfilled)).prefetch, {});
    assert.equal(await refusal('high-risk-untreated', unfilled), 'required-data-unavailable');
  });

  it('one failing read ends the call inside Medplum: a service must not ask for what may be absent', async () => {
    const from = { ...service, prefetch: { ...service.prefetch, role: 'PractitionerRole/nobody' } };
    await assert.rejects(build('high-risk-untreated', from), OperationOutcomeError);
    for (const query of Object.values(service.prefetch ?? {})) {
      assert.ok(query === 'Patient/{{context.patientId}}' || query.includes('?'), query);
    }
  });
});
