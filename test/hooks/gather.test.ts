import assert from 'node:assert/strict';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { type ErrorCode, Fault } from '../../src/errors.ts';
import { type Answer, type MemoryReader, memoryReader } from '../../src/fhir/memory-reader.ts';
import { parseEnvelope } from '../../src/hooks/envelope.ts';
import { type GatherOptions, gatherChart } from '../../src/hooks/gather.ts';

const fhirServer = 'https://ehr.example/fhir';
const now = new Date('2026-11-20T12:00:00Z');
const patient = { resourceType: 'Patient', id: '1' } as const;
const subject = { reference: 'Patient/1' };
const observation = (id: string, more: object = {}) =>
  ({ resourceType: 'Observation', id, status: 'final', code: {}, subject, ...more }) as Resource;
const prescription = (id: string, reference: string) =>
  ({
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    subject,
    medicationReference: { reference },
  }) as Resource;
const bundle = (resources: readonly unknown[], next?: string): Bundle => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource: resource as Resource })),
  ...(next === undefined ? {} : { link: [{ relation: 'next', url: next }] }),
});
const outcome = (severity: string) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity, code: 'processing' }],
});

const lists = [
  { key: 'patient', query: 'Patient/{{context.patientId}}', required: true },
  {
    key: 'lipids',
    query: 'Observation?patient={{context.patientId}}&code=http://loinc.org|2093-3',
    required: true,
  },
  {
    key: 'medications',
    query: 'MedicationRequest?patient={{context.patientId}}&status=active',
    required: false,
  },
];
const lipids = 'Observation?patient=1&code=http://loinc.org|2093-3';
const medications = 'MedicationRequest?patient=1&status=active';
const whole = { patient, lipids: bundle([observation('a')]), medications: null };
const without = (key: string): object =>
  Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key));

function gather(
  prefetch: object,
  answers?: Record<string, Answer> | MemoryReader,
  more: Partial<GatherOptions> & { body?: object } = {},
) {
  const { body, ...options } = more;
  const request = parseEnvelope(
    {
      hook: 'patient-view',
      hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
      context: { userId: 'Practitioner/1', patientId: '1' },
      prefetch,
      ...body,
    },
    'patient-view',
  );
  const reader =
    answers === undefined
      ? undefined
      : typeof answers.read === 'function'
        ? (answers as MemoryReader)
        : memoryReader(answers as Record<string, Answer>);
  return gatherChart(request, lists, {
    reader,
    fhirServers: [fhirServer],
    now,
    signal: new AbortController().signal,
    ...options,
  });
}

const refused = (promise: Promise<unknown>, code: ErrorCode, ...details: string[]): Promise<void> =>
  assert.rejects(promise, (thrown) => {
    assert.ok(thrown instanceof Fault, String(thrown));
    assert.deepEqual([thrown.code, ...thrown.details], [code, ...details]);
    return true;
  });

const stateOf = async (chart: ReturnType<typeof gather>, key: string) => (await chart).supply.get(key);
const idsOf = async (chart: ReturnType<typeof gather>) => (await chart).resources.map(({ id }) => id);

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

  describe('pages', () => {
    const page = (at: number): string => `${fhirServer}?page=${at}`;
    const paged = { ...whole, lipids: bundle([observation('p1')], page(2)) };

    it('Q8: follows the pages of a prefetch and of its own reads', async () => {
      const answers = {
        [page(2)]: bundle([observation('p2')], page(3)),
        [page(3)]: bundle([observation('p3')]),
      };
      assert.deepEqual(await idsOf(gather(paged, answers)), ['1', 'p1', 'p2', 'p3']);
      const own = { ...answers, [lipids]: bundle([observation('p1')], page(2)) };
      assert.deepEqual(await idsOf(gather(without('lipids'), own)), ['1', 'p1', 'p2', 'p3']);
    });

    it('Q8: a list of which a page is lacking is partial, and none of it is used', async () => {
      await refused(gather(paged), 'required-data-unavailable', 'lipids: partial');
      await refused(gather(paged, {}), 'required-data-unavailable', 'lipids: partial');
      await refused(
        gather(paged, { [page(2)]: { failed: 'timeout' } }),
        'required-data-unavailable',
        'lipids: partial',
      );
      const optional = await gather({ ...whole, medications: bundle([prescription('m', '#x')], page(2)) });
      assert.deepEqual(optional.supply.get('medications'), { state: 'fetch-failed', reason: 'partial' });
      assert.deepEqual(
        optional.resources.map(({ id }) => id),
        ['1', 'a'],
      );
    });

    it('Q8: ends at a page that repeats, and after ten', async () => {
      await refused(
        gather(paged, { [page(2)]: bundle([], page(2)) }),
        'required-data-unavailable',
        'lipids: partial',
      );
      const circle = { [page(2)]: bundle([], page(3)), [page(3)]: bundle([], page(2)) };
      await refused(gather(paged, circle), 'required-data-unavailable', 'lipids: partial');
      const chain = (pages: number) =>
        memoryReader(
          Object.fromEntries(
            Array.from({ length: pages - 1 }, (_, at) => [
              page(at + 2),
              bundle([observation(`p${at + 2}`)], at + 2 < pages ? page(at + 3) : undefined),
            ]),
          ),
        );
      assert.equal((await idsOf(gather(paged, chain(10)))).length, 11);
      const endless = chain(50);
      await refused(gather(paged, endless), 'required-data-unavailable', 'lipids: partial');
      assert.equal(endless.asked.length, 9);
    });
  });

  describe('medications', () => {
    const ordered = {
      ...whole,
      medications: bundle([
        prescription('m1', 'Medication/x'),
        prescription('m2', `${fhirServer}/Medication/y`),
        prescription('m3', 'Medication/x/_history/1'),
        prescription('m4', '#in'),
      ]),
    };
    const medication = (id: string) => ({ resourceType: 'Medication', id }) as Resource;

    it('reads the ones that orders refer to, each once', async () => {
      const reader = memoryReader({
        'Medication/x': medication('x'),
        [`${fhirServer}/Medication/y`]: medication('y'),
      });
      assert.deepEqual((await idsOf(gather(ordered, reader))).slice(-2), ['x', 'y']);
      assert.deepEqual(reader.asked, ['Medication/x', `${fhirServer}/Medication/y`]);
    });

    it('reads none that came along', async () => {
      const reader = memoryReader({});
      await gather(
        { ...whole, medications: bundle([prescription('m1', 'Medication/x'), medication('x')]) },
        reader,
      );
      assert.deepEqual(reader.asked, []);
    });

    it('goes on without one that cannot be read', async () => {
      assert.deepEqual(await stateOf(gather(ordered, {}), 'medications'), { state: 'supplied' });
    });

    it('takes nothing else in its place', async () => {
      assert.deepEqual(await idsOf(gather(ordered, { 'Medication/x': patient })), [
        '1',
        'a',
        'm1',
        'm2',
        'm3',
        'm4',
      ]);
      const foreign = { 'Medication/x': { resourceType: 'Patient', id: '2' } as Resource };
      await refused(gather(ordered, foreign), 'wrong-patient', 'fhirServer.medications');
    });
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
    const chart = gather({ ...whole, medications: bundle([observation('a'), observation('b')]) });
    assert.deepEqual(await idsOf(chart), ['1', 'a', 'b']);
  });
});
