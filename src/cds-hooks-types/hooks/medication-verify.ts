import type { MedicationRequest } from '@medplum/fhirtypes';

/**
 * A pharmacist is ready to verify a signed order. Hook version 0.1.0, maturity 1; in the library source, not in its index.
 * @see https://build.fhir.org/ig/HL7/cds-hooks-library/medication-verify.html
 */
export interface MedicationVerifyContext {
  /** `Practitioner/…` or `PractitionerRole/…`. */
  readonly userId: string;
  /** `Patient.id` of the patient in context. */
  readonly patientId: string;
  /** `Encounter.id` of the encounter in context. */
  readonly encounterId?: string;
  /** The one signed, active order. */
  readonly medication: MedicationRequest;
}
