import type { Bundle, MedicationRequest } from '@medplum/fhirtypes';

/**
 * A refill of an existing prescription is requested, often with nobody at a screen. Hook version 0.1.0, maturity 1.
 * @see https://cds-hooks.hl7.org/hooks/STU1/medication-refill.html
 */
export interface MedicationRefillContext {
  /** `Practitioner/…` or `PractitionerRole/…`. */
  readonly userId?: string;
  /** `Patient.id` of the patient in context. */
  readonly patientId: string;
  /** `Encounter.id` of the encounter in context. */
  readonly encounterId?: string;
  /** Requests with status `draft` and intent `order`. */
  readonly medications: Bundle<MedicationRequest>;
}
