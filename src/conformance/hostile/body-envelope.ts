/** JSON objects that are no hook request, or one that is too much. */
import type { Body } from '../target.ts';
import { type BodyAttack, marker, post } from './body-attack.ts';
import { listKeyOf, patientIdOf, patientKeyOf, planted, searchsetOf, withPrefetch } from './sample-parts.ts';

const requestSection = 'CDS Hooks 2.0, HTTP Request';
const consumption = 'CWE-400: uncontrolled resource consumption';

const bent = (
  id: string,
  rule: string,
  bend: (request: Body) => Body,
  more: Partial<BodyAttack> = {},
): BodyAttack => ({
  id,
  rule,
  source: requestSection,
  send: (stage) => post(stage, bend(stage.request())),
  ...more,
});

/** Members laid over the request. */
const over = (id: string, what: string, members: Body, more: Partial<BodyAttack> = {}): BodyAttack =>
  bent(id, `${what} is refused.`, (request) => ({ ...request, ...members }), more);

/** Members laid over its context. */
const inContext = (id: string, what: string, members: Body, more: Partial<BodyAttack> = {}): BodyAttack =>
  bent(
    id,
    `${what} is refused.`,
    (request) => ({ ...request, context: { ...Object(request.context), ...members } }),
    more,
  );

/** A value in place of the Patient, or under a key of our own where the service does not ask for one. */
const asPatient = (id: string, what: string, value: unknown): BodyAttack => ({
  ...{
    id,
    rule: `${what} under a prefetch key is refused.`,
    source: 'CDS Hooks 2.0, Prefetch Template: keys hold FHIR resources',
  },
  send: (stage) =>
    post(stage, withPrefetch(stage.request(), patientKeyOf(stage.ground.service) ?? 'patient', value)),
});

/** A searchset in place of a list. */
const asList = (
  id: string,
  what: string,
  bundle: (like: Body) => Body,
  more: Partial<BodyAttack> = {},
): BodyAttack => ({
  ...{ id, rule: `${what} breaks nothing.`, source: 'FHIR R4, Bundle', open: true },
  send: (stage) => {
    const request = stage.request();
    const list = listKeyOf(stage.ground.service) ?? { name: 'list', type: 'Observation' };
    const like = planted(request, list, { reference: `Patient/${patientIdOf(request)}` });
    return post(stage, withPrefetch(request, list.name, bundle(like)));
  },
  ...more,
});

/** A token for the kit's FHIR server, where there is one, with these members. */
const authorized = (id: string, what: string, members: Body, source = requestSection): BodyAttack => ({
  ...{ id, rule: `${what} is refused.`, source },
  send: (stage) => {
    const fhirServer = stage.target.fhir?.base ?? 'https://ehr.example/fhir';
    const token = {
      access_token: marker,
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'patient/*.read',
      subject: 'kit',
    };
    return post(stage, { ...stage.request(), fhirServer, fhirAuthorization: { ...token, ...members } });
  },
});

export const envelopeAttacks: readonly BodyAttack[] = [
  over('body-37', 'The hook of another service', { hook: 'some-other-hook' }),
  over('body-38', 'A hook in other letter case', { hook: 'PATIENT-VIEW' }),
  over('body-39', 'A list of hooks', { hook: ['patient-view'] }),
  over('body-40', 'A hookInstance that is no UUID', { hookInstance: marker }),
  over('body-41', 'A hookInstance that is a number', { hookInstance: 7 }),
  over('body-42', 'A context that is a list', { context: [{ patientId: marker }] }),
  over('body-43', 'A context that is text', { context: marker }),
  over('body-44', 'A context of null', { context: null }),
  inContext('body-45', 'A patientId that is a number', { patientId: 1288992 }),
  inContext('body-46', 'A patientId of null', { patientId: null }),
  inContext('body-47', 'An empty patientId', { patientId: '' }),
  inContext(
    'body-48',
    'A patientId that is an object',
    { patientId: { $ne: null } },
    { source: 'CWE-943: query injection' },
  ),
  inContext(
    'body-49',
    'A patientId that climbs',
    { patientId: '../Patient/1' },
    { source: 'CWE-22: path traversal; FHIR R4, id' },
  ),
  inContext(
    'body-50',
    'A patientId with a query behind it',
    { patientId: '1?_include=*&x=' },
    { source: 'CWE-74: injection; FHIR R4, id' },
  ),
  inContext(
    'body-51',
    'A patientId with a line break',
    { patientId: '1\r\nx-evil: 1' },
    { source: 'CWE-93: CRLF injection; FHIR R4, id' },
  ),
  inContext(
    'body-52',
    'A patientId of 100,000 letters',
    { patientId: 'a'.repeat(100_000) },
    { source: 'FHIR R4, id: at most 64 characters' },
  ),
  over('body-53', 'A prefetch that is a list', { prefetch: [] }),
  over('body-54', 'A prefetch that is text', { prefetch: marker }),
  asPatient('body-55', 'Text', marker),
  asPatient('body-56', 'A number', 42),
  asPatient('body-57', 'A list', [{ resourceType: 'Patient', id: marker }]),
  asPatient('body-58', 'An object without resourceType', { id: marker }),
  asPatient('body-59', 'A resourceType that is a number', { resourceType: 7, id: marker }),
  over('body-60', 'A fhirServer that is a number', { fhirServer: 443 }),
  over('body-61', 'A fhirServer that is no address', { fhirServer: marker }),
  over(
    'body-62',
    'A fhirServer that is a file',
    { fhirServer: 'file:///etc/passwd' },
    { source: 'hapi-fhir#7809' },
  ),
  over('body-63', 'A fhirAuthorization that is text', {
    fhirServer: 'https://ehr.example/fhir',
    fhirAuthorization: marker,
  }),
  authorized(
    'body-64',
    'An access token with a line break',
    { access_token: `${marker}\r\nx-evil: 1` },
    'CWE-93: CRLF injection',
  ),
  authorized('body-65', 'An access token that is a list', { access_token: [marker] }),
  bent(
    'body-66',
    '10,000 prefetch keys break nothing.',
    (request) => ({
      ...request,
      prefetch: {
        ...Object(request.prefetch),
        ...Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, null])),
      },
    }),
    { source: consumption, open: true },
  ),
  bent(
    'body-67',
    '10,000 members of the context break nothing.',
    (request) => ({
      ...request,
      context: {
        ...Object(request.context),
        ...Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`c${at}`, at])),
      },
    }),
    { source: consumption, open: true },
  ),
  asList(
    'body-68',
    'A list of 100,000 entries',
    () => ({ resourceType: 'Bundle', type: 'searchset', entry: Array.from({ length: 100_000 }, () => ({})) }),
    { source: consumption },
  ),
  asList('body-69', 'An entry that is an object', (like) => ({
    resourceType: 'Bundle',
    type: 'searchset',
    entry: { resource: like },
  })),
  asList('body-70', 'An entry of null, text or a number', () => ({
    resourceType: 'Bundle',
    type: 'searchset',
    entry: [null, marker, 7, []],
  })),
  asList('body-71', 'A resource that contains itself', (like) =>
    searchsetOf({
      ...like,
      id: 'a',
      contained: [{ ...like, id: 'b', hasMember: [{ reference: '#b' }], partOf: [{ reference: '#a' }] }],
    }),
  ),
  asList('body-72', 'A resource with values of wrong types', (like) =>
    searchsetOf({
      ...like,
      code: 7,
      status: [],
      valueQuantity: { value: marker, unit: {} },
      effectiveDateTime: {},
      onsetDateTime: 9,
      medicationCodeableConcept: 'x',
    }),
  ),
  asList('body-73', 'A resource with dates that are none', (like) =>
    searchsetOf({
      ...like,
      effectiveDateTime: '9999-99-99T99:99:99Z',
      onsetDateTime: '0000-00-00',
      authoredOn: marker,
      recordedDate: '2026-02-30',
    }),
  ),
  asList('body-74', 'A number beyond physiology', (like) =>
    searchsetOf({
      ...like,
      valueQuantity: { value: -1.7e308, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
    }),
  ),
  {
    ...asPatient('body-75', 'A Patient', undefined),
    rule: 'A Patient with members of wrong types breaks nothing.',
    open: true,
    send: (stage) => {
      const request = stage.request();
      const key = patientKeyOf(stage.ground.service) ?? 'patient';
      const patient = {
        resourceType: 'Patient',
        id: patientIdOf(request),
        birthDate: { y: 1 },
        name: marker,
        gender: 7,
        deceasedDateTime: [],
      };
      return post(stage, withPrefetch(request, key, patient));
    },
  },
];
