import type { Appointment, Bundle } from '@medplum/fhirtypes';

/**
 * Appointments are being scheduled. Hook version 1.0, maturity 1.
 * @see https://cds-hooks.hl7.org/hooks/STU1/appointment-book.html
 */
export interface AppointmentBookContext {
  /** `Practitioner/…`, `PractitionerRole/…`, `Patient/…` or `RelatedPerson/…`. */
  readonly userId: string;
  /** `Patient.id` of the patient in context. */
  readonly patientId: string;
  /** `Encounter.id` of the encounter in context. */
  readonly encounterId?: string;
  /** Appointments with status `proposed`. */
  readonly appointments: Bundle<Appointment>;
}
