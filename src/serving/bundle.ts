/** A FHIR Bundle as a chart: what a model may be asked about without a hook and without a FHIR server. */
import type { Bundle, Patient, Resource } from '@medplum/fhirtypes';
import { Fault } from '../errors.ts';
import { listsFor } from '../features/lists.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import { isFhirId } from '../fhir/base.ts';
import type { Chart, PatientId, Supply } from '../fhir/chart.ts';
import { refuseOtherPatients } from '../fhir/patient-match.ts';
import { readPrefetch } from '../hooks/prefetch.ts';
import type { Manifest } from '../inference/manifest.ts';
import { Refusal } from './refusal.ts';

/** Names of the clinical values that a model takes. */
export const valuesOf = ({ inputs }: Manifest): readonly string[] =>
  inputs.flatMap((input) => (input.kind === 'control' ? [] : [input.value]));

export interface BundleOptions {
  readonly vocabulary: Vocabulary;
  readonly now: Date;
  /** Is the Bundle all that is known of the patient? Then a type of which it holds nothing is a finding. */
  readonly whole: boolean;
}

/**
 * The chart that a Bundle makes for one model. A list of the chart counts as supplied where the Bundle holds a resource
 * of its type, or is the whole record; else its absence says nothing, and its values are missing: not-supplied.
 * @throws Refusal unreadable-bundle: no Bundle, an error inside, a next page, not exactly one Patient with an id; Fault wrong-patient
 */
export function chartOf(body: Record<string, unknown>, manifest: Manifest, options: BundleOptions): Chart {
  const { vocabulary, now, whole } = options;
  const resources = resourcesOf(body);
  const patient = patientOf(resources);
  const patientId = patient.id as PatientId;
  refuseOtherPatients([['Bundle', body]], { patientId, fhirServers: [] });
  const needed = valuesOf(manifest).map((name) => ({ name, required: false }));
  const types = new Set<string>(resources.map(({ resourceType }) => resourceType));
  const supply = listsFor(vocabulary, needed).map(({ key, query }): readonly [string, Supply] => {
    const state = whole || types.has(query.split(/[/?]/, 1)[0] ?? '') ? 'supplied' : 'not-supplied';
    return [key, { state }];
  });
  return {
    patientId,
    now,
    patient,
    supply: new Map(supply),
    resources: eachOnce(resources),
    drafts: [],
    selected: new Set(),
  };
}

const unreadable = (detail: string): Refusal => new Refusal('unreadable-bundle', [detail]);

function resourcesOf(body: Record<string, unknown>): readonly Resource[] {
  if (body.resourceType !== 'Bundle') throw unreadable('it is no Bundle');
  const reading = readPrefetch(body as unknown as Bundle, '?');
  if (reading.kind !== 'page') throw unreadable('its entries cannot be read');
  if (reading.next !== undefined) throw unreadable('it has a next page');
  return reading.resources;
}

function patientOf(resources: readonly Resource[]): Patient {
  const patients = resources.filter((each): each is Patient => each.resourceType === 'Patient');
  const [patient] = patients;
  if (patient === undefined) throw unreadable('it holds no Patient');
  if (new Set(patients.map(({ id }) => id)).size > 1) throw new Fault('wrong-patient', ['Bundle']);
  if (typeof patient.id !== 'string' || !isFhirId(patient.id)) throw unreadable('its Patient has no id');
  return patient;
}

/** By type and id: the first stands for all. */
function eachOnce(resources: readonly Resource[]): readonly Resource[] {
  const seen = new Set<string>();
  return resources.filter(({ resourceType, id }) => {
    if (id === undefined) return true;
    const name = `${resourceType}/${id}`;
    return !seen.has(name) && seen.add(name);
  });
}
