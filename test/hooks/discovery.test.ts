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

  it('D3: tells a client of 3.0, and no other, the versions of CDS Hooks and of the hook', () => {
    const hooks = ['patient-view', 'order-dispatch', 'medication-verify', 'com.example.own-hook'];
    const described = discovery(
      hooks.map((hook) => ({ ...service, hook })),
      { spec: '3.0' },
    ).services;
    assert.deepEqual(
      described.map(({ version, hookVersion }) => [version, hookVersion]),
      [
        ['3.0.0', '1.0'],
        ['3.0.0', '1.1'],
        ['3.0.0', '0.1.0'],
        ['3.0.0', undefined],
      ],
    );
    assert.ok(!('hookVersion' in (described[3] ?? {})));
    for (const two of [discovery([service]), discovery([service], { spec: '2.0' })])
      assert.ok(two.services.every((each) => !('version' in each) && !('hookVersion' in each)));
  });

  it('J2: leaves out the prefetch of a service that needs none', () => {
    assert.equal('prefetch' in (discovery([{ ...service, lists: [] }]).services[0] ?? {}), false);
  });
});
