import type { MedicationRequest, Resource } from '@medplum/fhirtypes';
import type { Feature, FeatureValue } from '../../src/features/feature.ts';
import type { Chart, PatientId } from '../../src/fhir/chart.ts';
import type { OrderView } from '../../src/findings/finder.ts';
import { readOrders } from '../../src/findings/orders.ts';
import { drugVocabulary } from '../features/dose-orders.ts';

/** What a view for finder tests is made of; a value that is not named is Missing. */
export interface ViewParts {
  readonly drafts?: readonly MedicationRequest[];
  readonly active?: readonly MedicationRequest[];
  readonly recent?: readonly MedicationRequest[];
  readonly values?: Readonly<Record<string, FeatureValue>>;
  /** When a value was measured. */
  readonly at?: Readonly<Record<string, string>>;
  /** Selected drafts by id; all of them where it is not said. */
  readonly selected?: readonly string[];
  readonly lists?: readonly string[];
}

const as =
  (status: 'active' | 'draft' | 'stopped') =>
  (request: MedicationRequest): MedicationRequest => ({
    ...request,
    status,
  });

/** The order view of a chart at noon of 15 June 2026, read by the real reader. */
export function viewOf(parts: ViewParts): OrderView {
  const drafts = (parts.drafts ?? []).map(as('draft'));
  const lists = parts.lists ?? ['medications', 'medicationHistory', 'conditions'];
  const resources: Resource[] = [
    ...(parts.active ?? []).map(as('active')),
    ...(parts.recent ?? []).map(as('stopped')),
  ];
  const chart: Chart = {
    patientId: 'p1' as PatientId,
    now: new Date('2026-06-15T12:00:00Z'),
    patient: undefined,
    supply: new Map(lists.map((key) => [key, { state: 'supplied' }])),
    resources,
    drafts,
    selected: new Set((parts.selected ?? drafts.map(({ id }) => id)).map((id) => `MedicationRequest/${id}`)),
  };
  return readOrders(
    chart,
    drugVocabulary,
    new Map(Object.entries(parts.values ?? {}).map(observed(parts.at ?? {}))),
  );
}

const observed =
  (at: Readonly<Record<string, string>>) =>
  ([name, value]: [string, FeatureValue]): [string, Feature] => [
    name,
    { kind: 'observed', value, sources: [], ...(at[name] === undefined ? {} : { at: at[name] }) },
  ];
