/** Hook calls in which one piece of data is of another patient, in every place and spelling there is. */
import { compartmentRule, compartmentTypes } from '../../src/fhir/compartment.ts';

type Json = Readonly<Record<string, unknown>>;

export const fhirBase = 'https://ehr.example/fhir';
const urn = 'urn:uuid:11111111-1111-4111-8111-111111111111';
const bundle = (...entry: readonly unknown[]): Json => ({ resourceType: 'Bundle', type: 'searchset', entry });
const held = (resource: unknown, fullUrl?: string): Json => ({ ...(fullUrl ? { fullUrl } : {}), resource });

/** The resource of a type that names its patient so. */
export function naming(type: string, subject: unknown): Json {
  const [path = 'subject'] = compartmentRule(type).elements;
  const [outer = '', inner] = path.split('.');
  return { resourceType: type, id: 'r', [outer]: inner === undefined ? subject : [{ [inner]: subject }] };
}

/** Another id that is easily taken for this one. */
export const lookalikes: readonly ((id: string) => string)[] = [
  (id) => `${id}1`,
  (id) => `x${id}`,
  (id) => id.slice(1),
  (id) => id.slice(0, -1),
  (id) => `${id}.`,
  (id) => (id === id.toUpperCase() ? id.toLowerCase() : id.toUpperCase()),
  (id) => [...id].reverse().join(''),
  (id) => `${id}-2`,
  (id) => id.replace(/.$/, (last) => (last === '0' ? 'O' : '0')),
  () => 'somebody-else',
];

/** A record that is not of `me`, but of `other` or of nobody that can be told. */
export const strangers: readonly ((me: string, other: string, type: string) => unknown)[] = [
  (_, other, type) => naming(type, { reference: `Patient/${other}` }),
  (_, other, type) => naming(type, { reference: `${fhirBase}/Patient/${other}` }),
  (_, other, type) => naming(type, { reference: `Patient/${other}/_history/1` }),
  (me, other, type) => naming(type, { reference: `Patient/${other}/_history/${me}` }),
  (me, _, type) => naming(type, { reference: `https://other.example/fhir/Patient/${me}` }),
  (me, _, type) => naming(type, { reference: `${fhirBase}/x/Patient/${me}` }),
  (me, _, type) => naming(type, { identifier: { value: me } }),
  (me, _, type) => naming(type, { display: `Patient/${me}` }),
  (me, _, type) => naming(type, { reference: me }),
  (me, _, type) => naming(type, `Patient/${me}`),
  (me, _, type) => naming(type, { reference: `#${me}` }),
  (me, _, type) => naming(type, { reference: `Patient?_id=${me}` }),
  (me, other, type) => naming(type, { reference: `Patient/${other}/../${me}` }),
  (me, _, type) => naming(type, { reference: `Group/${me}` }),
  (_, __, type) => ({ resourceType: type, id: 'r' }),
  (_, __, type) => naming(type, { reference: urn }),
  (_, other, type) =>
    bundle(held({ resourceType: 'Patient', id: other }, urn), held(naming(type, { reference: urn }))),
  (me, other, type) => naming(type, [{ reference: `Patient/${me}` }, { reference: `Patient/${other}` }]),
  (_, other) => ({ resourceType: 'Patient', id: other }),
  () => ({ resourceType: 'Patient' }),
  (_, other) => naming('Device', { reference: `Patient/${other}` }),
];

/** Where such a record can be: itself, in a Bundle, among right ones, in one, in Parameters, in a list. */
export const hidings: readonly ((stranger: unknown, me: string) => unknown)[] = [
  (stranger) => stranger,
  (stranger) => bundle(held(stranger)),
  (stranger, me) =>
    bundle(
      ...[1, 2, 3].map(() => held(naming('Observation', { reference: `Patient/${me}` }))),
      held(stranger),
    ),
  (stranger) => bundle(held(bundle(held(stranger)))),
  (stranger, me) =>
    bundle(
      held({
        ...naming('MedicationRequest', { reference: `Patient/${me}` }),
        contained: [naming('Device', undefined), named(stranger)],
      }),
    ),
  (stranger) => ({ resourceType: 'Parameters', parameter: [{ name: 'x', resource: stranger }] }),
  (stranger) => bundle({ response: { outcome: stranger } }),
  (stranger) =>
    bundle(held({ resourceType: 'Medication', id: 'm', extension: [{ url: 'x', valueX: stranger }] })),
];

/** What a resource contains shares its container's patient unless it names one: then nobody stays nobody. */
const named = (stranger: unknown): unknown => {
  const { resourceType = '', ...rest } = stranger as { resourceType?: string };
  const silent = Object.keys(rest).every((key) => key === 'id') && resourceType !== 'Patient';
  return silent ? naming(resourceType, { reference: 'Patient/nobody-we-know' }) : stranger;
};

export interface MixUp {
  readonly me: string;
  readonly request: Json & { readonly context: Json; readonly prefetch: Json };
  /** Brought by the FHIR server in place of the prefetch. */
  readonly fetched?: unknown;
}

export const places = ['prefetch', 'unasked', 'draftOrders', 'fhirAuthorization', 'fhirServer'] as const;
export type Place = (typeof places)[number];

/** One hook call, sound but for the piece in that place. */
export function mixUp(me: string, other: string, piece: unknown, place: Place): MixUp {
  const patient = { resourceType: 'Patient', id: me };
  const right = bundle(held(naming('Observation', { reference: `Patient/${me}` })));
  const context = { userId: 'Practitioner/1', patientId: me };
  const request = {
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    context,
    prefetch: { patient, list: right },
  };
  switch (place) {
    case 'prefetch':
      return { me, request: { ...request, prefetch: { patient, list: piece } } };
    case 'unasked':
      return { me, request: { ...request, prefetch: { ...request.prefetch, other: piece } } };
    case 'draftOrders':
      return { me, request: { ...request, context: { ...context, draftOrders: piece } } };
    case 'fhirAuthorization':
      return { me, request: { ...request, fhirAuthorization: { patient: other } } };
    case 'fhirServer':
      return { me, request: { ...request, prefetch: { patient } }, fetched: piece };
  }
}

export { compartmentTypes };
