import type { AllergyIntolerance, MedicationRequest, Resource } from '@medplum/fhirtypes';
import type { Features, FeatureValue } from '../../src/features/feature.ts';
import { loadVocabulary } from '../../src/features/vocabulary.ts';
import type { Chart, PatientId, Supply } from '../../src/fhir/chart.ts';
import type { OrderView } from '../../src/findings/finder.ts';
import { readOrders } from '../../src/findings/orders.ts';

/** Orders and allergies for tests of findings, read by the real reader over the shipped vocabulary. */

export const vocabulary = loadVocabulary(`${import.meta.dirname}/../../vocabulary`);
export const now = new Date('2026-06-15T12:00:00Z');
const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';

export const coded = (code: string): { coding: { system: string; code: string }[] } => ({
  coding: [{ system: rxnorm, code }],
});

/** A MedicationRequest of one RxNorm code with its id; active unless it is said otherwise. */
export const request = (id: string, code: string, more: object = {}): MedicationRequest => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'active',
  intent: 'order',
  subject: { reference: 'Patient/p1' },
  medicationCodeableConcept: coded(code),
  ...more,
});

export const draft = (id: string, code: string, more: object = {}): MedicationRequest =>
  request(id, code, { status: 'draft', ...more });

/** A prescription that was stopped on a day, begun long before. */
export const stopped = (id: string, code: string, on: string): MedicationRequest =>
  request(id, code, {
    status: 'stopped',
    authoredOn: '2024-01-01',
    dispenseRequest: { validityPeriod: { end: on } },
  });

export const allergyTo = (concept: object, more: object = {}): AllergyIntolerance => ({
  resourceType: 'AllergyIntolerance',
  id: 'a1',
  patient: { reference: 'Patient/p1' },
  code: concept,
  ...more,
});

export interface Scene {
  readonly drafts?: readonly object[];
  readonly resources?: readonly object[];
  /** References of the selected drafts; all of them where it is not said. */
  readonly selected?: readonly string[];
  readonly supply?: Readonly<Record<string, Supply>>;
  readonly values?: Readonly<Record<string, FeatureValue>>;
  /** When values were measured; others now. */
  readonly at?: Readonly<Record<string, string>>;
}

export function chartOf({ drafts = [], resources = [], selected, supply = {} }: Scene): Chart {
  const lists: Readonly<Record<string, Supply>> = {
    medications: { state: 'supplied' },
    medicationHistory: { state: 'supplied' },
    allergies: { state: 'supplied' },
    ...supply,
  };
  const references = drafts.flatMap((each) => ('id' in each ? [`MedicationRequest/${String(each.id)}`] : []));
  return {
    patientId: 'p1' as PatientId,
    now,
    patient: undefined,
    supply: new Map(Object.entries(lists)),
    resources: resources as readonly Resource[],
    drafts: drafts as readonly Resource[],
    selected: new Set(selected ?? references),
  };
}

export const featuresOf = ({ values = {}, at = {} }: Scene): Features =>
  new Map(
    Object.entries(values).map(([name, value]) => [
      name,
      { kind: 'observed', value, at: at[name] ?? now.toISOString(), sources: [] },
    ]),
  );

export const viewOf = (scene: Scene): OrderView => readOrders(chartOf(scene), vocabulary, featuresOf(scene));
