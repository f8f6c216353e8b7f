import assert from 'node:assert/strict';
import { launcherOf } from '../../src/smart/registration.ts';

const ehr = {
  id: 'https://ehr.example',
  fhirServers: ['https://ehr.example/fhir'],
  app: { clientId: 'auscult', origin: 'https://ehr.example' },
};

describe('smart/registration', () => {
  it('SMART 1: finds the EHR of a FHIR base in whatever spelling, and no other', () => {
    const found = launcherOf([ehr], 'https://EHR.example:443/fhir/');
    assert.deepEqual([found.issuer, found.fhirServer], [ehr.id, 'https://ehr.example/fhir']);
    for (const iss of ['https://ehr.example/fhir2', 'https://ehr.example/fhir%2f', 'nonsense'])
      assert.throws(() => launcherOf([ehr], iss), { code: 'launch-refused' });
  });

  it('an EHR that names no origin frames nothing', () => {
    const { frameAncestors } = launcherOf(
      [{ ...ehr, app: { clientId: 'auscult' } }],
      'https://ehr.example/fhir',
    );
    assert.equal(frameAncestors, "'none'");
  });
});
