import type { Bundle, Condition } from '@medplum/fhirtypes';

/**
 * Problems have been added to the problem list. Hook version 0.1.0, maturity 1.
 * @see https://cds-hooks.hl7.org/hooks/STU1/problem-list-item-create.html
 */
export interface ProblemListItemCreateContext {
  /** `Practitioner/…` or `PractitionerRole/…`. */
  readonly userId: string;
  /** `Patient.id` of the patient in context. */
  readonly patientId: string;
  /** `Encounter.id` of the encounter in context. */
  readonly encounterId?: string;
  /** The new conditions, category `problem-list-item`. */
  readonly conditions: Bundle<Condition>;
}
