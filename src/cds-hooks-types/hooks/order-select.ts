import type { Bundle } from '@medplum/fhirtypes';

/**
 * The user has picked orders, not yet complete ones. Hook version 1.0, maturity 4.
 * @see https://cds-hooks.hl7.org/hooks/STU1/order-select.html
 */
export interface OrderSelectContext {
  /** `Practitioner/…` or `PractitionerRole/…`. */
  readonly userId: string;
  /** `Patient.id` of the patient in context. */
  readonly patientId: string;
  /** `Encounter.id` of the encounter in context. */
  readonly encounterId?: string;
  /** Relative references of the newly picked orders within `draftOrders`. */
  readonly selections: readonly string[];
  /** All unsigned orders, the picked ones included. */
  readonly draftOrders: Bundle;
}
