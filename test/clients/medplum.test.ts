import assert from 'node:assert/strict';
import { buildCdsRequest, MedplumClient } from '@medplum/core';
import type { Practitioner } from '@medplum/fhirtypes';
import { parseEnvelope } from '../../src/hooks/envelope.ts';
import { readPrefetch } from '../../src/hooks/prefetch.ts';
import { profileOf } from './profiles.ts';

const medplum = profileOf('medplum');
const user = { resourceType: 'Practitioner', id: 'u1' } as Practitioner & { id: string };

/** The real client library, on a FHIR server that knows one patient without conditions. */
const client = () =>
  new MedplumClient({
    baseUrl: 'https://medplum.example/',
    fetch: async (url: string) =>
      Response.json(
        url.includes('/Patient/')
          ? { resourceType: 'Patient', id: 'p1' }
          : { resourceType: 'Bundle', type: 'searchset', entry: [] },
        { headers: { 'content-type': 'application/fhir+json' } },
      ),
  });

const build = (prefetch: Record<string, string> | undefined, context: Record<string, unknown>) =>
  buildCdsRequest(
    client(),
    user,
    { id: 'x', hook: 'patient-view', ...(prefetch === undefined ? {} : { prefetch }) },
    context,
  );

describe('Medplum, in', () => {
  it('Q2: what its own library builds is a hook request, without FHIR access', async () => {
    const body = await build(
      { patient: 'Patient/{{context.patientId}}', conditions: 'Condition?patient={{context.patientId}}' },
      { patientId: 'p1', userId: 'Practitioner/u1' },
    );
    const request = parseEnvelope(body, 'patient-view', medplum);
    assert.equal(request.fhirServer, undefined);
    assert.equal(request.prefetch.get('patient')?.resourceType, 'Patient');
    assert.deepEqual(readPrefetch(request.prefetch.get('conditions'), 'Condition?patient=p1'), {
      kind: 'page',
      resources: [],
    });
  });

  it('Q4: its null means that nothing was asked, so it is no empty list', async () => {
    const query = 'Condition?encounter={{context.encounterId}}';
    const body = await build({ conditions: query }, { patientId: 'p1', userId: 'Practitioner/u1' });
    assert.deepEqual(body.prefetch, { conditions: null });
    const request = parseEnvelope(body, 'patient-view', medplum);
    assert.deepEqual(readPrefetch(request.prefetch.get('conditions'), query), { kind: 'absent' });
    const strict = parseEnvelope(body, 'patient-view');
    assert.deepEqual(readPrefetch(strict.prefetch.get('conditions'), query), { kind: 'page', resources: [] });
  });

  it('Q2: its own example sends no userId; every other client must', async () => {
    const body = await build(undefined, { patientId: 'p1' });
    assert.equal(parseEnvelope(body, 'patient-view', medplum).context.patientId, 'p1');
    assert.throws(() => parseEnvelope(body, 'patient-view'), { code: 'malformed-request' });
    assert.throws(() => parseEnvelope(body, 'patient-view', profileOf('epic')), {
      code: 'malformed-request',
    });
  });
});
