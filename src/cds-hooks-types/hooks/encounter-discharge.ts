/**
 * The patient is being discharged from an inpatient encounter. Hook version 1.0, maturity 1.
 * @see https://cds-hooks.hl7.org/hooks/STU1/encounter-discharge.html
 */
export interface EncounterDischargeContext {
  /** `Practitioner/…` or `PractitionerRole/…`. */
  readonly userId: string;
  /** `Patient.id` of the patient in context. */
  readonly patientId: string;
  /** `Encounter.id` of the encounter in context. */
  readonly encounterId: string;
}
