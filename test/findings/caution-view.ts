import { join } from 'node:path';
import type { MedicationRequest, Resource } from '@medplum/fhirtypes';
import type { Feature, FeatureValue, Missing } from '../../src/features/feature.ts';
import { loadVocabulary } from '../../src/features/vocabulary.ts';
import type { Chart, PatientId } from '../../src/fhir/chart.ts';
import { rxnorm } from '../../src/fhir/coding.ts';
import type { OrderView } from '../../src/findings/finder.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { readOrders } from '../../src/findings/orders.ts';

/** The vocabulary we ship: rules name its values and sets. */
export const vocabulary = loadVocabulary(join(import.meta.dirname, '../../vocabulary'));

/** What a view is made of; drugs are RxNorm ingredients or products, or whole requests. */
export interface Parts {
  readonly drafts: readonly (string | MedicationRequest)[];
  readonly active?: readonly (string | MedicationRequest)[];
  /** A value that is not named is Missing(not-supplied). */
  readonly values?: Readonly<Record<string, FeatureValue | Missing>>;
  /** Drafts that the user did not choose, by their place. */
  readonly unselected?: readonly number[];
  /** The list of medications did not come. */
  readonly withoutList?: true;
  readonly vocabulary?: OrderView['vocabulary'];
}

/** Measured a month before the clock. */
export const measuredOn = '2026-05-15';

/** The order view of a chart on 15 June 2026, read by the real reader. */
export function viewOf({ drafts, active = [], values = {}, ...more }: Parts): OrderView {
  const requests = drafts.map(requestOf('draft'));
  const resources: Resource[] = active.map(requestOf('active'));
  const skipped = more.unselected ?? [];
  const chart: Chart = {
    patientId: 'p1' as PatientId,
    now: new Date('2026-06-15T12:00:00Z'),
    patient: undefined,
    supply: new Map(more.withoutList ? [] : [['medications', { state: 'supplied' }]]),
    resources,
    drafts: requests,
    selected: new Set(
      requests.filter((_, at) => !skipped.includes(at)).map(({ id }) => `MedicationRequest/${id}`),
    ),
  };
  const features = new Map(Object.entries(values).map(([name, told]) => [name, featureOf(told)]));
  return readOrders(chart, more.vocabulary ?? vocabulary, features);
}

const featureOf = (told: FeatureValue | Missing): Feature =>
  typeof told === 'object'
    ? told
    : { kind: 'observed', value: told, sources: [], ...(typeof told === 'number' ? { at: measuredOn } : {}) };

const requestOf =
  (status: 'draft' | 'active') =>
  (drug: string | MedicationRequest, at: number): MedicationRequest =>
    typeof drug === 'string' ? order(drug, { id: `${status}-${at}`, status }) : { ...drug, status };

/** An order of one drug by its RxNorm code. */
export const order = (code: string, more: Partial<MedicationRequest> = {}): MedicationRequest => ({
  resourceType: 'MedicationRequest',
  id: `order-${code}`,
  status: 'draft',
  intent: 'order',
  subject: { reference: 'Patient/p1' },
  medicationCodeableConcept: { coding: [{ system: rxnorm, code }] },
  ...more,
});

export const brief = (found: readonly Finding[]): readonly string[] =>
  found.map(({ rule, severity }) => `${rule} ${severity}`);

/** What must be true of every finding, whatever it says. */
export function faultsOf(found: readonly Finding[]): readonly string[] {
  return found.flatMap(({ rule, words, values, source, actions }) => [
    ...(words.problem.length <= 60 ? [] : [`${rule}: long problem`]),
    ...(words.subject !== '' && words.subject.length <= 24 ? [] : [`${rule}: subject ${words.subject}`]),
    ...(source.label === '' ? [`${rule}: no source`] : []),
    ...values.filter((name) => !vocabulary.entries.has(name)).map((name) => `${rule}: no value ${name}`),
    ...(actions.length === 1 ? [] : [`${rule}: actions`]),
  ]);
}
