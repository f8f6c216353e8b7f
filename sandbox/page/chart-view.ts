/** What one patient's chart page shows, read from the FHIR store. Values, units and dates as recorded, never converted. */
import type {
  AllergyIntolerance,
  CodeableConcept,
  Condition,
  MedicationRequest,
  Observation,
  Patient,
  Resource,
  ServiceRequest,
} from '@medplum/fhirtypes';
import type { ChartRepository } from '../fhir/repository.ts';
import { type CourseView, readCourse } from './encounters.ts';
import { type Dose, doseOf } from './formulary.ts';
import { laboratory, type Measurement, social, vitalSigns } from './measurements.ts';

export interface ChartView extends CourseView {
  readonly patient: PatientView;
  readonly problems: readonly ProblemView[];
  readonly medications: readonly MedicationView[];
  readonly orders: readonly MedicationView[];
  readonly allergies: readonly AllergyView[];
  readonly vitals: readonly Measurement[];
  readonly labs: readonly Measurement[];
  readonly social: readonly Measurement[];
}

export interface PatientView {
  readonly id: string;
  /** "Family, Given" */
  readonly name: string;
  readonly sex: string;
  /** Completed years at the clock; undefined without a birth date. */
  readonly age: number | undefined;
  readonly birthDate: string;
  readonly recordNumber: string;
}

export interface ProblemView {
  readonly text: string;
  readonly onset: string;
  /** Only said when it is not simply active. */
  readonly status: string;
}

export interface MedicationView {
  readonly id: string;
  readonly kind: 'MedicationRequest' | 'ServiceRequest';
  readonly text: string;
  readonly dosage: string;
  readonly since: string;
  readonly status: string;
  /** As the order form shows it. */
  readonly dose: Dose;
}

export interface AllergyView {
  readonly text: string;
  readonly reaction: string;
  readonly isHigh: boolean;
  /** "No known allergy": said, but no allergy. */
  readonly isNone: boolean;
}

/** @throws OperationOutcomeError (404) when there is no such patient. */
export async function readChart(
  repository: ChartRepository,
  patientId: string,
  now: Date,
): Promise<ChartView> {
  const patient = await repository.readResource<Patient>('Patient', patientId);
  const [conditions, requests, services, allergies, observations, course] = await Promise.all([
    repository.ofPatient<Condition>('Condition', patientId),
    repository.ofPatient<MedicationRequest>('MedicationRequest', patientId),
    repository.ofPatient<ServiceRequest>('ServiceRequest', patientId),
    repository.ofPatient<AllergyIntolerance>('AllergyIntolerance', patientId),
    repository.ofPatient<Observation>('Observation', patientId),
    readCourse(repository, patientId, now),
  ]);
  const medications = await Promise.all(requests.map((request) => medicationView(request, repository)));
  const drafts = services.filter(({ status }) => status === 'draft');
  return {
    patient: patientView(patient, now),
    problems: conditions.map(problemView),
    medications: medications.filter(({ status }) => status !== 'draft').toSorted(activeFirst),
    orders: [
      ...medications.filter(({ status }) => status === 'draft'),
      ...drafts.map((order) => orderView(order.id ?? '', order.code, order.authoredOn)),
    ],
    allergies: allergies.map(allergyView),
    vitals: vitalSigns(observations),
    labs: laboratory(observations),
    social: social(observations),
    ...course,
  };
}

export function patientView(patient: Patient, now: Date): PatientView {
  const name = patient.name?.[0];
  return {
    id: patient.id ?? '',
    name: [name?.family, name?.given?.join(' ')].filter(Boolean).join(', '),
    sex: patient.gender ?? 'unknown',
    age: patient.birthDate === undefined ? undefined : completedYears(patient.birthDate, now),
    birthDate: patient.birthDate ?? '',
    recordNumber: patient.identifier?.[0]?.value ?? '',
  };
}

function completedYears(birthDate: string, now: Date): number {
  const today = now.toISOString().slice(0, 10);
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return today.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

function problemView(condition: Condition): ProblemView {
  const clinical = condition.clinicalStatus?.coding?.[0]?.code;
  const verification = condition.verificationStatus?.coding?.[0]?.code;
  return {
    text: textOf(condition.code),
    onset: condition.onsetDateTime ?? '',
    status: [
      clinical === 'active' ? '' : (clinical ?? 'no status'),
      verification === 'confirmed' ? '' : verification,
    ]
      .filter(Boolean)
      .join(', '),
  };
}

async function medicationView(
  request: MedicationRequest,
  repository: ChartRepository,
): Promise<MedicationView> {
  return {
    id: request.id ?? '',
    kind: 'MedicationRequest',
    text: await medicationName(request, repository),
    dosage: request.dosageInstruction?.[0]?.text ?? '',
    since: request.authoredOn ?? '',
    status: request.status ?? '',
    dose: doseOf(request),
  };
}

/** Coded on the request, in a contained Medication, or in one that it refers to. */
async function medicationName(request: MedicationRequest, repository: ChartRepository): Promise<string> {
  const { medicationCodeableConcept, medicationReference, contained } = request;
  if (medicationCodeableConcept !== undefined) {
    return textOf(medicationCodeableConcept);
  }
  const reference = medicationReference?.reference ?? '';
  const medication: Resource | undefined = reference.startsWith('#')
    ? contained?.find(({ id }) => id === reference.slice(1))
    : await repository.readReference({ reference }).catch(() => undefined);
  return medication?.resourceType === 'Medication'
    ? textOf(medication.code)
    : (medicationReference?.display ?? 'Medication not found');
}

function orderView(id: string, code: CodeableConcept | undefined, since: string | undefined): MedicationView {
  const dose = { amount: 1, unit: '', frequency: 1, asNeeded: false };
  return {
    id,
    kind: 'ServiceRequest',
    text: textOf(code),
    dosage: '',
    since: since ?? '',
    status: 'draft',
    dose,
  };
}

const noKnownAllergy = ['716186003', '409137002', '428607008'];

function allergyView(allergy: AllergyIntolerance): AllergyView {
  return {
    text: textOf(allergy.code),
    reaction: allergy.reaction?.[0]?.manifestation?.[0]?.text ?? '',
    isHigh: allergy.criticality === 'high',
    isNone: allergy.code?.coding?.some(({ code }) => noKnownAllergy.includes(code ?? '')) ?? false,
  };
}

function activeFirst(a: MedicationView, b: MedicationView): number {
  return Number(b.status === 'active') - Number(a.status === 'active') || b.since.localeCompare(a.since);
}

export function textOf(concept: CodeableConcept | undefined): string {
  return concept?.text ?? concept?.coding?.[0]?.display ?? concept?.coding?.[0]?.code ?? 'not coded';
}
