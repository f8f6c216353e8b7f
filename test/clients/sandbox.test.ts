import assert from 'node:assert/strict';
import { parseEnvelope } from '../../src/hooks/envelope.ts';
import { parseFeedback } from '../../src/hooks/feedback.ts';
import { profiles } from './profiles.ts';

/** Requests of the public sandbox, in the form its service-exchange.js builds. */
const order = {
  resourceType: 'MedicationRequest',
  id: 'request-123',
  status: 'draft',
  subject: { reference: 'Patient/smart-1288992' },
};
const context = { patientId: 'smart-1288992', userId: 'Practitioner/COREPRACTITIONER1' };
const draftOrders = { resourceType: 'Bundle', entry: [{ resource: order }] };
const request = (hook: string, more: object) => ({
  hookInstance: '8fa6f8b2-0a3b-4a7a-8f0e-2f7f1fbf4c11',
  hook,
  fhirServer: 'https://launch.example/v/r4/fhir',
  context: { ...context, ...more },
});

describe('CDS Hooks sandbox, in', () => {
  const calls: Record<string, object> = {
    'patient-view': {},
    'order-select': { draftOrders, selections: ['MedicationRequest/request-123'] },
    'order-sign': { draftOrders },
  };
  for (const [hook, more] of Object.entries(calls)) {
    for (const profile of profiles.values()) {
      it(`Q2: its ${hook} is taken under the profile ${profile.id}`, () =>
        assert.equal(parseEnvelope(request(hook, more), hook, profile).hook, hook));
    }
  }

  it('F2: its feedback on a dismissed card is that of the specification', () => {
    const feedback = {
      card: '3665d2ff-4dde-47de-85d2-03b56deca418',
      outcome: 'overridden',
      outcomeTimestamp: '2020-08-25T21:18:16.375Z',
      overrideReason: {
        reason: {
          code: 'patient-requested-brand',
          system: 'http://terminology.cds-hooks.org/CodeSystem/OverrideReasons',
        },
      },
    };
    for (const profile of profiles.values())
      assert.deepEqual(parseFeedback({ feedback: [feedback] }, profile), [feedback]);
  });
});
