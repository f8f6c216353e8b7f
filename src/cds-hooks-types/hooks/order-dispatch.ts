import type { Task } from '@medplum/fhirtypes';

/**
 * A performer is being chosen for existing orders; nobody need be at a screen. Hook version 1.1, maturity 0.
 * @see https://cds-hooks.hl7.org/hooks/STU1/order-dispatch.html
 */
export interface OrderDispatchContext {
  /** `Patient.id` of the patient in context. */
  readonly patientId: string;
  /** Relative references of the orders to be fulfilled, e.g. `ServiceRequest/123`. */
  readonly dispatchedOrders: readonly string[];
  /** Relative reference of who is asked to fulfil them. */
  readonly performer: string;
  /** One per order, with timing and limits. */
  readonly fulfillmentTasks?: readonly Task[];
}
