import assert from 'node:assert/strict';
import { parseRegistrations, sandboxRegistration } from '../../src/hooks/registration.ts';

const key = { kty: 'EC', crv: 'P-384', x: 'x', y: 'y', kid: 'k1', alg: 'ES384' };
const ehr = {
  id: 'https://ehr.example',
  name: 'General Hospital',
  fhirServers: ['https://ehr.example/fhir/'],
  jwks: { keys: [key] },
  app: { clientId: 'auscult', origin: 'https://ehr.example' },
};
const parse = (...items: unknown[]) => parseRegistrations(JSON.stringify(items));

describe('registrations', () => {
  it('read an EHR with inline keys, its bases in their one spelling', () => {
    assert.deepEqual(parse(ehr), [{ ...ehr, fhirServers: ['https://ehr.example/fhir'] }]);
  });

  it('read an EHR with the address of its keys', () => {
    const { jwks: _, ...rest } = ehr;
    assert.equal(
      parse({ ...rest, jwksUrl: 'https://ehr.example/jwks' })[0]?.jwksUrl,
      'https://ehr.example/jwks',
    );
  });

  const wrong: Record<string, readonly [readonly unknown[], RegExp]> = {
    'an empty list': [[], /the list: is empty/],
    'no id': [[{ ...ehr, id: undefined }], /EHR 1, id:/],
    'no FHIR server': [[{ ...ehr, fhirServers: [] }], /EHR 1, fhirServers:/],
    'a FHIR server that is no URL': [
      [ehr, { ...ehr, fhirServers: ['ehr'] }],
      /EHR 2, fhirServers.0: is not an http\(s\) URL/,
    ],
    'plain http outside a private network': [
      [{ ...ehr, fhirServers: ['http://ehr.example/fhir'] }],
      /fhirServers: is not https/,
    ],
    'no keys': [[{ ...ehr, jwks: undefined }], /has neither jwks nor jwksUrl/],
    'a private key': [[{ ...ehr, jwks: { keys: [{ ...key, d: 'd' }] } }], /jwks.keys.0: is a private key/],
    'a symmetric key': [
      [{ ...ehr, jwks: { keys: [{ kty: 'oct', k: 'k', kid: '1' }] } }],
      /is neither EC nor RSA/,
    ],
    'a key without kid': [[{ ...ehr, jwks: { keys: [{ ...key, kid: undefined }] } }], /jwks.keys.0.kid:/],
    'keys over http': [[{ ...ehr, jwksUrl: 'http://ehr.example/jwks' }], /jwksUrl: is not an https URL/],
    'tokens of more than an hour': [[{ ...ehr, maxTokenSeconds: 3601 }], /maxTokenSeconds/],
    'an app origin that would add a directive': [
      [{ ...ehr, app: { clientId: 'c', origin: 'https://e.example; script-src *' } }],
      /app.origin: is not an origin/,
    ],
    'a member it does not know': [[{ ...ehr, fhirServer: 'x' }], /fhirServer/],
    'one id twice': [
      [ehr, { ...ehr, fhirServers: ['https://b.example'] }],
      /registers https:\/\/ehr.example twice/,
    ],
    'one FHIR server for two': [[ehr, { ...ehr, id: 'b' }], /gives https:\/\/ehr.example\/fhir to two EHRs/],
    'the public sandbox': [[{ ...ehr, id: 'https://sandbox.cds-hooks.org' }], /its private key is published/],
    'the public sandbox by its keys': [
      [{ ...ehr, jwksUrl: 'https://sandbox.cds-hooks.org/.well-known/jwks.json' }],
      /its private key is published/,
    ],
  };
  for (const [what, [items, message]] of Object.entries(wrong)) {
    it(`refuse ${what}`, () => assert.throws(() => parse(...items), message));
  }

  it('refuse what is not JSON, without quoting it', () => {
    assert.throws(
      () => parseRegistrations('SECRET'),
      (error: Error) => /not JSON/.test(error.message) && !/SECRET/.test(error.message),
    );
  });

  it('take plain http on a private network', () => {
    assert.equal(
      parse({ ...ehr, fhirServers: ['http://10.0.0.5/fhir'], allowPrivateNetwork: true }).length,
      1,
    );
  });

  it('the sandbox is this server by each loopback name', () => {
    assert.deepEqual(sandboxRegistration(3000).fhirServers, [
      'http://localhost:3000/sandbox/fhir',
      'http://127.0.0.1:3000/sandbox/fhir',
      'http://[::1]:3000/sandbox/fhir',
    ]);
  });
});
