/** The kit's FHIR server: it has what the sample has, and tells who asked. */
import assert from 'node:assert/strict';
import {
  type OwnFhirServer,
  sameQuery,
  startStubFhirServer,
} from '../../src/conformance/stub-fhir-server.ts';

describe('conformance: the FHIR server', () => {
  let fhir: OwnFhirServer;
  before(async () => {
    fhir = await startStubFhirServer();
  });
  beforeEach(() => fhir.forget());
  after(() => fhir.close());

  const get = async (query: string, init?: RequestInit) => {
    const response = await fetch(`${fhir.base}/${query}`, init);
    return { status: response.status, body: await response.text() };
  };

  it('brings what it holds, an empty searchset for other searches, 404 for other reads', async () => {
    fhir.hold('Patient/1', { resourceType: 'Patient', id: '1' });
    assert.match((await get('Patient/1')).body, /"id":"1"/);
    assert.match((await get('Condition?patient=1')).body, /"total":0/);
    assert.equal((await get('Patient/2')).status, 404);
  });

  it('Q4: a search is the same whatever the order and encoding of its parameters, by GET or by POST', async () => {
    fhir.hold('Observation?patient=1&code=http://loinc.org|2093-3', { resourceType: 'Bundle', id: 'found' });
    assert.match((await get('Observation?code=http%3A%2F%2Floinc.org%7C2093-3&patient=1')).body, /found/);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'patient=1&code=http://loinc.org|2093-3';
    assert.match((await get('Observation/_search', { method: 'POST', headers, body })).body, /found/);
    assert.equal(sameQuery('A?b=1&a=2'), sameQuery('/A?a=2&b=1'));
    assert.notEqual(sameQuery('A?b=1'), sameQuery('A?b=2'));
  });

  it('Q9: remembers method, address and token until it forgets', async () => {
    await get('Patient/1', { headers: { authorization: 'Bearer t' } });
    await get('Patient/2');
    assert.deepEqual(fhir.seen, [
      { method: 'GET', url: '/fhir/Patient/1', authorization: 'Bearer t' },
      { method: 'GET', url: '/fhir/Patient/2' },
    ]);
    fhir.forget();
    assert.deepEqual(fhir.seen, []);
  });

  it('Q7: answers as told, late or never, until it forgets', async () => {
    fhir.answer(/Patient/, { status: 401, body: 'no', headers: { 'x-told': '1' } });
    assert.deepEqual(await get('Patient/1'), { status: 401, body: 'no' });
    fhir.answer(/Patient/, { delayMs: Number.POSITIVE_INFINITY });
    await assert.rejects(get('Patient/1', { signal: AbortSignal.timeout(50) }));
    fhir.forget();
    assert.equal((await get('Patient/9')).status, 404);
  });

  it('writes nothing: other methods are refused', async () => {
    assert.equal((await get('Patient/1', { method: 'DELETE' })).status, 405);
  });

  it('listens at a given address, and names that one', async () => {
    const free = await startStubFhirServer();
    await free.close();
    const given = free.base.replace('127.0.0.1', 'localhost').replace(/\/fhir$/, '/r4/');
    const other = await startStubFhirServer(given);
    assert.equal(other.base, given.replace(/\/$/, ''));
    assert.equal((await fetch(`${other.base}/Condition?x=1`)).status, 200);
    await assert.rejects(startStubFhirServer(given));
    await other.close();
  });
});
