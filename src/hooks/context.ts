import type { HookName } from 'cds-hooks-types';
import { z } from 'zod';
import { isFhirId } from '../fhir/base.ts';

/** Present means not empty (J2). */
const text = z.string().min(1).max(1024);
const id = z.string().refine(isFhirId);
const references = z.array(text).min(1);
const resource = (type: string) => z.looseObject({ resourceType: z.literal(type) });

/** `type` is not asked for, nor any element of an order: real clients leave both out. */
const bundle = z.looseObject({
  resourceType: z.literal('Bundle'),
  entry: z.array(z.looseObject({ resource: z.looseObject({ resourceType: text }) })).optional(),
});

const atScreen = { userId: text, patientId: id, encounterId: id.optional() };
const inEncounter = { userId: text, patientId: id, encounterId: id };

/**
 * The context each hook requires (CDS Hooks Library). Unknown fields pass; what is missing, null, empty or of
 * a wrong type does not.
 */
export const contexts = {
  'allergyintolerance-create': z.looseObject({
    ...atScreen,
    allergyIntolerance: resource('AllergyIntolerance'),
  }),
  'appointment-book': z.looseObject({ ...atScreen, appointments: bundle }),
  'encounter-discharge': z.looseObject(inEncounter),
  'encounter-start': z.looseObject(inEncounter),
  'medication-refill': z.looseObject({ ...atScreen, userId: text.optional(), medications: bundle }),
  'medication-verify': z.looseObject({ ...atScreen, medication: resource('MedicationRequest') }),
  'order-dispatch': z.looseObject({
    patientId: id,
    dispatchedOrders: references,
    performer: text,
    fulfillmentTasks: z.array(resource('Task')).min(1).optional(),
  }),
  'order-select': z.looseObject({ ...atScreen, selections: references, draftOrders: bundle }),
  'order-sign': z.looseObject({ ...atScreen, draftOrders: bundle }),
  'patient-view': z.looseObject(atScreen),
  'problem-list-item-create': z.looseObject({ ...atScreen, conditions: bundle }),
} as const satisfies Record<HookName, z.ZodType>;

export const isHookName = (name: string): name is HookName => Object.hasOwn(contexts, name);
