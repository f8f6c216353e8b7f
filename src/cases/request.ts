import type { Resource } from '@medplum/fhirtypes';
import { loadChart, rollDates } from '../../fixtures/charts.ts';
import { answer } from '../../fixtures/requests.ts';
import type { Service } from '../card/service.ts';
import type { FhirReader } from '../fhir/reader.ts';
import type { Case } from './case.ts';

/** The hook call of a case, and the EHR's FHIR server, which holds just this chart: asked for what prefetch cannot bring. */
export function requestOf(
  one: Case,
  service: Service,
): { readonly reader: FhirReader; readonly body: object } {
  const { patientId, resources, drafts } = chartOf(one);
  const bundle = {
    resourceType: 'Bundle' as const,
    type: 'collection' as const,
    entry: resources.map(entryOf),
  };
  const found = (query: string) => answer(bundle, query.replaceAll('{{context.patientId}}', patientId));
  const prefetch = Object.fromEntries(service.lists.map(({ key, query }) => [key, found(query)]));
  const draftOrders = { resourceType: 'Bundle', type: 'collection', entry: drafts.map(entryOf) };
  const context = {
    userId: 'Practitioner/case',
    patientId,
    ...(one.encounter === undefined ? {} : { encounterId: one.encounter }),
    ...(service.hook.startsWith('order-') ? { draftOrders } : {}),
    ...(service.hook === 'order-select' ? { selections: drafts.map(referenceOf) } : {}),
  };
  const reader: FhirReader = {
    read: async (query) => {
      const body = found(query);
      return body === null ? { kind: 'failed', reason: 'not-found' } : { kind: 'read', body };
    },
  };
  return { reader, body: { hook: service.hook, hookInstance: crypto.randomUUID(), context, prefetch } };
}

const entryOf = (resource: Resource) => ({ resource });
const referenceOf = ({ resourceType, id }: Resource): string => `${resourceType}/${id}`;

function chartOf({ chart = '', clock, add = [], without = [], drafts = [] }: Case) {
  const { bundle, patientId } = loadChart(chart, clock);
  const own = (resources: readonly object[]): readonly Resource[] =>
    JSON.parse(rollDates(JSON.stringify(resources).replaceAll('{{patient}}', patientId), clock));
  const kept = (bundle.entry ?? []).flatMap(({ resource }) =>
    resource === undefined ||
    without.includes(resource.resourceType) ||
    without.includes(referenceOf(resource))
      ? []
      : [resource],
  );
  return { patientId, resources: [...kept, ...own(add)], drafts: own(drafts) };
}
