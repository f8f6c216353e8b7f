import type { Patient, Resource } from '@medplum/fhirtypes';
import { extract } from '../../src/features/extract.ts';
import type { Feature, ValueName } from '../../src/features/feature.ts';
import { loadVocabulary, type Vocabulary } from '../../src/features/vocabulary.ts';
import type { Chart, PatientId, Supply } from '../../src/fhir/chart.ts';

/** Charts for tests, built from the little a case has to say. */

export const vocabulary = loadVocabulary(`${import.meta.dirname}/../../vocabulary`);
export const now = new Date('2026-06-15T12:00:00Z');

const fixedLists = [
  'patient',
  'conditions',
  'medications',
  'medicationHistory',
  'allergies',
  'procedures',
  'serviceRequests',
  'encounters',
];
const supplied: Supply = { state: 'supplied' };

export interface ChartParts {
  readonly patient?: object | null;
  readonly resources?: readonly object[];
  /** Lists that did not come as they should; all others were supplied. */
  readonly supply?: Readonly<Record<string, Supply>>;
  readonly now?: string;
  readonly encounterId?: string;
}

export function chartOf(parts: ChartParts): Chart {
  const patient = parts.patient === undefined ? { birthDate: '1966-01-01', gender: 'female' } : parts.patient;
  const supply = new Map<string, Supply>(
    [...fixedLists, ...vocabulary.groups.keys()].map((key) => [key, supplied] as const),
  );
  for (const [key, state] of Object.entries(parts.supply ?? {})) supply.set(key, state);
  return {
    patientId: 'p1' as PatientId,
    now: parts.now === undefined ? now : new Date(parts.now),
    patient: patient === null ? undefined : ({ resourceType: 'Patient', id: 'p1', ...patient } as Patient),
    supply,
    resources: (parts.resources ?? []) as readonly Resource[],
    drafts: [],
    selected: new Set(),
    ...(parts.encounterId === undefined ? {} : { encounterId: parts.encounterId }),
  };
}

/** One value of a chart. */
export function featureOf(name: ValueName, parts: ChartParts, words: Vocabulary = vocabulary): Feature {
  const chart = chartOf(parts);
  const supply = new Map([
    ...[...words.groups.keys()].map((key) => [key, supplied] as const),
    ...chart.supply,
  ]);
  const feature = extract({ ...chart, supply }, words, [name]).get(name);
  if (feature === undefined) throw new Error(`${name} was not extracted`);
  return feature;
}

const ucum = 'http://unitsofmeasure.org';
let count = 0;
const id = (): string => `r${++count}`;

/** `value unit` in UCUM at a time, final. */
export function lab(
  code: string,
  value: unknown,
  unit: string | undefined,
  at: string | undefined,
  more: object = {},
): object {
  return {
    resourceType: 'Observation',
    id: id(),
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    ...(at === undefined ? {} : { effectiveDateTime: at }),
    valueQuantity: { value, ...(unit === undefined ? {} : { unit, system: ucum, code: unit }) },
    ...more,
  };
}

/** A blood pressure panel with its systolic component. */
export function bloodPressure(systolic: number, at: string, more: object = {}): object {
  return {
    resourceType: 'Observation',
    id: id(),
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
    effectiveDateTime: at,
    component: [
      {
        code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
        valueQuantity: { value: systolic, unit: 'mmHg', system: ucum, code: 'mm[Hg]' },
      },
    ],
    ...more,
  };
}

/** An Observation with a coded answer. */
export function answer(code: string, system: string, value: string, at: string): object {
  return {
    resourceType: 'Observation',
    id: id(),
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    effectiveDateTime: at,
    valueCodeableConcept: { coding: [{ system, code: value }] },
  };
}

export const snomed = 'http://snomed.info/sct';
export const icd10cm = 'http://hl7.org/fhir/sid/icd-10-cm';
export const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';

export function condition(system: string, code: string, more: object = {}): object {
  return { resourceType: 'Condition', id: id(), code: { coding: [{ system, code }] }, ...more };
}

export const clinically = (status: string): object => ({ clinicalStatus: { coding: [{ code: status }] } });
export const verified = (status: string): object => ({ verificationStatus: { coding: [{ code: status }] } });

export function prescription(concept: object, more: object = {}): object {
  return {
    resourceType: 'MedicationRequest',
    id: id(),
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: concept,
    ...more,
  };
}

export const drug = (code: string): object => ({ coding: [{ system: rxnorm, code }] });

export function allergy(code: object, more: object = {}): object {
  return { resourceType: 'AllergyIntolerance', id: id(), code, ...more };
}
