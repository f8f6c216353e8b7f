import assert from 'node:assert/strict';
import { discovery } from '../../src/hooks/discovery.ts';

const service = {
  id: 'cardiovascular-risk',
  hook: 'patient-view',
  title: 'Cardiovascular risk',
  description: 'Estimates ten-year risk.',
  lists: [
    { key: 'patient', query: 'Patient/{{context.patientId}}', required: true },
    { key: 'conditions', query: 'Condition?patient={{context.patientId}}', required: false },
  ],
};

describe('discovery', () => {
  it('D1: no services is an empty list', () => assert.deepEqual(discovery([]), { services: [] }));

  it('D2: describes a service, its prefetch derived from its lists', () => {
    assert.deepEqual(discovery([service]), {
      services: [
        {
          hook: 'patient-view',
          title: 'Cardiovascular risk',
          description: 'Estimates ten-year risk.',
          id: 'cardiovascular-risk',
          prefetch: {
            patient: 'Patient/{{context.patientId}}',
            conditions: 'Condition?patient={{context.patientId}}',
          },
        },
      ],
    });
  });

  it('J2: leaves out the prefetch of a service that needs none', () => {
    assert.equal('prefetch' in (discovery([{ ...service, lists: [] }]).services[0] ?? {}), false);
  });
});
