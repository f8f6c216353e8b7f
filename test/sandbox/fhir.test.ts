import assert from 'node:assert/strict';
import { getSearchParameters } from '@medplum/core';
import type { Bundle, Observation } from '@medplum/fhirtypes';
import request from 'supertest';
import { chartNames } from '../../fixtures/charts.ts';
import { expressionFor, resourceTypes, structureDefinitions } from '../../sandbox/fhir/definitions.ts';
import { fhirBase, sandbox } from './setup.ts';

async function get(path: string) {
  return request(await sandbox()).get(`/sandbox/fhir/${path}`);
}

async function search(query: string): Promise<Bundle<Observation>> {
  const answer = await get(query);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.match(answer.get('content-type') ?? '', /^application\/fhir\+json/);
  return answer.body;
}

const dates = (bundle: Bundle<Observation>) =>
  bundle.entry?.map(({ resource }) => resource?.effectiveDateTime ?? '') ?? [];
const ofPatient = 'Observation?patient=high-risk-untreated';

describe('FHIR reads', () => {
  it('hold every persona under its own id', async () => {
    for (const name of chartNames()) {
      assert.equal((await get(`Patient/${name}`)).body.id, name);
    }
  });

  it('answer what is missing or not served with 404 and an OperationOutcome', async () => {
    for (const path of ['Patient/nobody', 'Nonsense/1', 'Nonsense?x=1', '$graphql']) {
      const { status, body } = await get(path);
      assert.deepEqual([status, body.resourceType], [404, 'OperationOutcome'], path);
    }
  });

  it('need no token, but refuse one that is not ours', async () => {
    const answer = await request(await sandbox())
      .get('/sandbox/fhir/Patient/treated')
      .set('Authorization', 'Bearer x');
    assert.deepEqual([answer.status, answer.body.resourceType], [401, 'OperationOutcome']);
    assert.match(answer.get('www-authenticate') ?? '', /invalid_token/);
    await request(await sandbox())
      .get('/sandbox/fhir/Patient/treated')
      .set('Authorization', 'Basic eA==')
      .expect(401);
  });
});

describe('FHIR search', () => {
  it('matches a list of tokens as OR, newest first', async () => {
    const bundle = await search(
      `${ofPatient}&code=http://loinc.org|2093-3,http://loinc.org|85354-9&_sort=-date`,
    );
    assert.equal(bundle.total, 7);
    assert.deepEqual(dates(bundle), dates(bundle).toSorted().reverse());
    const oldestFirst = await search(`${ofPatient}&code=http://loinc.org|2093-3&_sort=date`);
    assert.deepEqual(dates(oldestFirst), dates(oldestFirst).toSorted());
    const none = await search(`${ofPatient}&code=http://snomed.info/sct|2093-3`);
    assert.equal(none.total, 0);
  });

  it('sorts by the first rule first', async () => {
    const bundle = await search(`${ofPatient}&_sort=-date,_id`);
    const keys =
      bundle.entry?.map(({ resource }) => [resource?.effectiveDateTime ?? '', resource?.id ?? '']) ?? [];
    const expected = keys.toSorted(
      ([aDate = '', aId = ''], [bDate = '', bId = '']) =>
        bDate.localeCompare(aDate) || aId.localeCompare(bId),
    );
    assert.deepEqual(keys, expected);
  });

  it('takes the patient with and without type, by POST as by GET', async () => {
    const plain = await search(ofPatient);
    assert.equal((await search('Observation?patient=Patient/high-risk-untreated')).total, plain.total);
    assert.equal((await search('Observation?subject=Patient/high-risk-untreated')).total, plain.total);
    const posted = await request(await sandbox())
      .post('/sandbox/fhir/Observation/_search')
      .type('form')
      .send('patient=high-risk-untreated&_count=3');
    assert.equal(posted.body.total, plain.total);
    assert.equal(posted.body.entry.length, 3);
    assert.ok(posted.body.link.some(({ relation }: { relation: string }) => relation === 'next'));
  });

  it('pages with absolute self, next and previous links until everything was seen once', async () => {
    const all = await search(`${ofPatient}&_count=1000`);
    const seen: string[] = [];
    let next: string | undefined = `${fhirBase}/${ofPatient}&_count=5&_sort=-date`;
    while (next !== undefined) {
      assert.ok(next.startsWith(fhirBase));
      const page: Bundle = await search(next.slice(fhirBase.length + 1));
      seen.push(...(page.entry ?? []).map(({ fullUrl = '' }) => fullUrl));
      assert.ok((page.entry?.length ?? 0) <= 5);
      next = page.link?.find(({ relation }) => relation === 'next')?.url;
    }
    assert.equal(new Set(seen).size, all.total);
    assert.equal(seen.length, all.total);
    assert.ok(seen.every((url) => url.startsWith(`${fhirBase}/Observation/`)));
  });

  it('has a page size of its own, and counts without entries', async () => {
    const everything = await search('Observation');
    assert.equal(everything.entry?.length, 50);
    assert.ok((everything.total ?? 0) > 300);
    const counted = await search('Observation?_summary=count');
    assert.deepEqual([counted.total, counted.entry], [everything.total, undefined]);
  });

  it('finds by date, status, category, identifier, name and clinical status', async () => {
    assert.ok(((await search(`${ofPatient}&date=ge2026-11-01&date=lt2026-11-06`)).total ?? 0) > 0);
    assert.equal((await search('MedicationRequest?patient=high-risk-untreated&status=stopped')).total, 1);
    assert.ok(((await search(`${ofPatient}&category=vital-signs`)).total ?? 0) > 5);
    assert.equal((await search('Patient?identifier=https://sandbox.example/mrn|SBX-0001')).total, 1);
    assert.equal((await search('Patient?name=testberg')).total, 1);
    assert.equal((await search('Condition?patient=known-ascvd&clinical-status=resolved')).total, 1);
    assert.equal(
      (
        await search('MedicationRequest?patient=diabetes-ckd&_include=MedicationRequest:medication')
      ).entry?.filter(({ resource }) => String(resource?.resourceType) === 'Medication').length,
      1,
    );
  });

  for (const query of [
    'Observation?bogus=1',
    'Observation?code:in=http://example.org/vs',
    'Observation?code:foo=1',
    'Observation?code:text=pressure',
    'Patient?name:exact=Testberg',
    'Observation?subject:Patient=treated',
    'Observation?subject=treated',
    'Observation?value-quantity=gt5',
    'Observation?_has:Provenance:target:agent=x',
    'Observation?patient.name=Testberg',
    'Observation?_sort=nonsense',
    'Observation?_count=many',
    'Observation?_count=-1',
    'Observation?_summary=true',
    'Observation?_elements=code',
    'Observation?date=yesterday',
  ]) {
    it(`refuses with 400 instead of finding nothing: ${query}`, async () => {
      const { status, body } = await get(query);
      assert.deepEqual([status, body.resourceType], [400, 'OperationOutcome'], JSON.stringify(body));
    });
  }

  it('refuses inside a batch as well', async () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: ['Observation?bogus=1', ofPatient].map((url) => ({ request: { method: 'GET', url } })),
    };
    const { body } = await request(await sandbox())
      .post('/sandbox/fhir')
      .send(bundle)
      .expect(200);
    assert.match(body.entry[0].response.status, /^400/);
    assert.equal(body.entry[1].resource.type, 'searchset');
  });
});

describe('FHIR writes', () => {
  const order = {
    resourceType: 'MedicationRequest',
    id: 'chosen-by-client',
    status: 'draft',
    intent: 'order',
    medicationCodeableConcept: { text: 'atorvastatin 40 MG Oral Tablet' },
    subject: { reference: 'Patient/low-risk' },
  };

  it('create, read, update, delete, with version, location and an id of the server', async () => {
    const app = await sandbox();
    const created = await request(app).post('/sandbox/fhir/MedicationRequest').send(order).expect(201);
    const { id } = created.body;
    assert.notEqual(id, order.id);
    assert.equal(created.get('location'), `${fhirBase}/MedicationRequest/${id}`);
    assert.match(created.get('etag') ?? '', /^W\/"/);
    const path = `/sandbox/fhir/MedicationRequest/${id}`;
    await request(app)
      .put(path)
      .send({ ...order, id, status: 'active' })
      .expect(200);
    assert.equal((await request(app).get(path)).body.status, 'active');
    await request(app)
      .put(path)
      .set('If-Match', 'W/"stale"')
      .send({ ...order, id })
      .expect(412);
    await request(app).delete(path).expect(200);
    await request(app).get(path).expect(404);
  });

  it('refuse an invalid resource, a foreign type and a broken body with 400 and an OperationOutcome', async () => {
    const app = await sandbox();
    const { intent: _, ...withoutIntent } = order;
    for (const body of [withoutIntent, { ...order, bogus: 1 }, { resourceType: 'Patient' }]) {
      const answer = await request(app).post('/sandbox/fhir/MedicationRequest').send(body);
      assert.deepEqual([answer.status, answer.body.resourceType], [400, 'OperationOutcome']);
    }
    const broken = await request(app)
      .post('/sandbox/fhir/Patient')
      .type('application/fhir+json')
      .send('{"a":')
      .expect(400);
    assert.equal(broken.body.resourceType, 'OperationOutcome');
  });

  it('apply a transaction whole or not at all', async () => {
    const app = await sandbox();
    const path = '/sandbox/fhir/MedicationRequest?patient=low-risk';
    const before = (await request(app).get(path)).body.total;
    const entry = (resource: unknown) => ({
      resource,
      request: { method: 'POST', url: 'MedicationRequest' },
    });
    const transaction = (...entries: unknown[]) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: entries,
    });
    const failed = await request(app)
      .post('/sandbox/fhir')
      .send(transaction(entry(order), entry({ ...order, status: 7 })));
    assert.equal(failed.status, 400);
    assert.equal((await request(app).get(path)).body.total, before);
    await request(app)
      .post('/sandbox/fhir')
      .send(transaction(entry(order), entry(order)))
      .expect(200);
    assert.equal((await request(app).get(path)).body.total, before + 2);
  });
});

describe('FHIR metadata', () => {
  it('names the served types, their search parameters and the SMART endpoints', async () => {
    const { body } = await get('metadata');
    const [rest] = body.rest;
    assert.equal(body.fhirVersion, '4.0.1');
    assert.deepEqual(
      rest.security.extension[0].extension.map(({ url }: { url: string }) => url),
      ['authorize', 'token'],
    );
    assert.equal(rest.resource.length, resourceTypes.length);
    const observation = rest.resource.find(({ type }: { type: string }) => type === 'Observation');
    const names = observation.searchParam.map(({ name }: { name: string }) => name);
    assert.ok(names.includes('code') && names.includes('date') && !names.includes('value-quantity'));
  });

  it('answers a preflight of any origin, for browser clients', async () => {
    const answer = await request(await sandbox())
      .options('/sandbox/fhir/_services/smart/Launch')
      .expect(204);
    assert.equal(answer.get('access-control-allow-origin'), '*');
  });
});

describe('FHIR definitions', () => {
  it('are found for every served type', () => {
    assert.deepEqual(
      structureDefinitions(resourceTypes).map(({ type }) => type),
      [...resourceTypes],
    );
    assert.throws(() => structureDefinitions(['Nonsense']));
  });

  it('keep of a search expression only what concerns the type', async () => {
    await sandbox();
    assert.equal(expressionFor('Observation', 'Condition.code | Observation.code'), 'Observation.code');
    assert.equal(
      expressionFor('Observation', '(Observation.value as Quantity) | Patient.x'),
      '(Observation.value as Quantity)',
    );
    assert.equal(expressionFor('Observation', 'Resource.id'), 'Resource.id');
    for (const type of resourceTypes) {
      for (const { code, expression } of Object.values(getSearchParameters(type) ?? {})) {
        assert.ok(expression?.includes(type), `${type} ${code}`);
      }
    }
  });
});
