import assert from 'node:assert/strict';
import { fitCards } from '../../src/card/fit.ts';
import { Fault } from '../../src/errors.ts';
import { parseEnvelope } from '../../src/hooks/envelope.ts';
import { parseFeedback } from '../../src/hooks/feedback.ts';
import { readPrefetch } from '../../src/hooks/prefetch.ts';
import { profileOf } from './profiles.ts';

const epic = profileOf('epic');
const trigger = 'com.epic.cdshooks.request.bpa-trigger-action';
const base = 'https://ehr.example/interconnect/api/FHIR/R4';

/** A patient-view request in the form of Epic's tutorial. */
const request = {
  hookInstance: 'f399c67c-c703-11ea-af16-460231621f93',
  fhirServer: base,
  hook: 'patient-view',
  fhirAuthorization: {
    access_token: 'header.payload.signature',
    token_type: 'Bearer',
    expires_in: 300,
    scope:
      'ALLERGYINTOLERANCE.READ Observation.Read (Labs) (R4) urn:Epic-com:Informatics.2014.Services.Order.AnnotateOrders condition.create(diagn',
    subject: 'aeac3da7-6481-45af-ad41-42e5e701141d',
  },
  context: {
    patientId: 'eXoGxqgBaJuNkuahMYmiDhg3',
    encounterId: 'eFyoeOuWgXtlQmOQzPdkQWwy3s8a49yrUc-LtjwhWT6g3',
    userId: 'PractitionerRole/e-QokEGUJIzyynNdkCFrs9w3',
  },
  prefetch: {
    '-user': { resourceType: 'PractitionerRole', id: 'e-QokEGUJIzyynNdkCFrs9w3' },
    conditions: {
      resourceType: 'Bundle',
      type: 'searchset',
      total: 0,
      entry: [
        {
          resource: {
            resourceType: 'OperationOutcome',
            issue: [{ severity: 'warning', code: 'processing' }],
          },
          search: { mode: 'outcome' },
        },
      ],
    },
  },
  extension: {
    [trigger]: '60',
    'com.epic.cdshooks.request.cds-hooks-specification-version': '1.0',
    'com.epic.cdshooks.request.fhir-version': 'R4',
    'internal.epic.cdshooks.request.epic-emp-id': '17805',
  },
};
const triggered = (value: unknown) => ({ ...request, extension: { ...request.extension, [trigger]: value } });
const isMismatch = (thrown: unknown) => thrown instanceof Fault && thrown.code === 'hook-mismatch';

describe('Epic, in', () => {
  it('Q2: a request in the form of its tutorial is a patient-view', () => {
    const read = parseEnvelope(request, 'patient-view', epic);
    assert.equal(read.hook, 'patient-view');
    assert.deepEqual(read.context, request.context);
    assert.deepEqual([...read.prefetch.keys()], ['-user', 'conditions']);
  });

  it('Q5: its "none found" is an empty list', () =>
    assert.deepEqual(readPrefetch(request.prefetch.conditions, 'Condition?patient=1'), {
      kind: 'page',
      resources: [],
    }));

  for (const [hook, value] of [
    ['encounter-start', '26'],
    ['encounter-start', 26],
    ['encounter-discharge', '27'],
  ] as const) {
    it(`Q2: trigger ${JSON.stringify(value)} is ${hook}`, () => {
      const read = parseEnvelope(triggered(value), hook, epic);
      assert.equal(read.hook, hook);
      assert.equal(read.context.patientId, request.context.patientId);
    });
  }

  it('Q2: every trigger may call a service on patient-view, which is what Epic sends it as', () => {
    for (const value of ['5', '18', '26', undefined])
      assert.equal(parseEnvelope(triggered(value), 'patient-view', epic).hook, 'patient-view');
  });

  it('Q2: no other trigger, form or extension is an admission', () => {
    for (const value of ['27', '60', '18', undefined, null, ['26', '27'], { 26: 1 }, 'constructor', ''])
      assert.throws(() => parseEnvelope(triggered(value), 'encounter-start', epic), isMismatch);
    for (const extension of [undefined, null, '26', [], { 'bpa-trigger-action': '26' }])
      assert.throws(() => parseEnvelope({ ...request, extension }, 'encounter-start', epic), isMismatch);
    const signed = { ...triggered('26'), hook: 'order-sign' };
    assert.throws(() => parseEnvelope(signed, 'encounter-start', epic), isMismatch);
  });

  it('Q2: towards any other client the extension means nothing', () => {
    for (const profile of [undefined, profileOf('cds-hooks-2.0'), profileOf('medplum')])
      assert.throws(() => parseEnvelope(triggered('26'), 'encounter-start', profile), isMismatch);
  });

  it('Q2: an admission still needs its encounter', () => {
    const { encounterId: _, ...context } = request.context;
    assert.throws(() => parseEnvelope({ ...triggered('26'), context }, 'encounter-start', epic), {
      code: 'malformed-request',
    });
  });

  it('takes draft orders with the Medications they refer to', () => {
    const draftOrders = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        {
          resource: {
            resourceType: 'MedicationRequest',
            medicationReference: { reference: 'Medication/m.1' },
          },
        },
        { resource: { resourceType: 'Medication', id: 'm.1' } },
      ],
    };
    const selections = [`MedicationRequest/${'ez067mnwOAKP5z1.YJwRAsd9'.repeat(8)}`];
    const context = { ...request.context, draftOrders, selections };
    const read = parseEnvelope({ ...request, hook: 'order-select', context }, 'order-select', epic);
    assert.deepEqual(read.context, context);
  });
});

const card = '123456';
const overridden = { card, outcome: 'overridden', outcomeTimestamp: '2022-05-19T19:44:04Z' };
const read = (overrideReasons: unknown) =>
  parseFeedback({ feedback: [{ ...overridden, overrideReasons }] }, epic)[0];

describe('Epic, feedback', () => {
  const reason = { code: 'contraindicated', display: 'bad', system: 'http: //example.org/override-reasons' };
  const builtIn = {
    extension: {
      'com.epic.cdshooks.feedback.overrideReason.reasonCategory': '45',
      'com.epic.cdshooks.feedback.overrideReason.reasonDisplay': 'Does not meet criteria',
      'com.epic.cdshooks.feedback.overrideReason.reasonTitle': 'Does not meet criteria',
    },
    userComment: 'User entered free text',
  };

  it('F2: reads a reason and the words beside it, as its tutorial has them', () => {
    const sent = { reason, userComment: 'User entered free text' };
    const entry = read(sent);
    assert.deepEqual(entry?.overrideReason, sent);
    assert.deepEqual(entry?.extension, { 'auscult.overrideReasons': sent });
    assert.equal(entry?.card, card);
    assert.equal(entry?.outcomeTimestamp, '2022-05-19T19:44:04.000Z');
  });

  it('F2: reads a reason built in Epic, which comes as an extension', () => {
    const entry = read(builtIn);
    assert.deepEqual(entry?.overrideReason, {
      reason: {
        system: 'com.epic.cdshooks.feedback.overrideReason',
        code: '45',
        display: 'Does not meet criteria',
      },
      userComment: 'User entered free text',
    });
    assert.deepEqual(entry?.extension?.['auscult.overrideReasons'], builtIn);
  });

  it('F2: keeps every one of several reasons, the first as the reason', () => {
    const several = [{ reason }, builtIn, { userComment: 'and more' }];
    const entry = read(several);
    assert.deepEqual(entry?.overrideReason, { reason });
    assert.deepEqual(entry?.extension?.['auscult.overrideReasons'], several);
    assert.deepEqual(read([reason, builtIn])?.overrideReason, { reason });
  });

  it('F2: keeps the words where there is no code, and what it cannot read at all', () => {
    assert.deepEqual(read({ reason: { display: 'x' }, userComment: 'why' })?.overrideReason, {
      userComment: 'why',
    });
    assert.deepEqual(read({ reason: { ...reason, system: '' }, userComment: '' })?.overrideReason, {
      reason: { code: 'contraindicated', display: 'bad' },
    });
    for (const odd of [[], {}, 'no thanks', [7], null]) {
      const entry = read(odd);
      assert.equal(entry?.overrideReason, undefined);
      assert.deepEqual(entry?.extension, { 'auscult.overrideReasons': odd });
    }
  });

  it('F2: takes the form of the specification too, and its own checks stay', () => {
    const standard = { ...overridden, overrideReason: { reason } };
    assert.deepEqual(parseFeedback({ feedback: [standard] }, epic)[0]?.overrideReason, { reason });
    const both = { ...standard, overrideReasons: [builtIn] };
    const [kept] = parseFeedback({ feedback: [both] }, epic);
    assert.deepEqual(
      [kept?.overrideReason, kept?.extension],
      [{ reason }, { 'auscult.overrideReasons': [builtIn] }],
    );
    const accepted = { ...overridden, outcome: 'accepted', acceptedSuggestions: [{ id: 'g' }] };
    const [entry] = parseFeedback({ feedback: [{ ...accepted, overrideReasons: builtIn }] }, epic);
    assert.deepEqual(entry?.extension, { 'auscult.overrideReasons': builtIn });
    for (const outcome of ['banana', 'accepted'])
      assert.throws(() => parseFeedback({ feedback: [{ ...overridden, outcome }] }, epic), Fault);
  });
});

describe('Epic, out', () => {
  it('A7: of the two statins of a warning the first goes, under any, described, by an RxNorm code', () => {
    const order = (code: string) => ({
      label: code,
      uuid: '7d3b8a0e-8a0e-4f57-9ac1-6fb2a2a9d4e1',
      actions: [
        {
          type: 'create' as const,
          description: `Create ${code}`,
          resource: {
            resourceType: 'MedicationRequest' as const,
            status: 'draft' as const,
            intent: 'proposal' as const,
            subject: { reference: 'Patient/1' },
            medicationCodeableConcept: {
              coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code }],
            },
          },
        },
      ],
    });
    const { cards, dropped } = fitCards(
      [
        {
          summary: 's',
          indicator: 'warning',
          source: { label: 'G' },
          suggestions: [order('617311'), order('859751')],
          selectionBehavior: 'at-most-one',
        },
      ],
      epic.card,
    );
    assert.deepEqual(dropped, ['suggestion']);
    assert.equal(cards[0]?.selectionBehavior, 'any');
    assert.match(JSON.stringify(cards), /urn:oid:2\.16\.840\.1\.113883\.6\.88","code":"617311"/);
    assert.doesNotMatch(JSON.stringify(cards), /859751/);
  });
});
