/** The open patient sets as charts: each patient's resources, and the instant of their newest event. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Bundle, Resource } from '@medplum/fhirtypes';

export interface OpenPatient {
  readonly id: string;
  readonly bundle: Bundle;
  /** The newest date in the chart: the clock to read it by. */
  readonly newest: Date;
}

/** Where the open data sets are (`AUSCULT_DATA`), or undefined when they are not here. */
export function openData(): string | undefined {
  const folder = resolve(process.env.AUSCULT_DATA ?? join(import.meta.dirname, '../../../shared/data'));
  return existsSync(join(folder, 'synthea-r4')) ? folder : undefined;
}

function lines(file: string): unknown[] {
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Synthea's transaction Bundles with their `urn:uuid` references resolved, as a FHIR server would on loading. */
export function syntheaPatients(folder: string): OpenPatient[] {
  return lines(join(folder, 'synthea-r4', 'bundles.ndjson.gz')).map((line) => {
    const bundle = line as Bundle;
    const resources = (bundle.entry ?? []).flatMap((entry) => entry.resource ?? []);
    const types = new Map(resources.map((resource) => [resource.id, resource.resourceType]));
    const text = JSON.stringify(resources).replaceAll(/"urn:uuid:([\w-]+)"/g, (whole, id: string) =>
      types.has(id) ? `"${types.get(id)}/${id}"` : whole,
    );
    return patientOf(JSON.parse(text));
  });
}

const mimicFiles = [
  'Patient',
  'Condition',
  'ConditionED',
  'Encounter',
  'EncounterED',
  'MedicationRequest',
  'ObservationVitalSignsED',
  'ObservationED',
];

/** The de-identified patients of the MIMIC-IV demo; each chart carries the Medications its requests point to. */
export function mimicPatients(folder: string): OpenPatient[] {
  const read = (name: string) =>
    lines(join(folder, 'mimic4-fhir-demo', 'fhir', `Mimic${name}.ndjson.gz`)) as Resource[];
  const medications = new Map(
    [...read('Medication'), ...read('MedicationMix')].map((resource) => [
      `Medication/${resource.id}`,
      resource,
    ]),
  );
  const charts = new Map<string, Resource[]>();
  for (const resource of mimicFiles.flatMap(read)) {
    const subject = resource.resourceType === 'Patient' ? `Patient/${resource.id}` : subjectOf(resource);
    charts.set(subject, [...(charts.get(subject) ?? []), resource]);
  }
  return [...charts.values()].map((resources) => {
    const used = new Set(resources.flatMap((resource) => medicationOf(resource) ?? []));
    return patientOf([...resources, ...[...used].flatMap((reference) => medications.get(reference) ?? [])]);
  });
}

const subjectOf = (resource: Resource): string =>
  (resource as { subject?: { reference?: string } }).subject?.reference ?? '';
const medicationOf = (resource: Resource): string | undefined =>
  (resource as { medicationReference?: { reference?: string } }).medicationReference?.reference;

function patientOf(resources: Resource[]): OpenPatient {
  const id = resources.find((resource) => resource.resourceType === 'Patient')?.id ?? '';
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map((resource) => ({ resource })),
  };
  return { id, bundle, newest: newestDate(resources) };
}

/** The newest timestamp of an event that has happened: an encounter, an observation, an order. */
function newestDate(resources: readonly Resource[]): Date {
  const times = resources
    .filter(({ resourceType }) => ['Observation', 'Encounter', 'MedicationRequest'].includes(resourceType))
    .flatMap((resource) => [
      ...JSON.stringify(resource).matchAll(/"(?:effectiveDateTime|authoredOn|end)":"([^"]+)"/g),
    ])
    .map((match) => Date.parse(match[1] ?? ''))
    .filter(Number.isFinite);
  return new Date(times.reduce((newest, time) => Math.max(newest, time), 0) + 60_000);
}
