import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MedicationRequest } from '@medplum/fhirtypes';
import { type Context, indexChart } from '../../src/features/context.ts';
import { missing } from '../../src/features/feature.ts';
import { buildVocabulary } from '../../src/features/vocabulary.ts';
import type { Chart, PatientId } from '../../src/fhir/chart.ts';

/** Orders for dose tests, built from the little a case has to say. Codes are RxNorm products of the drug index. */

const folder = join(import.meta.dirname, '../../vocabulary');
const sets = readdirSync(join(folder, 'valuesets')).map((file) => join(folder, 'valuesets', file));

/** The drugs and value sets of the vocabulary, without its clinical values. */
export const drugVocabulary = buildVocabulary([
  {
    groups: new Map(),
    valueSets: new Map(sets.map((file) => [file, JSON.parse(readFileSync(file, 'utf8')) as unknown])),
    drugs: readFileSync(join(folder, 'drugs.tsv'), 'utf8'),
  },
]);

export const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const gts = 'http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation';
export const ucumUnit = (value: number, code: string) => ({
  value,
  unit: code,
  system: 'http://unitsofmeasure.org',
  code,
});
export const tablets = (value: number) => ({ value, unit: 'tablet' });
export const coded = (code: string) => ({ code: { coding: [{ system: gts, code }] } });
export const every = (frequency: number, period: number, periodUnit: string, more: object = {}) => ({
  repeat: { frequency, period, periodUnit, ...more },
});
export const daily = every(1, 1, 'd');

/** One instruction: a dose and a timing. */
export const take = (doseQuantity: object, timing: object, more: object = {}) => ({
  doseAndRate: [{ doseQuantity }],
  timing,
  ...more,
});

/** A draft of one product with these instructions. */
export function order(code: string, instructions: readonly object[], more: object = {}): MedicationRequest {
  return {
    resourceType: 'MedicationRequest',
    id: `m${code}`,
    status: 'draft',
    intent: 'order',
    subject: { reference: 'Patient/p1' },
    medicationCodeableConcept: { coding: [{ system: rxnorm, code }] },
    dosageInstruction: [...instructions],
    ...more,
  } as MedicationRequest;
}

export const products = {
  oxycodone15: '1049613',
  oxycodoneAcetaminophen5: '1049221',
  oxycodoneAlone: '7804',
  fentanylPatch25: '245134',
  lispro: '242120',
  albuterolInhaler: '745752',
  enoxaparin30: '854228',
  apixaban5: '1364445',
  atorvastatin40: '617311',
  metformin1000: '861004',
} as const;

/** Orders of a chart. */
export interface InForce {
  readonly active?: readonly object[];
  readonly drafts?: readonly MedicationRequest[];
  readonly list?: boolean;
}

/** The context of one value over active orders and drafts, without any other value. */
export function contextOf({ active = [], drafts = [], list = true }: InForce): Context {
  const resources = active.map((each) => ({ status: 'active', ...each }) as MedicationRequest);
  const chart: Chart = {
    patientId: 'p1' as PatientId,
    now: new Date('2026-06-15T12:00:00Z'),
    patient: undefined,
    supply: new Map([['medications', { state: list ? 'supplied' : 'not-supplied' }]]),
    resources,
    drafts,
    selected: new Set(),
  };
  return {
    chart,
    vocabulary: drugVocabulary,
    index: indexChart(chart, drugVocabulary),
    feature: () => missing('not-supplied'),
  };
}
