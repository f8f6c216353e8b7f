import type { AllergyIntolerance } from '@medplum/fhirtypes';

/**
 * An allergy or intolerance is being added to the list. Hook version 0.1.0, maturity 1.
 * @see https://cds-hooks.hl7.org/hooks/STU1/allergyintolerance-create.html
 */
export interface AllergyIntoleranceCreateContext {
  /** `Practitioner/…` or `PractitionerRole/…`. */
  readonly userId: string;
  /** `Patient.id` of the patient in context. */
  readonly patientId: string;
  /** `Encounter.id` of the encounter in context. */
  readonly encounterId?: string;
  readonly allergyIntolerance: AllergyIntolerance;
}
