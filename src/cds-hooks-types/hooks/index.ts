import type { AllergyIntoleranceCreateContext } from './allergyintolerance-create.ts';
import type { AppointmentBookContext } from './appointment-book.ts';
import type { EncounterDischargeContext } from './encounter-discharge.ts';
import type { EncounterStartContext } from './encounter-start.ts';
import type { MedicationRefillContext } from './medication-refill.ts';
import type { MedicationVerifyContext } from './medication-verify.ts';
import type { OrderDispatchContext } from './order-dispatch.ts';
import type { OrderSelectContext } from './order-select.ts';
import type { OrderSignContext } from './order-sign.ts';
import type { PatientViewContext } from './patient-view.ts';
import type { ProblemListItemCreateContext } from './problem-list-item-create.ts';

export type * from './allergyintolerance-create.ts';
export type * from './appointment-book.ts';
export type * from './encounter-discharge.ts';
export type * from './encounter-start.ts';
export type * from './medication-refill.ts';
export type * from './medication-verify.ts';
export type * from './order-dispatch.ts';
export type * from './order-select.ts';
export type * from './order-sign.ts';
export type * from './patient-view.ts';
export type * from './problem-list-item-create.ts';

/**
 * Hook → its context: every hook of the CDS Hooks library that is not deprecated.
 * @see https://cds-hooks.hl7.org/hooks/
 */
export interface HookContexts {
  'allergyintolerance-create': AllergyIntoleranceCreateContext;
  'appointment-book': AppointmentBookContext;
  'encounter-discharge': EncounterDischargeContext;
  'encounter-start': EncounterStartContext;
  'medication-refill': MedicationRefillContext;
  'medication-verify': MedicationVerifyContext;
  'order-dispatch': OrderDispatchContext;
  'order-select': OrderSelectContext;
  'order-sign': OrderSignContext;
  'patient-view': PatientViewContext;
  'problem-list-item-create': ProblemListItemCreateContext;
}

/**
 * A hook of the library.
 * @see https://cds-hooks.hl7.org/hooks/
 */
export type HookName = keyof HookContexts;

/**
 * A hook of the library, or one of a vendor's own.
 * @see https://cds-hooks.hl7.org/2.0/#hooks
 */
export type AnyHookName = HookName | (string & Record<never, never>);
