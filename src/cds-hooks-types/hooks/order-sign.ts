import type { Bundle } from '@medplum/fhirtypes';

/**
 * The user is about to sign orders. Hook version 1.1.0 (1.0 published), maturity 5.
 * @see https://cds-hooks.hl7.org/hooks/STU1/order-sign.html
 */
export interface OrderSignContext {
  /** `Practitioner/…` or `PractitionerRole/…`. */
  readonly userId: string;
  /** `Patient.id` of the patient in context. */
  readonly patientId: string;
  /** `Encounter.id` of the encounter in context. */
  readonly encounterId?: string;
  /** The orders to be signed; on re-signing their status need not be `draft`. */
  readonly draftOrders: Bundle;
}
