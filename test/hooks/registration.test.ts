import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import {
  checkServices,
  issuerOf,
  mayCall,
  parseRegistrations,
  sandboxRegistration,
} from '../../src/hooks/registration.ts';
import { profiles } from './tokens/world.ts';

const jwk = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
const key = { ...jwk, kid: 'k1', alg: 'ES384' };
const ehr = {
  id: 'https://ehr.example',
  name: 'General Hospital',
  fhirServers: ['https://ehr.example/fhir/'],
  jwks: { keys: [key] },
  app: { clientId: 'auscult', origin: 'https://ehr.example' },
};
const second = { ...ehr, id: 'b', fhirServers: ['https://b.example/fhir'] };
const tenant = (name: string | undefined) => ({
  ...second,
  id: `tenant ${name}`,
  issuer: ehr.id,
  tenant: name,
  fhirServers: [`https://${name}.example/fhir`],
});
const certificates = ['ab'.repeat(32)];
const gateway = { ...second, profile: 'medplum', jwks: undefined, certificates };
const parse = (...items: unknown[]) => parseRegistrations(JSON.stringify(items), profiles);

describe('registrations', () => {
  it('read an EHR with inline keys: bases in their one spelling, keys ready to verify', () => {
    const [read] = parse(ehr);
    assert.deepEqual(read?.fhirServers, ['https://ehr.example/fhir']);
    assert.deepEqual(
      read?.jwks?.keys.map(({ kid, alg }) => [kid, alg]),
      [['k1', 'ES384']],
    );
    assert.equal(read?.profile, 'cds-hooks-2.0');
    assert.deepEqual(read && issuerOf(read), 'https://ehr.example');
  });

  it('read an EHR with the address of its keys', () => {
    const jwksUrl = 'https://ehr.example/jwks';
    assert.equal(parse({ ...ehr, jwks: undefined, jwksUrl })[0]?.jwksUrl, jwksUrl);
  });

  it('K6: read two tenants of one issuer', () => {
    const read = parse({ ...ehr, tenant: 'a' }, tenant('b'), tenant('c'));
    assert.deepEqual(read.map(issuerOf), Array(3).fill('https://ehr.example'));
  });

  it('K8: read fingerprints in any usual spelling, as one', () => {
    const colons = `${'AB:'.repeat(31)}AB`;
    assert.deepEqual(parse({ ...gateway, certificates: [colons] })[0]?.certificates, certificates);
  });

  it('services: none listed means all', () => {
    const [all, some] = parse(ehr, { ...second, services: ['kidney'] });
    assert.ok(all && some);
    assert.deepEqual([mayCall(all, 'x'), mayCall(some, 'kidney'), mayCall(some, 'x')], [true, true, false]);
    checkServices([all, some], ['kidney']);
    assert.throws(
      () => checkServices([all, some], ['liver']),
      /^Error: REGISTRATIONS: EHR 2, services.0: there is no service "kidney"$/,
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
    'a profile that is none': [
      [ehr, { ...second, profile: 'epci' }],
      /^Error: REGISTRATIONS: EHR 2, profile: there is no profile "epci"$/,
    ],
    'no keys': [[{ ...ehr, jwks: undefined }], /EHR 1, entry: has neither jwks nor jwksUrl/],
    'certificates in place of keys': [
      [{ ...ehr, jwks: undefined, certificates }],
      /has neither jwks nor jwksUrl/,
    ],
    'a client without JWT and without certificate': [
      [{ ...gateway, certificates: undefined }],
      /EHR 1, certificates: is missing: clients of profile medplum send no JWT/,
    ],
    'a client without JWT that has keys instead of a certificate': [
      [{ ...ehr, profile: 'medplum' }],
      /EHR 1, certificates: is missing/,
    ],
    'a fingerprint of another digest': [
      [{ ...gateway, certificates: ['ab'.repeat(20)] }],
      /EHR 1, certificates.0: is not a SHA-256 fingerprint/,
    ],
    'a certificate of another EHR': [
      [{ ...ehr, certificates }, gateway],
      /EHR 2, certificates: lists a certificate of another EHR/,
    ],
    'a private key': [[{ ...ehr, jwks: { keys: [{ ...key, d: 'd' }] } }], /jwks.keys.0: is a private key/],
    'a symmetric key': [
      [{ ...ehr, jwks: { keys: [{ kty: 'oct', k: 'k', kid: '1' }] } }],
      /jwks.keys.0.kty: is neither EC nor RSA/,
    ],
    'a key without kid': [
      [{ ...ehr, jwks: { keys: [{ ...key, kid: undefined }] } }],
      /jwks.keys.0.kid: is missing/,
    ],
    'a key for another algorithm': [
      [{ ...ehr, jwks: { keys: [{ ...key, alg: 'RS384' }] } }],
      /jwks.keys.0: is not for ES384/,
    ],
    'two keys of one name': [[{ ...ehr, jwks: { keys: [key, key] } }], /jwks: names ES384 key k1 twice/],
    'no key in the set': [[{ ...ehr, jwks: { keys: [] } }], /jwks.keys:/],
    'keys over http': [[{ ...ehr, jwksUrl: 'http://ehr.example/jwks' }], /jwksUrl: is not an https URL/],
    'keys that serve stale for a day': [[{ ...ehr, staleKeySeconds: 86_400 }], /staleKeySeconds/],
    'tokens of more than an hour': [[{ ...ehr, maxTokenSeconds: 3601 }], /maxTokenSeconds/],
    'an app origin that would add a directive': [
      [{ ...ehr, app: { clientId: 'c', origin: 'https://e.example; script-src *' } }],
      /app.origin: is not an origin/,
    ],
    'a browser origin that is any': [[{ ...ehr, origins: ['*'] }], /origins.0: is not an origin/],
    'a browser origin that is null': [[{ ...ehr, origins: ['null'] }], /origins.0: is not an origin/],
    'a browser origin with a path': [
      [{ ...ehr, origins: ['https://ehr.example/page'] }],
      /origins.0: is not an origin/,
    ],
    'a browser origin in capitals': [
      [{ ...ehr, origins: ['https://EHR.example'] }],
      /origins.0: is not an origin/,
    ],
    'a browser origin over http': [[{ ...ehr, origins: ['http://ehr.example'] }], /origins: is not https/],
    'a member it does not know': [[{ ...ehr, fhirServer: 'x' }], /fhirServer/],
    'one id twice': [[ehr, { ...second, id: ehr.id }], /registers https:\/\/ehr.example twice/],
    'one FHIR server for two': [[ehr, { ...ehr, id: 'b' }], /gives https:\/\/ehr.example\/fhir to two EHRs/],
    'one issuer for two': [
      [ehr, { ...second, issuer: ehr.id }],
      /EHR 2, tenant: does not tell it from another EHR of issuer https:\/\/ehr.example/,
    ],
    'one issuer for two, one with a tenant': [[ehr, tenant('a')], /EHR 1, tenant: does not tell it from/],
    'one tenant twice': [
      [tenant('a'), { ...tenant('a'), id: 'c', fhirServers: ['https://c.example'] }],
      /EHR 2, tenant: does not tell it from/,
    ],
  };
  for (const [what, [items, message]] of Object.entries(wrong)) {
    it(`refuse ${what}`, () => assert.throws(() => parse(...items), message));
  }

  const sandbox: Record<string, object> = {
    'by its id': { id: 'https://sandbox.cds-hooks.org' },
    'by its id with a slash': { id: 'https://sandbox.cds-hooks.org/' },
    'by its issuer': { issuer: 'https://Sandbox.CDS-Hooks.org.' },
    'by its host alone': { issuer: 'sandbox.cds-hooks.org' },
    'by its keys': { jwks: undefined, jwksUrl: 'https://sandbox.cds-hooks.org:8443/.well-known/jwks.json' },
    'by its published key under another name': {
      jwks: {
        keys: [
          {
            kty: 'EC',
            crv: 'P-384',
            kid: 'mine',
            x: 'dw_JGR8nB2I6XveNxUOl2qk699ZPLM2nYI5STSdiEl9avAkrm3CkfYMbrrjr8laB',
            y: 'Sm3mLE-n1zYNla_aiE3cb3nZsL51RbC7ysw3q8aJLxGm-hx79RPMYpITDjp7kgzy',
          },
        ],
      },
    },
  };
  for (const [how, fields] of Object.entries(sandbox)) {
    it(`K6: refuse the public CDS Hooks sandbox ${how}`, () =>
      assert.throws(() => parse({ ...ehr, ...fields }), /its private key is published/));
  }

  it('name every problem at once, a line each', () => {
    assert.throws(
      () => parse({ ...ehr, id: '', profile: 'x', jwks: { keys: [{ ...key, use: 'enc' }] } }),
      (error: Error) => error.message.split('\n').length === 3,
    );
  });

  it('refuse what is not JSON, without quoting it', () => {
    assert.throws(
      () => parseRegistrations('SECRET', profiles),
      (error: Error) => /not JSON/.test(error.message) && !/SECRET/.test(error.message),
    );
  });

  it('take plain http on a private network', () => {
    const inside = { fhirServers: ['http://10.0.0.5/fhir'], origins: ['http://10.0.0.5:8080'] };
    assert.equal(parse({ ...ehr, ...inside, allowPrivateNetwork: true }).length, 1);
  });

  it('the sandbox is this server by each loopback name', () => {
    const { fhirServers, profile } = sandboxRegistration(3000);
    assert.equal(profile, 'cds-hooks-sandbox');
    assert.deepEqual(fhirServers, [
      'http://localhost:3000/sandbox/fhir',
      'http://127.0.0.1:3000/sandbox/fhir',
      'http://[::1]:3000/sandbox/fhir',
    ]);
  });
});
