import assert from 'node:assert/strict';
import type { Resource } from '@medplum/fhirtypes';
import { memoryReader } from '../../src/fhir/memory-reader.ts';
import {
  bundle,
  fhirServer,
  gather,
  idsOf,
  lipids,
  lists,
  medications,
  now,
  observation,
  outcome,
  patient,
  prescription,
  refused,
  stateOf,
  whole,
  without,
} from './gathering.ts';

describe('gather', () => {
  it('Q10: prefetch alone makes a chart', async () => {
    const chart = await gather(whole);
    assert.deepEqual(chart.patient, patient);
    assert.equal(chart.patientId, '1');
    assert.equal(chart.now, now);
    assert.deepEqual(
      [...chart.supply],
      lists.map(({ key }) => [key, { state: 'supplied' }]),
    );
    assert.deepEqual(
      chart.resources.map(({ id }) => id),
      ['1', 'a'],
    );
  });

  it('Q4: asks the server exactly for the key that is missing', async () => {
    const reader = memoryReader({ [lipids]: bundle([observation('b')]) });
    assert.deepEqual(await idsOf(gather(without('lipids'), reader)), ['1', 'b']);
    assert.deepEqual(reader.asked, [lipids]);
  });

  it('Q5: asks nothing for null, an empty Bundle or "none found"', async () => {
    const reader = memoryReader({});
    const none = {
      resourceType: 'Bundle',
      type: 'searchset',
      total: 0,
      entry: [{ resource: outcome('warning'), search: { mode: 'outcome' } }],
    };
    for (const nothing of [null, bundle([]), none]) {
      assert.deepEqual(await stateOf(gather({ ...whole, lipids: nothing }, reader), 'lipids'), {
        state: 'supplied',
      });
    }
    assert.deepEqual(reader.asked, []);
  });

  it('Q6: an OperationOutcome is asked again of the server, and is no data', async () => {
    const failing = { ...whole, lipids: outcome('error') };
    assert.deepEqual(await idsOf(gather(failing, { [lipids]: bundle([observation('b')]) })), ['1', 'b']);
    await refused(gather(failing), 'required-data-unavailable', 'lipids: operation-outcome');
    await refused(
      gather({ ...whole, lipids: bundle([outcome('error')]) }),
      'required-data-unavailable',
      'lipids: operation-outcome',
    );
  });

  it('Q7: names every required list that is lacking, and why', async () => {
    await refused(gather({}), 'required-data-unavailable', 'patient: not-supplied', 'lipids: not-supplied');
    for (const failed of [
      'unauthorized',
      'not-found',
      'throttled',
      'unreachable',
      'server-error',
      'invalid-response',
    ] as const) {
      await refused(
        gather(without('lipids'), { [lipids]: { failed } }),
        'required-data-unavailable',
        `lipids: ${failed}`,
      );
    }
    const answered = { [lipids]: outcome('error') as unknown as Resource };
    await refused(
      gather(without('lipids'), answered),
      'required-data-unavailable',
      'lipids: operation-outcome',
    );
  });

  it('records an optional list that is lacking, and goes on', async () => {
    assert.deepEqual(await stateOf(gather(without('medications')), 'medications'), { state: 'not-supplied' });
    assert.deepEqual(
      await stateOf(
        gather(without('medications'), { [medications]: { failed: 'throttled' } }),
        'medications',
      ),
      {
        state: 'fetch-failed',
        reason: 'throttled',
      },
    );
  });

  it('Q7: reads in parallel under one deadline', async () => {
    const slow = {
      'Patient/1': { after: 40, body: patient },
      [lipids]: { after: 40, body: bundle([]) },
      [medications]: { after: 40, body: bundle([]) },
    };
    const started = performance.now();
    await gather({}, slow);
    assert.ok(performance.now() - started < 110);
    await refused(
      gather(without('lipids'), { [lipids]: { after: 5_000, body: bundle([]) } }, { readBudgetMs: 30 }),
      'required-data-unavailable',
      'lipids: timeout',
    );
    const late = gather(
      without('medications'),
      { [medications]: { after: 5_000, body: bundle([]) } },
      { readBudgetMs: 30 },
    );
    assert.deepEqual(await stateOf(late, 'medications'), { state: 'fetch-failed', reason: 'timeout' });
  });

  it('discards everything once the whole answer is late', async () => {
    const signal = AbortSignal.timeout(20);
    await refused(
      gather(without('medications'), { [medications]: { after: 5_000, body: bundle([]) } }, { signal }),
      'deadline-passed',
    );
  });

  describe('wrong patient', () => {
    const foreign = observation('z', { subject: { reference: 'Patient/2' } });

    it('refuses prefetch of another patient before anything is read', async () => {
      const reader = memoryReader({});
      await refused(gather({ lipids: bundle([foreign]) }, reader), 'wrong-patient', 'prefetch.lipids');
      await refused(
        gather({ ...whole, patient: { resourceType: 'Patient', id: '2' } }, reader),
        'wrong-patient',
        'prefetch.patient',
      );
      await refused(
        gather({ ...whole, unasked: bundle([foreign]) }, reader),
        'wrong-patient',
        'prefetch.unasked',
      );
      await refused(
        gather({ ...whole, 'SECRET key': bundle([foreign]) }, reader),
        'wrong-patient',
        'prefetch.?',
      );
      assert.deepEqual(reader.asked, []);
    });

    it('refuses what the server sends of another patient, on any page', async () => {
      await refused(
        gather(without('lipids'), { [lipids]: bundle([foreign]) }),
        'wrong-patient',
        'fhirServer.lipids',
      );
      const paged = { ...whole, lipids: bundle([observation('p1')], 'next') };
      await refused(gather(paged, { next: bundle([foreign]) }), 'wrong-patient', 'fhirServer.lipids');
      await refused(
        gather(without('patient'), { 'Patient/1': { resourceType: 'Patient', id: '2' } }),
        'wrong-patient',
        'fhirServer.patient',
      );
    });

    it('refuses an authorization for another patient', async () => {
      const fhirAuthorization = {
        access_token: 't',
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'patient/*.read',
        subject: 's',
      };
      const body = (id: string) => ({ fhirServer, fhirAuthorization: { ...fhirAuthorization, patient: id } });
      await refused(
        gather(whole, undefined, { body: body('2') }),
        'wrong-patient',
        'fhirAuthorization.patient',
      );
      await gather(whole, undefined, { body: body('1') });
    });

    it('refuses a draft order for another patient, or for nobody', async () => {
      for (const draft of [{ subject: { reference: 'Patient/2' } }, {}]) {
        const context = {
          userId: 'Practitioner/1',
          patientId: '1',
          draftOrders: bundle([{ resourceType: 'ServiceRequest', ...draft }]),
        };
        await refused(
          gather(whole, undefined, { body: { context } }),
          'wrong-patient',
          'context.draftOrders',
        );
      }
    });

    it('knows references to the registered server from those to another', async () => {
      const at = (base: string) => ({
        ...whole,
        lipids: bundle([observation('a', { subject: { reference: `${base}/Patient/1` } })]),
      });
      await gather(at(fhirServer));
      await refused(gather(at('https://other.example/fhir')), 'wrong-patient', 'prefetch.lipids');
    });
  });

  it('takes each resource once, whichever lists carry it', async () => {
    const medications = bundle([prescription('m', '#x'), observation('a'), observation('b')]);
    assert.deepEqual(await idsOf(gather({ ...whole, medications })), ['1', 'a', 'm', 'b']);
  });
});
