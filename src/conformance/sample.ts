/** Correct hook requests for any service of any published hook, made from what its discovery entry says. */
import { randomUUID } from 'node:crypto';
import type { CdsService, HookName } from 'cds-hooks-types';
import type { Body } from './target.ts';

/** What a sample is made of when no real request is given. */
export interface SampleOptions {
  /** Real requests, at most one per hook: they win, with every id and date as it is. */
  readonly requests: readonly Body[];
  /** `context.patientId` of requests that the kit makes itself. */
  readonly patientId: string;
}

type Resource = { readonly resourceType: string; readonly [name: string]: unknown };

const encounterId = 'kit-encounter';
const userId = 'Practitioner/kit-clinician';

/**
 * A correct request that fills every prefetch key; undefined where the hook is not one of the library's and no
 * real request is given for it. `hookInstance` is new each time; `fhirServer` and its token are never taken over.
 * A read of what the kit does not know is `null`, a search that finds nothing an empty searchset.
 */
export function sampleRequest(service: CdsService, options: SampleOptions): Body | undefined {
  const real = options.requests.find(({ hook }) => hook === service.hook);
  const context = real?.context ?? contextOf(service.hook, options.patientId);
  if (!isObject(context)) return undefined;
  const sent = isObject(real?.prefetch) ? real.prefetch : {};
  const filled = Object.entries(service.prefetch ?? {}).map(([key, template]) => [
    key,
    key in sent ? sent[key] : resultOf(queryOf(template, context), context, sent),
  ]);
  const { fhirServer: _, fhirAuthorization: __, ...rest } = real ?? {};
  const prefetch = { ...sent, ...Object.fromEntries(filled) };
  const isEmpty = Object.keys(prefetch).length === 0;
  return structuredClone({
    ...rest,
    hook: service.hook,
    hookInstance: randomUUID(),
    context,
    ...(isEmpty ? {} : { prefetch }),
  });
}

/** A prefetch template with its tokens replaced; undefined where this context has no value for one of them. */
export function queryOf(template: string, context: Body): string | undefined {
  const tokens = [...template.matchAll(/\{\{\s*([^}]*?)\s*\}\}/g)].map(([, token = '']) => token);
  const values = tokens.map((token) => tokenValue(token, context));
  if (values.includes('')) return undefined;
  return values.reduce((query, value) => query.replace(/\{\{[^}]*\}\}/, () => value), template);
}

const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Empty where there is none. */
function tokenValue(token: string, context: Body): string {
  const value = token.startsWith('context.') ? context[token.slice('context.'.length)] : undefined;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  const user = typeof context.userId === 'string' ? context.userId : '';
  const [type = '', id = ''] = user.split('/');
  return token === `user${type}Id` ? id : '';
}

/** What a FHIR server that knows only this patient would answer. */
function resultOf(query: string | undefined, context: Body, sent: Body): Resource | null {
  if (query === undefined) return null;
  const [path = '', search] = query.split('?');
  const [type = '', id = ''] = path.split('/');
  const patient = patientAmong(sent) ?? adult(String(context.patientId));
  if (search !== undefined) {
    const isPatient = type === 'Patient' && new URLSearchParams(search).get('_id') === patient.id;
    return searchset(isPatient ? [patient] : []);
  }
  if (type === 'Patient' && id === patient.id) return patient;
  if (type === 'Encounter' && id === context.encounterId) return encounter(id, String(context.patientId));
  if (type === 'Practitioner' && context.userId === path) return { resourceType: 'Practitioner', id };
  return null;
}

const patientAmong = (sent: Body): Resource | undefined =>
  Object.values(sent).find((value): value is Resource => isObject(value) && value.resourceType === 'Patient');

/** A bundle as a search brings it. */
export const searchset = (resources: readonly unknown[]): Resource => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: resources.length,
  ...(resources.length === 0 ? {} : { entry: resources.map((resource) => ({ resource })) }),
});

const adult = (id: string): Resource => ({
  resourceType: 'Patient',
  id,
  active: true,
  name: [{ family: 'Conformance', given: ['Test'] }],
  gender: 'female',
  birthDate: `${new Date().getUTCFullYear() - 55}-05-05`,
});

const encounter = (id: string, patientId: string): Resource => ({
  resourceType: 'Encounter',
  id,
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: `Patient/${patientId}` },
});

const order = (patientId: string, status: string): Resource => ({
  resourceType: 'MedicationRequest',
  id: 'kit-order',
  status,
  intent: 'order',
  subject: { reference: `Patient/${patientId}` },
  medicationCodeableConcept: {
    coding: [
      { system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '161', display: 'acetaminophen' },
    ],
  },
});

const collection = (resource: unknown): Resource => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [{ resource }],
});

const clinicalStatus = (system: string): unknown => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code: 'active' }],
});

const allergy = (patientId: string): Resource => ({
  resourceType: 'AllergyIntolerance',
  id: 'kit-allergy',
  clinicalStatus: clinicalStatus('allergyintolerance-clinical'),
  patient: { reference: `Patient/${patientId}` },
  code: { text: 'peanut' },
});

const condition = (patientId: string): Resource => ({
  resourceType: 'Condition',
  id: 'kit-condition',
  clinicalStatus: clinicalStatus('condition-clinical'),
  subject: { reference: `Patient/${patientId}` },
  code: { text: 'essential hypertension' },
});

const appointment = (patientId: string): Resource => ({
  resourceType: 'Appointment',
  id: 'kit-appointment',
  status: 'proposed',
  participant: [{ actor: { reference: `Patient/${patientId}` }, status: 'needs-action' }],
});

/** Required context of each published hook (CDS Hooks Library), beside the ids that all share. */
const contexts: Readonly<Record<HookName, (patientId: string) => Body>> = {
  'allergyintolerance-create': (id) => ({ userId, allergyIntolerance: allergy(id) }),
  'appointment-book': (id) => ({ userId, appointments: collection(appointment(id)) }),
  'encounter-discharge': () => ({ userId, encounterId }),
  'encounter-start': () => ({ userId, encounterId }),
  'medication-refill': (id) => ({ medications: collection(order(id, 'draft')) }),
  'medication-verify': (id) => ({ userId, medication: order(id, 'active') }),
  'order-dispatch': () => ({
    dispatchedOrders: ['ServiceRequest/kit-order'],
    performer: 'Organization/kit-lab',
  }),
  'order-select': (id) => ({
    userId,
    selections: ['MedicationRequest/kit-order'],
    draftOrders: collection(order(id, 'draft')),
  }),
  'order-sign': (id) => ({ userId, draftOrders: collection(order(id, 'draft')) }),
  'patient-view': () => ({ userId }),
  'problem-list-item-create': (id) => ({ userId, conditions: collection(condition(id)) }),
};

function contextOf(hook: string, patientId: string): Body | undefined {
  if (!Object.hasOwn(contexts, hook)) return undefined;
  return { patientId, ...contexts[hook as HookName](patientId) };
}

/** The context members without which a published hook is no request; empty for a hook that is not published. */
export function requiredContext(hook: string): readonly string[] {
  return Object.keys(contextOf(hook, 'x') ?? {});
}
