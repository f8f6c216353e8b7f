/**
 * The user has opened a chart. Hook version 1.0, maturity 5.
 * @see https://cds-hooks.hl7.org/hooks/STU1/patient-view.html
 */
export interface PatientViewContext {
  /** `Practitioner/…`, `PractitionerRole/…`, `Patient/…` or `RelatedPerson/…`. */
  readonly userId: string;
  /** `Patient.id` of the patient in context. */
  readonly patientId: string;
  /** `Encounter.id` of the encounter in context. */
  readonly encounterId?: string;
}
